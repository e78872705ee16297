"""lamina.nn.utils.parametrizations.orthogonal."""
import pytest
from support.scenarios import kind_of_error, numbers, ramp, same

SHAPES = [(3, 3), (5, 3), (3, 5), (2, 4, 3), (2, 3, 3), (1, 1), (4, 1)]


class Holder:
    """A module with a weight of a shape, whose output is the weight times the input."""

    def __new__(cls, t, *shape):
        class Weighted(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = t.nn.Parameter(ramp(t, *shape) + t.eye(*shape[-2:], dtype=t.float64))

            def forward(self, x):
                return x @ self.weight

        return Weighted()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("map", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("trivialized", [True, False])
def test_training(shape, map, trivialized):
    def scenario(t):
        t.manual_seed(4)
        net = Holder(t, *shape)
        assert t.nn.utils.parametrizations.orthogonal(net, "weight", map, use_trivialization=trivialized) is net
        first = numbers(net.weight), list(net.state_dict()), repr(net)
        x, out = ramp(t, 2, shape[-2]), []
        optimizer = t.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            y = net(x)
            y.backward(ramp(t, *y.shape) + 0.5)
            out.append((numbers(y), numbers(net.parametrizations.weight.original.grad)))
            optimizer.step()
        q = net.weight.detach()
        q = q if shape[-2] >= shape[-1] else q.mT
        error = (q.mT @ q - t.eye(q.shape[-1], dtype=q.dtype)).abs().max()
        t.nn.utils.parametrize.remove_parametrizations(net, "weight")
        return first, out, numbers(net.weight), bool(error < 1e-12)

    assert same(scenario)[-1]


def test_layers():
    def scenario(t):
        t.manual_seed(4)
        linear, cell = t.nn.Linear(4, 3).double(), t.nn.RNNCell(3, 3).double()
        for p in (*linear.parameters(), *cell.parameters()):
            p.data.copy_(ramp(t, *p.shape))
        orthogonal = t.nn.utils.parametrizations.orthogonal
        orthogonal(linear), orthogonal(cell, "weight_hh")
        h = None
        with t.nn.utils.parametrize.cached():
            for _ in range(3):
                h = cell(linear(ramp(t, 2, 4)), h)
        h.backward(ramp(t, 2, 3))
        return repr(linear), numbers(h), numbers(linear.parametrizations.weight.original.grad), \
            numbers(cell.parametrizations.weight_hh.original.grad)

    same(scenario)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("map, trivialized", [
    ("matrix_exp", True), ("cayley", True), ("householder", True), ("householder", False),
])
def test_assigning(shape, map, trivialized):
    def scenario(t):
        t.manual_seed(4)
        net = Holder(t, *shape)
        t.nn.utils.parametrizations.orthogonal(net, "weight", map, use_trivialization=trivialized)
        q, _ = t.linalg.qr((ramp(t, *shape) + 1) if shape[-2] >= shape[-1] else (ramp(t, *shape) + 1).mT)
        net.weight = q if shape[-2] >= shape[-1] else q.mT
        close = bool((net.weight.abs() - (q if shape[-2] >= shape[-1] else q.mT).abs()).abs().max() < 1e-12)
        return close, numbers(net.weight), numbers(net.parametrizations.weight.original)

    assert same(scenario)[0]


def test_state():
    def scenario(t):
        t.manual_seed(4)
        first, second = Holder(t, 3, 3), Holder(t, 3, 3)
        for net in (first, second):
            t.nn.utils.parametrizations.orthogonal(net)
        with t.no_grad():
            first.parametrizations.weight.original.add_(ramp(t, 3, 3))
        return str(second.load_state_dict(first.state_dict())), numbers(second.weight) == numbers(first.weight)

    assert same(scenario)[1]


@pytest.mark.parametrize("use", [
    lambda t, o: o(t.nn.Linear(2, 2), "none"),
    lambda t, o: o(t.nn.Linear(2, 2), "bias"),
    lambda t, o: o(t.nn.Linear(2, 2), orthogonal_map="qr"),
    lambda t, o: o(t.nn.ReLU()),
    lambda t, o: setattr(o(t.nn.Linear(2, 2)), "weight", t.ones(3, 2)),
    lambda t, o: setattr(o(t.nn.Linear(2, 2), orthogonal_map="cayley", use_trivialization=False), "weight", t.eye(2)),
])
def test_refused(use):
    assert same(lambda t: kind_of_error(lambda: use(t, t.nn.utils.parametrizations.orthogonal))) is not None

"""lamina.func.functional_call and stack_module_state: modules as functions of their parameters."""
import warnings

import pytest
from support.scenarios import kind_of_error, numbers, ramp, same


def net_of(t):
    t.manual_seed(2)
    net = t.nn.Sequential(t.nn.Linear(3, 4), t.nn.BatchNorm1d(4), t.nn.Sequential(t.nn.Linear(4, 2))).double()
    return net


def values(t, net, names):
    return {name: ramp(t, *net.state_dict()[name].shape).requires_grad_() for name in names}


def test_gradients_reach_the_given_tensors():
    def scenario(t):
        net = net_of(t)
        before = [numbers(v) for v in net.state_dict().values()]
        given = values(t, net, ["0.weight", "0.bias", "2.0.weight"])
        inner = {name: value * 2 for name, value in given.items()}  # not leaves, as in meta-learning
        x = ramp(t, 5, 3)
        y = t.func.functional_call(net, inner, x)
        y.backward(ramp(t, 5, 2))
        return (
            numbers(y), [numbers(v.grad) for v in given.values()], net[0].weight.grad, numbers(net[2][0].bias.grad),
            before[0] == numbers(net[0].weight), [n for n, _ in net.named_parameters()],
            [type(p).__name__ for p in net.parameters()],
        )

    same(scenario)


def test_buffers_and_several_dictionaries():
    def scenario(t):
        net = net_of(t)
        buffers = {name: value.clone() for name, value in net.named_buffers()}
        kept = dict(net.named_buffers())
        parameters = {name: value.detach() for name, value in net.named_parameters()}
        y = t.func.functional_call(net, (parameters, buffers), (ramp(t, 5, 3),), strict=True)
        return (
            numbers(y), y.requires_grad, {n: numbers(v) for n, v in buffers.items()},
            [numbers(v) for v in net.buffers()], all(kept[n] is v for n, v in net.named_buffers()),
        )

    same(scenario)


def test_keywords_and_what_forward_assigns():
    def scenario(t):
        class Net(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("count", t.zeros(1))
                self.scale = t.nn.Parameter(t.ones(1))

            def forward(self, x, *, twice=False):
                self.count = self.count + 1
                return x * self.scale * (2 if twice else 1) + self.count

        net = Net()
        given = {"count": t.full((1,), 5.0), "other": t.ones(1)}
        y = t.func.functional_call(net, given, t.ones(1), {"twice": True})
        none = t.func.functional_call(t.nn.Identity(), {}, (t.ones(2),))
        return y.tolist(), given["count"].tolist(), net.count.tolist(), hasattr(net, "other"), none.tolist()

    same(scenario)


@pytest.mark.parametrize("tie", [True, False])
def test_tied_tensors(tie):
    def scenario(t):
        net = t.nn.Sequential(t.nn.Linear(2, 2, bias=False), t.nn.Linear(2, 2, bias=False)).double()
        net[1].weight = net[0].weight
        with t.no_grad():
            net[0].weight.copy_(ramp(t, 2, 2))
        x, new = ramp(t, 1, 2), ramp(t, 2, 2) + 1
        call = t.func.functional_call
        both = {"0.weight": new, "1.weight": new}
        return (
            numbers(call(net, {"0.weight": new}, x, tie_weights=tie)), numbers(call(net, both, x, tie_weights=tie)),
            kind_of_error(lambda: call(net, {"0.weight": new, "1.weight": new + 1}, x, tie_weights=tie)),
            net[0].weight is net[1].weight,
        )

    same(scenario)


def test_training_step_by_step():
    def scenario(t):
        net = net_of(t).eval()
        parameters = {n: p.detach().clone().requires_grad_() for n, p in net.named_parameters()}
        losses = []
        for _ in range(3):
            loss = (t.func.functional_call(net, parameters, ramp(t, 5, 3)) ** 2).mean()
            grads = t.autograd.grad(loss, list(parameters.values()))
            parameters = {n: (p - 0.1 * g).detach().requires_grad_() for (n, p), g in zip(parameters.items(), grads)}
            losses.append(loss)
        return [numbers(loss) for loss in losses]

    same(scenario)


def test_through_an_inner_step():
    def scenario(t):
        net = t.nn.Linear(3, 1).double()
        with t.no_grad():
            net.weight.copy_(ramp(t, 1, 3)), net.bias.zero_()
        parameters = dict(net.named_parameters())
        inner = (t.func.functional_call(net, parameters, ramp(t, 4, 3)) ** 2).mean()
        grads = t.autograd.grad(inner, list(parameters.values()), create_graph=True)
        moved = {n: p - 0.1 * g for (n, p), g in zip(parameters.items(), grads)}
        (t.func.functional_call(net, moved, ramp(t, 4, 3).cos()) ** 2).mean().backward()
        return numbers(net.weight.grad), numbers(net.bias.grad)

    same(scenario)


def test_parametrized():
    def scenario(t):
        class Twice(t.nn.Module):
            def forward(self, x):
                return 2 * x

        net = t.nn.Linear(3, 2, bias=False).double()
        t.nn.utils.parametrize.register_parametrization(net, "weight", Twice())
        given = {"parametrizations.weight.original": ramp(t, 2, 3).requires_grad_()}
        y = t.func.functional_call(net, given, ramp(t, 4, 3))
        y.backward(ramp(t, 4, 2))
        return numbers(y), [numbers(v.grad) for v in given.values()]

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, call, net, x: call(net, 3, x),
    lambda t, call, net, x: call(net, [3], x),
    lambda t, call, net, x: call(net, ({"0.bias": t.ones(4)}, {"0.bias": t.ones(4)}), x),
    lambda t, call, net, x: call(net, {"0.weight": ramp(t, 4, 2)}, x),
    lambda t, call, net, x: call(net, {"0.weight": 3}, x),
    lambda t, call, net, x: call(net, {"7.weight": x}, x),
    lambda t, call, net, x: call(net, {"0.weight.data": x}, x),
    lambda t, call, net, x: call(net, {"0.in_features": x}, x),
    lambda t, call, net, x: call(net, {"": x}, x),
    lambda t, call, net, x: call(net, {"0.weight": ramp(t, 4, 3)}, x, strict=True),
    lambda t, call, net, x: call(net, {**dict(net.named_parameters()), **dict(net.named_buffers()), "z": x}, x, strict=True),
    lambda t, call, net, x: t.func.stack_module_state([]),
    lambda t, call, net, x: t.func.stack_module_state([net, net_of(t).eval()]),
    lambda t, call, net, x: t.func.stack_module_state([net, t.nn.Linear(1, 1)]),
    lambda t, call, net, x: t.func.stack_module_state([net, net_of(t).requires_grad_(False)]),
])
def test_refused(use):
    def scenario(t):
        net = net_of(t)
        before = [(n, id(v)) for n, v in net.state_dict(keep_vars=True).items()]
        error = kind_of_error(lambda: use(t, t.func.functional_call, net, ramp(t, 5, 3)))
        return error, before == [(n, id(v)) for n, v in net.state_dict(keep_vars=True).items()]

    error, untouched = same(scenario)
    assert error is not None and untouched


def test_stacking():
    def scenario(t):
        models = [net_of(t) for _ in range(3)]
        parameters, buffers = t.func.stack_module_state(models)
        return (
            {n: numbers(v) for n, v in parameters.items()}, {n: numbers(v) for n, v in buffers.items()},
            [(v.is_leaf, v.requires_grad) for v in parameters.values()],
        )

    same(scenario)


def test_the_older_place():
    def scenario(t):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            y = t.nn.utils.stateless.functional_call(net_of(t).eval(), {"0.bias": ramp(t, 4)}, ramp(t, 5, 3))
        return numbers(y), [w.category.__name__ for w in seen]

    assert same(scenario)[1] == ["FutureWarning"]


def test_none_and_what_is_no_tensor():
    def scenario(t):
        net = t.nn.Linear(3, 2).double()
        net.note = 0.5
        with t.no_grad():
            net.weight.copy_(ramp(t, 2, 3))
        plain = t.nn.Linear(3, 2, bias=False).double()
        call, x = t.func.functional_call, ramp(t, 1, 3)
        with t.no_grad():
            plain.weight.copy_(ramp(t, 2, 3))
        return (
            numbers(call(net, {"bias": None}, x)), numbers(call(plain, {"bias": ramp(t, 2)}, x)), plain.bias,
            kind_of_error(lambda: call(net, {"weight": ramp(t, 2, 3), "note": x}, x)), net.note,
            kind_of_error(lambda: call(net, {"weight": ramp(t, 2, 3), "other.bias": x}, x)), numbers(net.weight),
            kind_of_error(lambda: call(net, {}, ramp(t, 5, 7))), [n for n, _ in net.named_parameters()],
        )

    same(scenario)


@pytest.mark.parametrize("tie", [True, False])
@pytest.mark.parametrize("names", [
    ["a.weight", "a.bias", "count"], ["a.weight", "count"], ["a.weight", "a.bias", "count", "other"],
    ["a.weight", "a.bias", "count", "bias", "again"],
])
def test_strict_with_tied_tensors(tie, names):
    def scenario(t):
        class Tied(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = t.nn.Linear(1, 1)
                self.bias = self.a.bias
                self.register_buffer("count", t.zeros(1))
                self.register_buffer("again", self.count)

            def forward(self, x):
                return self.a(x) + self.bias + self.count + self.again

        net = Tied().double()
        net.bias, net.again = net.a.bias, net.count
        given = {name: t.full((1, 1) if "weight" in name else (1,), 2.0, dtype=t.float64) for name in names}
        for one, two in (("bias", "a.bias"), ("again", "count")):
            if one in given:
                given[one] = given[two]
        out = []
        error = kind_of_error(lambda: out.append(numbers(
            t.func.functional_call(net, given, ramp(t, 1, 1), tie_weights=tie, strict=True))))
        return error, out, numbers(net.count), net.bias is net.a.bias

    same(scenario)

"""weight_norm and spectral_norm of lamina.nn.utils, as hooks and as parametrizations."""
import copy
import warnings

import lamina
import pytest
from support.scenarios import kind_of_error, numbers, ramp, same

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")
KINDS = [
    ("Linear", (4, 3), (2, 4)), ("Conv2d", (2, 3, 2), (1, 2, 4, 4)), ("ConvTranspose2d", (2, 3, 2), (1, 2, 4, 4)),
    ("ConvTranspose1d", (2, 3, 2), (1, 2, 4)), ("Embedding", (5, 3), None),
]


def layer(t, kind="Linear", args=(4, 3), **options):
    t.manual_seed(3)
    made = getattr(t.nn, kind)(*args, dtype=t.float64, **options)
    with t.no_grad():
        for parameter in made.parameters():
            parameter.copy_(ramp(t, *parameter.shape))
    return made


def steps(t, net, shape):
    """Three steps of training, then eval: outputs, parameters and buffers."""
    x = t.tensor([0, 3, 3]) if shape is None else ramp(t, *shape)
    optimizer = t.optim.SGD(net.parameters(), lr=0.05)
    out = []
    for step in range(3):
        optimizer.zero_grad()
        y = net(x)
        y.backward(ramp(t, *y.shape) + step)
        optimizer.step()
        out.append(numbers(y))
    net.eval()
    out.append(numbers(net(x)))
    return out, [(n, numbers(v)) for n, v in net.state_dict().items()]


@pytest.mark.parametrize("kind, args, shape", KINDS)
@pytest.mark.parametrize("options", [{}, {"dim": 1}, {"dim": -1}, {"dim": None}], ids=str)
@pytest.mark.parametrize("new", [False, True])
def test_weight_norm(kind, args, shape, options, new):
    def scenario(t):
        utils = t.nn.utils.parametrizations if new else t.nn.utils
        net = layer(t, kind, args)
        assert utils.weight_norm(net, **options) is net
        first = [n for n, _ in net.named_parameters()], list(net.state_dict()), repr(net), numbers(net.weight)
        trained = steps(t, net, shape)
        if new:
            t.nn.utils.parametrize.remove_parametrizations(net, "weight")
        else:
            t.nn.utils.remove_weight_norm(net)
        return first, trained, [(n, numbers(p)) for n, p in net.named_parameters()], repr(net), net.weight.is_leaf

    same(scenario)


@pytest.mark.parametrize("kind, args, shape", KINDS)
@pytest.mark.parametrize("options", [{}, {"dim": 1}, {"n_power_iterations": 3}, {"eps": 0.5}], ids=str)
@pytest.mark.parametrize("new", [False, True])
def test_spectral_norm(kind, args, shape, options, new):
    def scenario(t):
        utils = t.nn.utils.parametrizations if new else t.nn.utils
        net = layer(t, kind, args)
        assert utils.spectral_norm(net, **options) is net
        first = [n for n, _ in net.named_parameters()], list(net.state_dict()), repr(net), numbers(net.weight)
        trained = steps(t, net, shape)
        if new:
            t.nn.utils.parametrize.remove_parametrizations(net, "weight")
        else:
            t.nn.utils.remove_spectral_norm(net)
        return (first, trained, [(n, numbers(p)) for n, p in net.named_parameters()], repr(net), list(net.state_dict()),
                len(net._forward_pre_hooks), len(net._state_dict_hooks))

    same(scenario)


@pytest.mark.parametrize("new", [False, True])
def test_two_forwards_before_the_backward(new):
    def scenario(t):
        net = (t.nn.utils.parametrizations if new else t.nn.utils).spectral_norm(layer(t))
        (net(ramp(t, 2, 4)) - 2 * net(ramp(t, 2, 4) + 1)).backward(ramp(t, 2, 3))
        return [numbers(p.grad) for p in net.parameters()]

    same(scenario)


def test_other_tensors():
    def scenario(t):
        lstm = layer(t, "LSTM", (3, 2))
        for name in ("weight_hh_l0", "weight_ih_l0"):
            t.nn.utils.parametrizations.weight_norm(lstm, name)
        t.nn.utils.parametrizations.spectral_norm(lstm, "bias_hh_l0")
        t.nn.utils.weight_norm(lstm, "bias_ih_l0")
        y, _ = lstm(ramp(t, 4, 3))
        y.backward(ramp(t, 4, 2))
        return numbers(y), [(n, numbers(p.grad)) for n, p in lstm.named_parameters()]

    same(scenario)


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
@pytest.mark.parametrize("new", [False, True])
def test_copies_and_state(name, new):
    def scenario(t):
        utils = t.nn.utils.parametrizations if new else t.nn.utils
        net = t.nn.Sequential(getattr(utils, name)(layer(t)))
        if not new:
            with t.no_grad():
                net[0].weight = net[0].weight.detach()
        twin = copy.deepcopy(net)
        with t.no_grad():
            for p in twin.parameters():
                p.add_(1)
        one, two = numbers(net(ramp(t, 2, 4))), numbers(twin(ramp(t, 2, 4)))
        matched = str(net.load_state_dict(twin.state_dict()))
        net.eval(), twin.eval()
        return one, two, matched, numbers(net(ramp(t, 2, 4))), numbers(twin(ramp(t, 2, 4))), \
            [sorted(m) for m in twin.state_dict()._metadata.values()]

    same(scenario)


def test_old_checkpoints():
    def scenario(t):
        old = t.nn.Sequential(t.nn.utils.weight_norm(layer(t)))
        with t.no_grad():
            old[0].weight_g.mul_(3)
        new = t.nn.Sequential(t.nn.utils.parametrizations.weight_norm(layer(t)))
        matched = str(new.load_state_dict(old.state_dict()))
        return matched, numbers(new(ramp(t, 2, 4)))

    same(scenario)


def test_a_checkpoint_from_before_v_was_stored():
    def scenario(t):
        net = t.nn.utils.spectral_norm(layer(t, bias=False))
        net(ramp(t, 2, 4))
        state = net.state_dict()
        state["weight"] = net.weight.detach()
        del state["weight_v"]
        del state._metadata[""]["spectral_norm"]
        again = t.nn.utils.spectral_norm(layer(t, bias=False))
        loaded = str(again.load_state_dict(state))
        again.eval()
        del state["weight_u"]
        missing = again.load_state_dict(dict(state), strict=False).missing_keys
        return loaded, numbers(again(ramp(t, 2, 4))), numbers(again.weight_v), missing

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, u, p: u.weight_norm(u.weight_norm(layer(t))),
    lambda t, u, p: u.weight_norm(t.nn.LazyLinear(3)),
    lambda t, u, p: u.spectral_norm(t.nn.LazyLinear(3)),
    lambda t, u, p: u.spectral_norm(layer(t, bias=False), "bias"),
    lambda t, u, p: u.spectral_norm(u.spectral_norm(layer(t))),
    lambda t, u, p: u.spectral_norm(layer(t), n_power_iterations=0),
    lambda t, u, p: u.spectral_norm(layer(t), "none"),
    lambda t, u, p: u.remove_weight_norm(layer(t)),
    lambda t, u, p: u.remove_spectral_norm(layer(t)),
    lambda t, u, p: p.weight_norm(layer(t), "none"),
    lambda t, u, p: p.spectral_norm(layer(t), "none"),
    lambda t, u, p: p.spectral_norm(layer(t), n_power_iterations=0),
    lambda t, u, p: p.spectral_norm(layer(t), dim=2),
    lambda t, u, p: p.spectral_norm(layer(t), dim=-3),
])
def test_refused(use):
    assert same(lambda t: kind_of_error(lambda: use(t, t.nn.utils, t.nn.utils.parametrizations))) is not None


def test_module_paths_and_the_warning():
    def scenario(t):
        from importlib import import_module

        module = {name: import_module(f"{t.__name__}.nn.utils.{name}") for name in ("weight_norm", "spectral_norm")}
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            t.nn.utils.weight_norm(layer(t))
        return module["weight_norm"].WeightNorm.__name__, module["spectral_norm"].SpectralNorm("w", 2, 1).dim, \
            [w.category.__name__ for w in seen], t.nn.utils.weight_norm is module["weight_norm"].weight_norm

    assert same(scenario) == ("WeightNorm", 1, ["FutureWarning"], True)


def test_the_functions_under_it():
    def scenario(t):
        v, g = ramp(t, 2, 3, 4), ramp(t, 1, 3, 1)
        return [numbers(t.norm_except_dim(v, pow, dim)) for pow in (1, 2, 3) for dim in (-1, 0, 1, 2)], \
            numbers(t._weight_norm(v, g, 1)), t.norm_except_dim(v).shape == (2, 1, 1)

    same(scenario)


def test_second_derivatives_where_pytorchs_are_wrong():
    def squared_gradients(values):
        v = lamina.tensor(values, dtype=lamina.float64, requires_grad=True)
        g = lamina.ones(2, 1, dtype=lamina.float64, requires_grad=True)
        grads = lamina.autograd.grad((lamina._weight_norm(v, g) ** 3).sum(), [v, g], create_graph=True)
        return sum((grad * grad).sum() for grad in grads), v

    rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    loss, v = squared_gradients(rows)
    gradient, = lamina.autograd.grad(loss, v)
    for i in range(2):
        for j in range(3):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [row[:] for row in rows]
                moved[i][j] += step
                ends.append(squared_gradients(moved)[0].item())
            assert gradient[i, j].item() == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(dtype):
    def scenario(t):
        v, g = (x.to(getattr(t, dtype)) for x in (ramp(t, 3, 4), ramp(t, 3, 1)))
        return t._weight_norm(v, g).tolist()

    same(scenario)


def test_spectral_norm_again_and_beside_itself():
    def scenario(t):
        norm, remove = t.nn.utils.parametrizations.spectral_norm, t.nn.utils.parametrize.remove_parametrizations
        net = layer(t)
        net.weight.requires_grad_(False)
        norm(net), norm(net), norm(net, "bias")
        y = net(ramp(t, 2, 4))
        remove(net, "bias")
        middle = [n for n, _ in net.named_parameters()], numbers(net.bias)
        net.eval()
        remove(net, "weight")
        return numbers(y), middle, numbers(net(ramp(t, 2, 4))), repr(net), [p.requires_grad for p in net.parameters()]

    same(scenario)

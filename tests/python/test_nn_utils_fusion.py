"""Batch norm folded into layers, modules whose parameters are not drawn, memory formats, and module paths of nn.utils."""
import importlib
import warnings

import lamina
import pytest
from support.scenarios import kind_of_error, numbers, ramp, same


def filled(t, made):
    with t.no_grad():
        for name, tensor in made.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(ramp(t, *tensor.shape) + (1.5 if "var" in name else 0))
    return made.eval()


@pytest.mark.parametrize("kind, args, shape, norm", [
    ("Conv1d", (2, 4, 3), (2, 2, 6), "BatchNorm1d"), ("Conv2d", (2, 4, 3), (2, 2, 6, 6), "BatchNorm2d"),
    ("ConvTranspose2d", (2, 4, 3), (2, 2, 4, 4), "BatchNorm2d"),
    ("Linear", (3, 4), (2, 3), "BatchNorm1d"),
])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_fusing(kind, args, shape, norm, bias, affine):
    def scenario(t):
        layer = filled(t, getattr(t.nn, kind)(*args, bias=bias, dtype=t.float64))
        layer.weight.requires_grad_(affine)
        bn = filled(t, getattr(t.nn, norm)(4, affine=affine, eps=0.01, dtype=t.float64))
        x = ramp(t, *shape)
        if kind == "Linear" and not affine:  # it needs weight and bias
            return kind_of_error(lambda: t.nn.utils.fuse_linear_bn_eval(layer, bn)),
        if kind == "Linear":
            fused = t.nn.utils.fuse_linear_bn_eval(layer, bn)
        else:
            fused = t.nn.utils.fuse_conv_bn_eval(layer, bn, transpose="Transpose" in kind)
        close = bool((fused(x) - bn(layer(x))).abs().max() < 1e-12)
        return close, repr(fused), [(n, numbers(p), p.requires_grad) for n, p in fused.named_parameters()], fused is layer

    assert same(scenario)[0]


def test_fusing_grouped_and_of_one_feature():
    def scenario(t):
        conv = filled(t, t.nn.Conv2d(4, 6, 2, groups=2, dtype=t.float32))
        bn = filled(t, t.nn.BatchNorm2d(6, dtype=t.float64))
        linear, one = filled(t, t.nn.Linear(3, 4, dtype=t.float64)), filled(t, t.nn.BatchNorm1d(1, dtype=t.float64))
        fused = t.nn.utils.fuse_conv_bn_eval(conv, bn)
        return str(fused.weight.dtype)[-7:], [round(v, 5) for v in fused.bias.tolist()], \
            numbers(t.nn.utils.fuse_linear_bn_eval(linear, one).weight)

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, u: u.fuse_conv_bn_eval(t.nn.Conv1d(1, 1, 1), t.nn.BatchNorm1d(1).eval()),
    lambda t, u: u.fuse_conv_bn_eval(t.nn.Conv1d(1, 1, 1).eval(), t.nn.BatchNorm1d(1)),
    lambda t, u: u.fuse_conv_bn_eval(t.nn.Conv1d(1, 1, 1).eval(), t.nn.BatchNorm1d(1, track_running_stats=False).eval()),
    lambda t, u: u.fuse_linear_bn_eval(t.nn.Linear(1, 3), t.nn.BatchNorm1d(3).eval()),
    lambda t, u: u.fuse_linear_bn_eval(t.nn.Linear(1, 3).eval(), t.nn.BatchNorm1d(2).eval()),
    lambda t, u: u.fuse_linear_bn_eval(t.nn.Linear(1, 3).eval(), t.nn.BatchNorm1d(3, track_running_stats=False).eval()),
    lambda t, u: u.skip_init(dict, 3),
    lambda t, u: u.skip_init(t.nn.ReLU),
    lambda t, u: u.skip_init(t.nn.Linear, 3),
])
def test_refused(use):
    assert same(lambda t: kind_of_error(lambda: use(t, t.nn.utils))) is not None


@pytest.mark.parametrize("kind, args, options", [
    ("Linear", (3, 2), {}), ("Conv2d", (2, 3, 2), {"bias": False}),
    ("Embedding", (4, 3), {"padding_idx": 1}), ("MultiheadAttention", (4, 2), {}),
    ("Linear", (3,), {"out_features": 2, "device": "cpu", "dtype": "float64"}),
])
def test_nothing_is_drawn(kind, args, options):
    def scenario(t):
        t.manual_seed(1)
        given = {name: getattr(t, value) if name == "dtype" else value for name, value in options.items()}
        made = t.nn.utils.skip_init(getattr(t.nn, kind), *args, **given)
        return t.rand(3).tolist(), [(n, tuple(p.shape), p.requires_grad) for n, p in made.named_parameters()], repr(made)

    same(scenario)


def test_nothing_is_drawn_for_a_class_of_ones_own():
    def scenario(t):
        class Net(t.nn.Module):
            def __init__(self, size, device=None):
                super().__init__()
                self.first = t.nn.Linear(size, size, device=device)
                self.second = t.nn.Parameter(t.empty(size, size, device=device))
                t.nn.init.normal_(self.second)

        t.manual_seed(1)
        net = t.nn.utils.skip_init(Net, 3)
        return t.rand(3).tolist(), [(n, tuple(p.shape)) for n, p in net.named_parameters()]

    same(scenario)


def test_memory_formats():
    def scenario(t):
        net = t.nn.Sequential(t.nn.Conv2d(2, 3, 2), t.nn.Sequential(t.nn.ConvTranspose2d(3, 2, 2), t.nn.Conv3d(2, 2, 2)))
        values = [p.tolist() for p in net.parameters()]
        assert t.nn.utils.convert_conv2d_weight_memory_format(net, t.channels_last) is net
        assert t.nn.utils.convert_conv3d_weight_memory_format(net, t.channels_last_3d) is net
        return [p.tolist() for p in net.parameters()] == values, [p.is_leaf and p.requires_grad for p in net.parameters()], \
            kind_of_error(lambda: t.nn.utils.convert_conv2d_weight_memory_format(net, 3))

    assert same(scenario)[0]


def test_clipping():
    def scenario(t):
        p = t.nn.Parameter(ramp(t, 4))
        p.grad = ramp(t, 4) * 3
        utils = t.nn.utils
        total = utils.get_total_norm([p.grad], 3)
        utils.clip_grads_with_norm_([p], 2.0, total)
        first = numbers(total), numbers(p.grad)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            utils.clip_grad_norm(p, 0.5, norm_type="inf")
            utils.clip_grad_norm_(t.nn.ReLU().parameters(), 1.0)
        return first, numbers(p.grad), [w.category.__name__ for w in seen]

    assert same(scenario)[2] == ["FutureWarning", "UserWarning"]


@pytest.mark.parametrize("name", [
    "clip_grad", "convert_parameters", "fusion", "init", "memory_format", "parametrizations", "parametrize", "prune",
    "rnn", "spectral_norm", "stateless", "weight_norm",
])
def test_module_paths(name):
    torch = pytest.importorskip("torch")
    module = importlib.import_module(f"lamina.nn.utils.{name}")
    theirs = importlib.import_module(f"torch.nn.utils.{name}")
    public = getattr(theirs, "__all__", None) or [
        n for n, v in vars(theirs).items() if getattr(v, "__module__", None) == theirs.__name__ and not n.startswith("_")
    ]
    assert [n for n in public if not hasattr(module, n)] == []
    assert [n for n in torch.nn.utils.__all__ if not hasattr(lamina.nn.utils, n)] == []

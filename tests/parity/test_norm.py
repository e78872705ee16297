"""Normalisation, dropout, embedding and losses against PyTorch itself, for what no case can say."""
import itertools

import lamina
import numpy as np
import pytest
import torch
from support import cases


def both(f):
    """What f gives with lamina and with torch, as NumPy arrays."""
    return [[cases.numpy(t) for t in f(library)] for library in (lamina, torch)]


def expect_same(f, tolerance=1e-9):
    ours, theirs = both(f)
    problem = cases.difference({str(i): v for i, v in enumerate(ours)}, {str(i): v for i, v in enumerate(theirs)}, tolerance)
    assert problem is None, problem


def noise(t, shape, seed=1):
    return t.from_numpy(cases.noise(shape, seed).copy())


# ---- batch norm over several batches -------------------------------------------------------------------------------


@pytest.mark.parametrize("momentum, affine, track", itertools.product([0.1, None, 1.0], [True, False], [True, False]))
@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4), (4, 3, 2, 3)])
def test_batches_one_after_another(shape, momentum, affine, track):
    def run(t):
        layer = (t.nn.BatchNorm2d if len(shape) == 4 else t.nn.BatchNorm1d)(3, momentum=momentum, affine=affine, track_running_stats=track)
        layer = layer.to(t.float64)
        results = []
        for k in range(4):
            layer.train(k != 2)
            x = (noise(t, shape, k) + k).requires_grad_()
            y = layer(x)
            results += [y, *t.autograd.grad(y, [x, *layer.parameters()], noise(t, shape, 9))]
        return results + list(layer.buffers())
    expect_same(run)


def test_statistics_may_be_missing_or_replaced():
    def run(t):
        layer = t.nn.BatchNorm1d(3).to(t.float64)
        layer.running_mean = layer.running_var = None
        layer.eval()
        first = layer(noise(t, (4, 3)))
        layer.running_mean, layer.running_var = noise(t, (3,), 2), noise(t, (3,), 3).abs()
        return [first, layer(noise(t, (4, 3)))]
    expect_same(run)


def test_one_value_per_channel_names_the_size():
    messages = []
    for t in (lamina, torch):
        with pytest.raises(ValueError) as caught:
            t.nn.BatchNorm1d(3)(t.ones(1, 3))
        messages.append(str(caught.value))
    assert messages[1] in messages[0]


# ---- dropout -------------------------------------------------------------------------------------------------------


@pytest.fixture
def match_torch():
    lamina.random.match_torch(True)
    yield
    lamina.random.match_torch(False)


LAYOUTS = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.transpose(0, 2),
    "sliced": lambda x: x[:, ::2],
    "permuted and sliced": lambda x: x.permute(2, 0, 1)[::2],
    "expanded": lambda x: x[:, :1].expand(3, 4, 5),
}


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("inplace", [False, True])
def test_torchs_own_masks(match_torch, p, layout, inplace):
    if inplace and layout == "expanded":
        pytest.skip("torch refuses it, and so do we")

    def run(t):
        t.manual_seed(11)
        leaf = noise(t, (3, 4, 5)).requires_grad_()
        layer = t.nn.Dropout(p, inplace)
        y = layer(LAYOUTS[layout](leaf * 2))
        dx, = t.autograd.grad(y, leaf, noise(t, tuple(y.shape), 2))
        return [y, dx, t.rand(3)]  # the generator is where torch's is
    expect_same(run)


def test_masks_differ_from_call_to_call_and_repeat_with_the_seed():
    layer, x = lamina.nn.Dropout(), lamina.ones(1000)
    lamina.manual_seed(1)
    first, second = layer(x), layer(x)
    lamina.manual_seed(1)
    assert first.tolist() == layer(x).tolist() != second.tolist()
    generator = lamina.get_rng_state().tolist()
    layer.eval()
    assert layer(x) is x and lamina.get_rng_state().tolist() == generator


# ---- embedding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_norm, norm_type", itertools.product([0.5, 2, 0.0], [2.0, 1, 3.5, float("inf"), -1.0, 0.0]))
def test_renormalised_rows_stay(max_norm, norm_type):
    def run(t):
        layer = t.nn.Embedding(5, 3, max_norm=max_norm, norm_type=norm_type).to(t.float64)
        with t.no_grad():
            layer.weight.copy_(noise(t, (5, 3)))
        index = t.tensor([[4, 1], [1, 3]])
        y = layer(index)
        return [y, layer.weight, *t.autograd.grad(y, layer.weight, noise(t, (2, 2, 3), 2))]
    expect_same(run)


@pytest.mark.parametrize("freeze, padding_idx", itertools.product([True, False], [None, 0, -1]))
def test_from_pretrained(freeze, padding_idx):
    def run(t):
        rows = noise(t, (4, 3))
        layer = t.nn.Embedding.from_pretrained(rows, freeze=freeze, padding_idx=padding_idx)
        assert layer.weight.requires_grad is not freeze
        assert layer.weight.data_ptr() == rows.data_ptr()
        return [layer.weight, layer(t.tensor([0, 3, 3]))]
    expect_same(run)
    assert repr(lamina.nn.Embedding.from_pretrained(lamina.ones(4, 3), padding_idx=padding_idx)) == repr(
        torch.nn.Embedding.from_pretrained(torch.ones(4, 3), padding_idx=padding_idx))


# ---- gradients of gradients, names in the graph, 16-bit floats ------------------------------------------------------

INDEX = [0, 3, 2, 3]
FUNCTIONS = {
    "layer_norm": lambda t, x: t.nn.functional.layer_norm(x, [5], noise(t, (5,), 3), noise(t, (5,), 4)),
    "batch_norm": lambda t, x: t.nn.functional.batch_norm(x, None, None, noise(t, (5,), 3), training=True),
    "batch_norm eval": lambda t, x: t.nn.functional.batch_norm(x, noise(t, (5,), 5), noise(t, (5,), 6).abs(), noise(t, (5,), 3)),
    "relu": lambda t, x: t.nn.functional.relu(x) * x,
    "gelu": lambda t, x: t.nn.functional.gelu(x),
    "gelu tanh": lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
    "silu": lambda t, x: t.nn.functional.silu(x),
    "softmax": lambda t, x: t.nn.functional.softmax(x, 1),
    "log_softmax": lambda t, x: t.nn.functional.log_softmax(x, 0),
    "cross_entropy": lambda t, x: t.nn.functional.cross_entropy(x, t.tensor(INDEX), noise(t, (5,), 3).abs()),
    "cross_entropy smooth": lambda t, x: t.nn.functional.cross_entropy(x, t.tensor(INDEX), label_smoothing=0.2, reduction="none"),
    "cross_entropy soft": lambda t, x: t.nn.functional.cross_entropy(x, noise(t, (4, 5), 3).abs(), reduction="sum"),
    "nll_loss": lambda t, x: t.nn.functional.nll_loss(x * x, t.tensor(INDEX)),
    "mse_loss": lambda t, x: t.nn.functional.mse_loss(x, noise(t, (4, 5), 3)),
    "bce": lambda t, x: t.nn.functional.binary_cross_entropy_with_logits(x, noise(t, (4, 5), 3)),
    "embedding": lambda t, x: t.nn.functional.embedding(t.tensor(INDEX), x, padding_idx=2, scale_grad_by_freq=True) ** 2,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives(name):
    if name == "embedding":
        pytest.skip("torch: double backwards does not support scale_grad_by_freq")

    def run(t):
        x = noise(t, (4, 5)).requires_grad_()
        y = FUNCTIONS[name](t, x)
        cotangent = noise(t, tuple(y.shape), 2).requires_grad_()
        dx, = t.autograd.grad(y, x, cotangent, create_graph=True)
        second = t.autograd.grad(dx, [x, cotangent], noise(t, (4, 5), 7), allow_unused=True)
        return [y, dx, t.zeros_like(x) if second[0] is None else second[0], second[1]]  # none where dx is constant in x
    expect_same(run)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("bce", "l1_loss")])
def test_names_in_the_graph(name):
    shown = [FUNCTIONS[name](t, noise(t, (4, 5)).requires_grad_()).grad_fn.name() for t in (lamina, torch)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "relu", "gelu", "silu", "softmax", "log_softmax", "cross_entropy", "mse_loss"])
def test_sixteen_bits(name, dtype):
    def run(t):
        narrow = getattr(t, dtype)
        calls = {
            "layer_norm": lambda x: t.nn.functional.layer_norm(x, [5], noise(t, (5,), 3).to(narrow)),
            "batch_norm": lambda x: t.nn.functional.batch_norm(x, None, None, noise(t, (5,), 3).to(narrow), training=True),
            "softmax": lambda x: t.nn.functional.softmax(x, 1),
            "log_softmax": lambda x: t.nn.functional.log_softmax(x, 1),
            "cross_entropy": lambda x: t.nn.functional.cross_entropy(x, t.tensor(INDEX)),
            "mse_loss": lambda x: t.nn.functional.mse_loss(x, noise(t, (4, 5), 3).to(narrow)),
        }
        x = noise(t, (4, 5)).to(narrow).requires_grad_()
        y = calls.get(name, lambda x: getattr(t.nn.functional, name)(x))(x)
        assert y.dtype == narrow
        dx, = t.autograd.grad(y, x, noise(t, tuple(y.shape), 2).to(narrow))
        return [y.to(t.float32), dx.to(t.float32)]
    expect_same(run, 2e-2 if dtype == "bfloat16" else 2e-3)


def test_state_goes_both_ways():
    ours, theirs = lamina.nn.BatchNorm2d(3), torch.nn.BatchNorm2d(3)
    theirs(torch.randn(4, 3, 2, 2))
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict({k: lamina.tensor(v.tolist()) for k, v in state.items()})
    assert int(ours.num_batches_tracked) == 1 and ours.num_batches_tracked.dtype == lamina.int64
    x = torch.randn(2, 3, 2, 2)
    ours.eval(), theirs.eval()
    np.testing.assert_allclose(cases.numpy(ours(lamina.tensor(x.tolist()))), theirs(x).detach().numpy(), atol=1e-6)

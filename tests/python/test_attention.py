"""MultiheadAttention as Python sees it: attributes, copies, hooks, training, errors; scaled_dot_product_attention's memory."""
import copy
import pickle
import resource

import lamina
import numpy as np
import pytest
from lamina import nn


def attention(**options):
    lamina.manual_seed(0)
    return nn.MultiheadAttention(8, 2, **options)


def test_attributes_are_those_of_torch():
    layer = attention(dropout=0.25, kdim=3, batch_first=True)
    assert (layer.embed_dim, layer.num_heads, layer.head_dim, layer.kdim, layer.vdim) == (8, 2, 4, 3, 8)
    assert (layer.dropout, layer.batch_first, layer.add_zero_attn, layer._qkv_same_embed_dim) == (0.25, True, False, False)
    assert layer.in_proj_weight is None and layer.bias_k is None and layer.k_proj_weight.shape == (8, 3)
    assert [n for n, _ in layer.named_parameters()] == [
        "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
    assert isinstance(layer.out_proj, nn.Linear) and layer.out_proj.in_features == 8
    assert repr(layer) == ("MultiheadAttention(\n  (out_proj): NonDynamicallyQuantizableLinear("
                           "in_features=8, out_features=8, bias=True)\n)")


def test_weights_are_none_when_nobody_needs_them():
    x = lamina.randn(3, 2, 8)
    layer = attention()
    output, weights = layer(x, x, x)
    again, none = layer(x, x, x, need_weights=False)
    assert none is None and weights.shape == (2, 3, 3) and lamina.allclose(output, again, atol=1e-6)
    assert lamina.allclose(weights.sum(-1), lamina.ones(2, 3), atol=1e-6)
    assert layer(x, x, x, average_attn_weights=False)[1].shape == (2, 2, 3, 3)


@pytest.mark.parametrize("other", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("options", [{}, {"kdim": 3, "add_bias_kv": True}, {"bias": False, "batch_first": True}])
def test_copies_compute_the_same_and_are_apart(other, options):
    layer = attention(**options)
    twin = other(layer)
    q, k, v = lamina.randn(3, 2, 8), lamina.randn(3, 2, options.get("kdim", 8)), lamina.randn(3, 2, 8)
    assert lamina.equal(layer(q, k, v)[0], twin(q, k, v)[0]) and repr(twin) == repr(layer)
    assert type(twin.out_proj) is type(layer.out_proj) and twin.batch_first == layer.batch_first
    with lamina.no_grad():
        twin.out_proj.weight.zero_()
    assert layer.out_proj.weight.abs().sum() > 0


def test_state_goes_from_one_to_another():
    layer, other = attention(add_bias_kv=True), nn.MultiheadAttention(8, 2, add_bias_kv=True)
    assert other.load_state_dict(layer.state_dict()).missing_keys == []
    x = lamina.randn(3, 2, 8)
    assert lamina.equal(layer(x, x, x)[0], other(x, x, x)[0])


def test_hooks_see_arguments_and_the_pair():
    layer, seen = attention(), []
    layer.register_forward_pre_hook(lambda m, args, kwargs: seen.append((len(args), sorted(kwargs))), with_kwargs=True)
    layer.register_forward_hook(lambda m, args, output: seen.append(type(output)))
    x = lamina.randn(3, 2, 8)
    layer(x, x, value=x, need_weights=False)
    assert seen == [(2, ["need_weights", "value"]), tuple]


def test_out_proj_may_be_replaced():
    layer = attention()
    x = lamina.randn(3, 2, 8)
    layer.out_proj = nn.Linear(8, 5)
    assert layer(x, x, x)[0].shape == (3, 2, 5)
    del layer.out_proj
    with pytest.raises(lamina.Error, match="out_proj is missing"):
        layer(x, x, x)


def test_dropout_acts_in_training_alone():
    layer = attention(dropout=0.5)
    x = lamina.randn(3, 2, 8)
    lamina.manual_seed(1)
    first, weights = layer(x, x, x)
    assert (weights == 0).any() and not lamina.equal(first, layer(x, x, x)[0])
    layer.eval()
    assert lamina.equal(layer(x, x, x)[0], layer(x, x, x)[0])


def test_a_name_in_the_message():
    net = nn.Sequential(nn.Identity())
    net.attention = attention()
    with pytest.raises(lamina.ShapeError, match=r"MultiheadAttention.*key \(3, 2, 7\) must end in kdim=8"):
        net.attention(lamina.ones(3, 2, 8), lamina.ones(3, 2, 7), lamina.ones(3, 2, 7))


def test_a_padded_sample_gives_the_bias_and_no_nan():
    layer = attention()
    x = lamina.randn(3, 2, 8).requires_grad_()
    padding = lamina.tensor([[False] * 3, [True] * 3])
    for need_weights in (True, False):
        output, weights = layer(x, x, x, key_padding_mask=padding, need_weights=need_weights)
        assert lamina.equal(output[:, 1], layer.out_proj.bias.expand(3, 8))
        dx, = lamina.autograd.grad(output, [x], lamina.randn(3, 2, 8))
        assert not dx[:, 1].any() and dx.isfinite().all()


def test_long_sequences_need_no_square_of_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    q = lamina.randn(1, 12000, 8)
    y = nn.functional.scaled_dot_product_attention(q[:, :100], q, q)
    y = nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
    assert np.isfinite(y[0, -1].numpy()).all()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 100, f"{grown} MB: the scores alone would take 550"

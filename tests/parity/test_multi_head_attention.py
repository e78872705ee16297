"""MultiheadAttention against PyTorch, live: all combinations of options, masks and ways to call; errors; fresh weights."""
import itertools
import os

import lamina
import pytest
import torch
from support.cases import difference, noise, numpy

N, L, S, E, HEADS = 2, 4, 5, 8, 2
EVERY = 1 if os.environ.get("LAMINA_ALL_COMBINATIONS") else 17  # all 4,320 take a minute


def combinations():
    layers = itertools.product([True, False], [True, False], [True, False], [None, (5, 6)], [True, False], [True, False])
    calls = list(itertools.product([None, "bool", "float"], [None, "bool", "float", "bool 3-D", "float 3-D"],
                                   ["none", "average", "each"], [True, False]))
    for (bias, add_bias_kv, add_zero_attn, sizes, batch_first, batched), (padding, mask, weights, same) in itertools.product(layers, calls):
        if sizes and same:
            continue
        options = dict(bias=bias, add_bias_kv=add_bias_kv, add_zero_attn=add_zero_attn, batch_first=batch_first)
        if sizes:
            options |= dict(kdim=sizes[0], vdim=sizes[1])
        yield options, batched, padding, mask, weights, same


def mask_of(t, kind, shape, seed):
    if kind is None:
        return None
    values = noise(shape, seed)
    if kind.startswith("float"):
        return t.from_numpy(values).requires_grad_()
    values[..., 0] = 0  # no row is masked everywhere: PyTorch's weights would be NaN
    return t.from_numpy(values > 0.6)


def computed(t, options, batched, padding, mask, weights, same, double=True):
    t.manual_seed(3)
    layer = t.nn.MultiheadAttention(E, HEADS, **options).to(t.float64)
    with t.no_grad():
        for i, p in enumerate(layer.parameters()):
            p.add_(t.from_numpy(noise(tuple(p.shape), i)) * 0.3)
    length = L if same else S

    def shape(steps, size):
        return (steps, size) if not batched else (N, steps, size) if options["batch_first"] else (steps, N, size)
    sizes = [shape(L, E), shape(length, options.get("kdim", E)), shape(length, options.get("vdim", E))]
    q, k, v = (t.from_numpy(noise(s, 7 + i)).requires_grad_() for i, s in enumerate(sizes))
    if same:
        k = v = q
    samples = N if batched else 1
    padding = mask_of(t, padding, (samples, length) if batched else (length,), 3)
    mask = mask_of(t, mask, (samples * HEADS, L, length) if mask and "3-D" in mask else (L, length), 5)
    outputs = layer(q, k, v, key_padding_mask=padding, need_weights=weights != "none", attn_mask=mask,
                    average_attn_weights=weights == "average")
    found = {f"output{i}": numpy(o) for i, o in enumerate(outputs) if o is not None}
    outputs = [o for o in outputs if o is not None]
    sources = [q] + ([] if same else [k, v]) + list(layer.parameters()) + [m for m in (padding, mask) if m is not None and m.requires_grad]
    gradients = t.autograd.grad(outputs, sources, [t.from_numpy(noise(tuple(o.shape), 60 + i)) for i, o in enumerate(outputs)])
    return found | {f"d{i}": numpy(g) for i, g in enumerate(gradients)}, list(layer.state_dict()), repr(layer)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(8))
def test_all_combinations(part):
    for options, *call in list(combinations())[part::8][::EVERY]:
        ours, theirs = (computed(t, options, *call) for t in (lamina, torch))
        assert ours[1:] == theirs[1:]
        problem = difference(ours[0], theirs[0], 1e-9, 1e-3)
        assert problem is None, (options, call, problem)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_second_derivatives(need_weights, same):
    def run(t, need_weights):
        t.manual_seed(1)
        layer = t.nn.MultiheadAttention(E, HEADS, add_bias_kv=True).to(t.float64)
        q, k = (t.from_numpy(noise(s, 7)).requires_grad_() for s in ((L, N, E), (S, N, E)))
        k = q if same else k
        y = layer(q, k, k, need_weights=need_weights)[0]
        parameters = [p for n, p in layer.named_parameters() if n != "out_proj.bias"]  # whose gradient is the cotangent's sum
        first = t.autograd.grad(y, [q, *parameters], t.from_numpy(noise(tuple(y.shape), 2)), create_graph=True)
        cotangents = [t.from_numpy(noise(tuple(g.shape), 20 + i)) for i, g in enumerate(first)]
        second = t.autograd.grad(list(first), [q, layer.in_proj_weight, layer.bias_k, layer.bias_v], cotangents, allow_unused=True)
        return {str(i): numpy(g) for i, g in enumerate([*first, *second])}
    # PyTorch's own attention without weights has no second derivative
    problem = difference(run(lamina, need_weights), run(torch, True), 1e-9, 1e-3)
    assert problem is None, problem


@pytest.mark.parametrize("masked", ["neither", "padding"])
@pytest.mark.parametrize("need_weights", [True, False])
def test_causal_hint(need_weights, masked):
    def run(t):
        t.manual_seed(1)
        layer = t.nn.MultiheadAttention(E, HEADS).to(t.float64)
        x = t.from_numpy(noise((L, N, E), 7))
        padding = t.tensor([[False] * L, [False] * (L - 1) + [True]]) if masked == "padding" else None
        mask = t.ones(L, L, dtype=t.bool).triu(1)
        return {"output": numpy(layer(x, x, x, key_padding_mask=padding, need_weights=need_weights, attn_mask=mask, is_causal=True)[0])}
    assert difference(run(lamina), run(torch), 1e-9) is None


@pytest.mark.parametrize("options", [dict(), dict(bias=False), dict(add_bias_kv=True), dict(kdim=3, vdim=5, add_bias_kv=True), dict(kdim=8, vdim=5)])
def test_fresh_weights_and_what_is_drawn_after(options):
    def fresh(t):
        t.manual_seed(11)
        layer = t.nn.MultiheadAttention(E, HEADS, **options)
        return {k: numpy(v) for k, v in layer.state_dict().items()} | {"next": numpy(t.rand(3))}
    ours, theirs = fresh(lamina), fresh(torch)
    assert list(ours) == list(theirs)
    for name in theirs:
        assert ours[name].tobytes() == theirs[name].tobytes(), name


@pytest.mark.parametrize("need_weights", [True, False])
def test_dropout_as_torch_draws_it(need_weights):
    def run(t):
        t.manual_seed(5)
        layer = t.nn.MultiheadAttention(E, HEADS, dropout=0.4).to(t.float64)
        x = t.from_numpy(noise((L, N, E), 7)).requires_grad_()
        outputs = [o for o in layer(x, x, x, need_weights=need_weights) if o is not None]
        dx, = t.autograd.grad(outputs[0], [x], t.from_numpy(noise((L, N, E), 2)))
        return {str(i): numpy(o) for i, o in enumerate([*outputs, dx])}
    lamina.random.match_torch(True)
    try:
        problem = difference(run(lamina), run(torch), 1e-9)
    finally:
        lamina.random.match_torch(False)
    assert problem is None, problem


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("static", ["k", "v", "both"])
@pytest.mark.parametrize("need_weights", [True, False])
def test_static_keys_and_values(static, need_weights):
    def run(t):
        t.manual_seed(1)
        layer = t.nn.MultiheadAttention(E, HEADS, add_zero_attn=True).to(t.float64)
        q, k = (t.from_numpy(noise(s, 7)) for s in ((L, N, E), (S, N, E)))
        given = {f"static_{n}": t.from_numpy(noise((N * HEADS, S, E // HEADS), 3)) for n in "kv" if static in (n, "both")}
        outputs = t.nn.functional.multi_head_attention_forward(
            q, k, k, E, HEADS, layer.in_proj_weight, layer.in_proj_bias, None, None, True, 0.0, layer.out_proj.weight,
            layer.out_proj.bias, need_weights=need_weights, **given)
        return {str(i): numpy(o) for i, o in enumerate(outputs) if o is not None}
    assert difference(run(lamina), run(torch), 1e-9) is None


def masks(t, value=True, dtype=None):
    return lambda *shape: t.full(shape, value, dtype=dtype or t.bool)


BAD = [
    lambda t, m: m(t.ones(8), t.ones(8), t.ones(8)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 8), t.ones(5, 2, 8)),
    lambda t, m: m(t.ones(4, 8), t.ones(5, 2, 8), t.ones(5, 2, 8)),
    lambda t, m: m(t.ones(4, 2, 7), t.ones(5, 2, 8), t.ones(5, 2, 8)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(6, 2, 8)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 7), t.ones(5, 2, 7)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 3, 8), t.ones(5, 3, 8)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), key_padding_mask=masks(t)(5)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), key_padding_mask=masks(t)(2, 4)),
    lambda t, m: m(t.ones(4, 8), t.ones(5, 8), t.ones(5, 8), key_padding_mask=masks(t)(1, 5)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), key_padding_mask=masks(t, 1, t.int64)(2, 5)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), attn_mask=masks(t, 1, t.int32)(4, 5)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), attn_mask=masks(t)(5, 4)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), attn_mask=masks(t)(2, 4, 5)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), attn_mask=masks(t)(5)),
    lambda t, m: m(t.ones(4, 8), t.ones(5, 8), t.ones(5, 8), attn_mask=masks(t)(4, 4, 5)),
    lambda t, m: m(t.ones(4, 2, 8), t.ones(5, 2, 8), t.ones(5, 2, 8), is_causal=True),
    lambda t, m: m(t.ones(4, 2, 8, dtype=t.float64), t.ones(5, 2, 8, dtype=t.float64), t.ones(5, 2, 8, dtype=t.float64)),
    lambda t, m: t.nn.MultiheadAttention(8, 3),
    lambda t, m: t.nn.MultiheadAttention(0, 1),
    lambda t, m: t.nn.MultiheadAttention(8, 0),
    lambda t, m: t.nn.MultiheadAttention(8, -2),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_both_refuse(number):
    with pytest.raises((RuntimeError, AssertionError, ValueError)):
        BAD[number](torch, torch.nn.MultiheadAttention(E, HEADS))
    with pytest.raises(lamina.Error) as caught:
        BAD[number](lamina, lamina.nn.MultiheadAttention(E, HEADS))
    assert "MultiheadAttention" in str(caught.value)

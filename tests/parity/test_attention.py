"""Attention against PyTorch, live: every option, outputs and gradients to 1e-9, second derivatives."""
import itertools

import numpy as np
import pytest
import torch

import lamina
from tests.support.cases import difference, noise, numpy


def mask_of(t, kind, shape, first_row):
    """A mask over `shape` = (…, L, S): of bools, or of floats with −∞ in it. The first row sees all (2) or nothing (−2)."""
    if kind is None:
        return None
    values = noise(shape, 5)
    values[..., 0, :] = first_row
    if kind == "bool":
        return t.from_numpy(values > -0.5)
    return t.from_numpy(np.where(values > -0.5, values, -np.inf)).requires_grad_()


def attend(t, shapes, kind, mask_shape, second, **options):
    q, k, v = (t.from_numpy(noise(s, 7 + i)).requires_grad_() for i, s in enumerate(shapes))
    mask = mask_of(t, kind, mask_shape, 2 if second else -2)
    y = t.nn.functional.scaled_dot_product_attention(q, k, v, mask, **options)
    found = {"output": numpy(y)}
    sources = [q, k, v] + ([mask] if kind == "float" else [])
    gradients = t.autograd.grad(y, sources, t.from_numpy(noise(tuple(y.shape), 99)), create_graph=second)
    found |= {f"d{i}": numpy(g) for i, g in enumerate(gradients)}
    if second:
        cotangents = [t.from_numpy(noise(tuple(g.shape), 50 + i)) for i, g in enumerate(gradients[:3])]
        again = t.autograd.grad(list(gradients[:3]), [q, k, v], cotangents)
        found |= {f"dd{i}": numpy(g) for i, g in enumerate(again)}
    return found


SHAPES = [
    ([(3, 4), (5, 4), (5, 6)], (3, 5)),
    ([(2, 3, 4), (2, 5, 4), (2, 5, 6)], (2, 3, 5)),
    ([(2, 1, 7, 4), (1, 3, 7, 4), (2, 3, 7, 4)], (2, 1, 7, 7)),
    ([(2, 70, 8), (2, 90, 8), (2, 90, 5)], (70, 90)),
]


@pytest.mark.parametrize("shapes, mask_shape", SHAPES)
@pytest.mark.parametrize("kind, is_causal", [(None, False), (None, True), ("bool", False), ("float", False)])
@pytest.mark.parametrize("scale, second", list(itertools.product([None, 0.3], [False, True])))
def test_attention(shapes, mask_shape, kind, is_causal, scale, second):
    got, want = (attend(t, shapes, kind, mask_shape, second, is_causal=is_causal, scale=scale) for t in (lamina, torch))
    assert difference(got, want, 1e-9) is None


@pytest.mark.parametrize("heads", [1, 2, 3, 6])
def test_groups_of_heads(heads):
    shapes = [(2, 6, 3, 4), (2, heads, 5, 4), (2, heads, 5, 6)]
    got, want = (attend(t, shapes, None, None, False, enable_gqa=True) for t in (lamina, torch))
    assert difference(got, want, 1e-9) is None


def test_a_row_that_sees_nothing_is_zero_and_has_no_gradient():
    q, k, v = (lamina.from_numpy(noise((3, 4), 7 + i)).requires_grad_() for i in range(3))
    mask = lamina.tensor([[False] * 3, [True] * 3, [True, False, True]])
    y = lamina.nn.functional.scaled_dot_product_attention(q, k, v, mask)
    dq, dk, dv = lamina.autograd.grad(y, [q, k, v], lamina.from_numpy(noise((3, 4), 99)))
    assert not numpy(y)[0].any() and not numpy(dq)[0].any()
    assert all(np.isfinite(numpy(g)).all() for g in (y, dq, dk, dv))


BAD = [
    ([(4,), (4,), (4,)], {}, RuntimeError, "two dimensions or more"),
    ([(3, 4), (5, 3), (5, 6)], {}, RuntimeError, "the same last size"),
    ([(3, 4), (5, 4), (6, 6)], {}, RuntimeError, "the same length"),
    ([(3, 4), (5, 4), (5, 6)], {"dropout_p": 1.5}, RuntimeError, "between 0 and 1"),
    ([(3, 4), (5, 4), (5, 6)], {"enable_gqa": True}, IndexError, None),
    ([(6, 3, 4), (4, 5, 4), (4, 5, 6)], {"enable_gqa": True}, RuntimeError, "must divide the 6 heads"),
]


@pytest.mark.parametrize("shapes, options, kind, says", BAD)
def test_bad_input(shapes, options, kind, says):
    for t in (lamina, torch):
        expected = RuntimeError if t is lamina else kind
        with pytest.raises(expected, match=says if t is lamina else None):
            t.nn.functional.scaled_dot_product_attention(*(t.ones(*s) for s in shapes), **options)


@pytest.mark.parametrize("dtype, shape", [("int64", (3, 5)), ("float64", (3, 5)), ("bool", (3, 4)), ("bool", (2, 2, 3, 5))])
def test_bad_mask(dtype, shape):
    for t in (lamina, torch):
        mask = t.ones(*shape).to(getattr(t, dtype))
        with pytest.raises(RuntimeError):
            t.nn.functional.scaled_dot_product_attention(t.ones(2, 3, 4), t.ones(2, 5, 4), t.ones(2, 5, 6), mask)


def test_mask_and_causal_exclude_one_another():
    for t in (lamina, torch):
        with pytest.raises(RuntimeError):
            t.nn.functional.scaled_dot_product_attention(*[t.ones(3, 3)] * 3, t.ones(3, 3), is_causal=True)

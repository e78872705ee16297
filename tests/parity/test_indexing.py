"""Indexing against PyTorch: random tuples of integers, slices, None, …, masks and index tensors; values, gradients, assignment."""
import hypothesis
import hypothesis.strategies as st
import lamina
import numpy as np
import torch
from support import cases

settings = hypothesis.settings(max_examples=400, deadline=None, derandomize=True, print_blob=False)


@st.composite
def indexed(draw):
    """A shape and an index for it: (kind, …) descriptions that both libraries can be given."""
    shape = draw(st.lists(st.integers(0, 4), min_size=0, max_size=4))
    broadcast = draw(st.sampled_from([(), (1,), (3,), (2, 3), (0,)]))
    items, left, ellipsis = [], list(shape), False
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["int", "slice", "slice", "none", "ellipsis", "tensor", "tensor", "mask", "bool"]))
        size = left[0] if left else 0
        if kind == "ellipsis" and not ellipsis:
            ellipsis = True
            left = left[draw(st.integers(0, len(left))):]
            items.append((kind,))
        elif kind in ("none",):
            items.append((kind,))
        elif kind == "bool":
            items.append((kind, draw(st.booleans())))
        elif not left:
            break
        elif kind == "int" and size:
            items.append((kind, draw(st.integers(-size, size - 1))))
            left.pop(0)
        elif kind == "slice":
            bound = st.none() | st.integers(-5, 5)
            items.append((kind, draw(bound), draw(bound), draw(st.none() | st.integers(1, 3))))
            left.pop(0)
        elif kind == "tensor" and (size or 0 in broadcast):
            dims = draw(st.sampled_from([broadcast, (1,), ()])) if 0 not in broadcast else broadcast
            count = int(np.prod(dims))
            numbers = draw(st.lists(st.integers(-size, max(size - 1, 0)), min_size=count, max_size=count))
            items.append((kind, np.array(numbers, dtype="int64").reshape(dims)))
            left.pop(0)
        elif kind == "mask":
            rank = draw(st.integers(1, min(2, len(left))))
            dims = tuple(left[:rank])
            count = int(np.prod(dims))
            bits = draw(st.lists(st.booleans(), min_size=count, max_size=count))
            items.append((kind, np.array(bits, dtype=bool).reshape(dims)))
            del left[:rank]
    return tuple(shape), items


def index_for(t, items):
    made = {"int": lambda i: i, "slice": slice, "none": lambda: None, "ellipsis": lambda: Ellipsis, "bool": lambda b: b,
            "tensor": lambda a: t.from_numpy(a.copy()), "mask": lambda a: t.from_numpy(a.copy())}
    return tuple(made[kind](*rest) for kind, *rest in items)


def leaf(t, shape, seed):
    return t.from_numpy(np.ascontiguousarray(cases.noise(shape, seed))).reshape(shape).requires_grad_()


def outcome(compute, t, shape, items):
    try:
        return [np.array(a.detach().numpy()) for a in compute(t, shape, items)]
    except (IndexError, RuntimeError, ValueError, TypeError) as error:
        return type(error)


def same(compute, shape, items):
    expected, found = (outcome(compute, t, shape, items) for t in (torch, lamina))
    if isinstance(expected, type) or isinstance(found, type):
        assert isinstance(expected, type) and isinstance(found, type), f"{found} instead of {expected}"
        return
    for mine, reference in zip(found, expected, strict=True):
        assert mine.shape == reference.shape
        np.testing.assert_allclose(mine, reference, rtol=1e-12)


def taken(t, shape, items):
    x = leaf(t, shape, 1)
    y = x[index_for(t, items)]
    (gradient,) = t.autograd.grad(y, x, leaf(t, tuple(y.shape), 2).detach())
    return y, gradient


def assigned_number(t, shape, items):
    x = leaf(t, shape, 1)
    y = x * 1
    y[index_for(t, items)] = 2.5
    (gradient,) = t.autograd.grad(y, x, leaf(t, shape, 2).detach())
    return y, gradient


def assigned_tensor(t, shape, items):
    x = leaf(t, shape, 1)
    index = index_for(t, items)
    place = x.detach()[index]
    kinds = [kind for kind, *_ in items]
    # which of two values for one place wins is open: one value for all then
    value = leaf(t, () if "tensor" in kinds else tuple(place.shape), 3)
    y = x * 1
    y[index] = value
    gradients = t.autograd.grad(y, [x, value], leaf(t, shape, 2).detach(), allow_unused=True)
    return [y, *(g if g is not None else t.zeros(1) for g in gradients)]


def accumulated(t, shape, items):
    tensors = [t.from_numpy(rest[0].copy()) for kind, *rest in items if kind in ("tensor", "mask")]
    x = leaf(t, shape, 1)
    place = x.detach()[tuple(tensors)]
    value = leaf(t, tuple(place.shape), 3)
    y = x * 1
    y.index_put_(tuple(tensors), value, accumulate=True)
    return [y, *t.autograd.grad(y, [x, value], leaf(t, shape, 2).detach())]


@settings
@hypothesis.given(indexed())
def test_values_and_gradients(case):
    same(taken, *case)


@settings
@hypothesis.given(indexed())
def test_assignment_of_a_number(case):
    same(assigned_number, *case)


@settings
@hypothesis.given(indexed())
def test_assignment_of_a_tensor(case):
    same(assigned_tensor, *case)


@settings
@hypothesis.given(indexed())
def test_accumulation(case):
    if any(kind in ("tensor", "mask") for kind, *_ in case[1]):
        same(accumulated, *case)

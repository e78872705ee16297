"""PyTorch's samples of every operation with their inputs in other places of memory: the values must be those of plain copies.

Each tensor is permuted (its dimensions lie in the reverse order), offset (a part of a larger block, with steps of two), or
expanded (its first dimension of size 1, where it has one, is one element seen again).
"""
import functools

import lamina
import numpy as np
import pytest
import torch
from parity.test_op_samples import (
    EXPECTED, LEFT_OUT, Refused, array, converted, function_of, leaves, methods, no_stack, ours, prepare, small,
)

no_stack = no_stack
SAMPLES = 6
#: What these give depends on where the input lies, in PyTorch too.
LOOK_AT_MEMORY = {"as_strided", "as_strided_copy", "resize_", "resize_as_", "view", "view_as", "view_copy"}


def permuted(t):
    order = list(range(t.ndim))[::-1]
    return t.permute(order).contiguous().permute(order)


def offset(t):
    block = lamina.zeros([2 * size + 1 for size in t.shape], dtype=t.dtype)
    part = block[tuple(slice(1, 2 * size + 1, 2) for size in t.shape)]
    part.copy_(t)
    return part


def expanded(t):
    if t.ndim == 0 or t.shape[0] != 1:
        return t
    return t[:1].reshape(t.shape[1:]).unsqueeze(0).expand(t.shape)


def operations():
    for op in methods.op_db:
        if function_of(op, lamina) is not None and op.name not in {*EXPECTED, *LOOK_AT_MEMORY} and torch.float64 in op.dtypes:
            name = f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name
            yield pytest.param(op, id=name)


def outcome(function, sample, change):
    def tensor(t):
        copy = ours(t.detach())
        return change(copy) if change else copy

    convert = functools.partial(converted, tensor=tensor, library=lamina)
    lamina.manual_seed(0)
    result = function(*convert((sample.input, *sample.args)), **convert(sample.kwargs))
    return [array(leaf) for leaf in leaves(result)]


@pytest.mark.parametrize("change", [permuted, offset, expanded], ids=lambda f: f.__name__)
@pytest.mark.parametrize("op", operations())
def test_values(op, change):
    function, problems = function_of(op, lamina), []
    left_out, _ = LEFT_OUT.get(op.name, (lambda sample: False, ""))
    for index, sample in enumerate(op.sample_inputs("cpu", torch.float64, requires_grad=False)):
        if index == SAMPLES:
            break
        if not small(sample) or "out" in sample.kwargs or left_out(sample):
            continue
        prepare(op, sample)
        try:
            plain = outcome(function, sample, None)
        except Exception:  # test_op_samples says whether it may fail
            continue
        try:
            moved = outcome(function, sample, change)
        except Refused:
            continue
        except Exception as error:
            problems.append(f"sample {index} {sample.summary()}: {type(error).__name__}: {error}")
            continue
        for a, b in zip(plain, moved):
            if a.shape != b.shape or not np.allclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True):
                problems.append(f"sample {index} {sample.summary()}: other values")
                break
    assert not problems, "\n".join(problems[:4])

"""Second derivatives of every operation of PyTorch's table (op_db) whose entry says that it has them: the gradients, for random
cotangents, of the gradients for random cotangents, in float64, with respect to the inputs and to the first cotangents.

A few samples of each operation; all of them with LAMINA_SECOND_DERIVATIVES=all.
"""
import os

import lamina
import numpy as np
import pytest
import torch
from parity import test_op_samples as table

SAMPLES = None if os.environ.get("LAMINA_SECOND_DERIVATIVES") == "all" else 4
LARGEST = 2000  # elements of a sample's tensor


class FirstOnly(Exception):
    """PyTorch's own gradient of a sample is constant, or cannot be differentiated."""


def second_derivatives(library, function, sample, tensor):
    """The gradients of Σ v·(gradient of Σ dy·y) for the inputs and for dy, as arrays by name."""
    sources = []

    def counted(t):
        copy = tensor(t)
        if copy.requires_grad:
            sources.append(copy)
        return copy

    arguments = table.converted((sample.input, *sample.args), counted, library)
    options = table.converted({k: v for k, v in sample.kwargs.items() if k != "device"}, counted, library)
    outputs = [o for o in table.leaves(sample.output_process_fn_grad(function(*arguments, **options))) if table.is_tensor(o) and o.requires_grad]
    outputs = [o for o in outputs if "float64" in str(o.dtype)]
    random = [library.from_numpy(np.asarray(table.cotangent(tuple(o.shape), i))) for i, o in enumerate(outputs)]
    dys = [dy.requires_grad_() for dy in random]
    if not sources or not outputs:
        raise FirstOnly
    dxs = library.autograd.grad(outputs, sources, dys, allow_unused=True, create_graph=True)
    again = [(i, dx) for i, dx in enumerate(dxs) if dx is not None and dx.requires_grad]
    if not again:
        raise FirstOnly
    vs = [library.from_numpy(np.asarray(table.cotangent(tuple(dx.shape), 100 + i))) for i, dx in again]
    found = library.autograd.grad([dx for _, dx in again], sources + dys, vs, allow_unused=True)
    names = [f"input {i}" for i in range(len(sources))] + [f"cotangent {i}" for i in range(len(dys))]
    return {name: np.zeros(tuple(at.shape)) if g is None else table.array(g)
            for name, g, at in zip(names, found, sources + dys)}


def operations():
    for entry in table.names():
        op, dtype = entry.values
        if dtype == torch.float64 and op.supports_autograd and op.supports_gradgrad:
            yield pytest.param(op, id=entry.id.removesuffix("-float64"), marks=entry.marks)


@pytest.fixture(autouse=True)
def no_stack(monkeypatch):
    monkeypatch.setattr(table.common_utils, "extract_test_fn", lambda: None)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", list(operations()))
def test_second_derivatives(op):
    if op.name in table.EXPECTED:
        pytest.skip(table.EXPECTED[op.name])
    function = table.seeded(op, table.function_of(op, lamina))
    left_out, _ = table.LEFT_OUT.get(op.name, (lambda sample: False, ""))
    problems, compared = [], 0
    torch.default_generator.manual_seed(0)
    for index, sample in enumerate(op.sample_inputs("cpu", torch.float64, requires_grad=True)):
        if SAMPLES and compared + len(problems) >= SAMPLES:
            break
        tensors = [t for t in table.leaves([sample.input, *sample.args, *sample.kwargs.values()]) if torch.is_tensor(t)]
        if any(t.numel() > LARGEST for t in tensors) or "out" in sample.kwargs or left_out(sample):
            continue
        if any(t.dtype == torch.float32 for t in tensors):  # weights, say: what is computed with them is exact to 1e-7
            continue
        table.prepare(op, sample)
        try:
            reference = second_derivatives(torch, op, sample, table.theirs)
        except Exception:  # no second derivative in PyTorch, or a sample that it cannot compute
            continue
        try:
            mine = second_derivatives(lamina, function, sample, table.ours)
        except table.Refused:
            continue
        except FirstOnly:  # zero in PyTorch is no second derivative here
            mine = {name: np.zeros_like(a) for name, a in reference.items()}
        except Exception as error:
            if "torch.channels_last" not in str(error):
                problems.append(f"sample {index} {sample.summary()}: {type(error).__name__}: {error}")
            continue
        mine = {name: mine.get(name, np.zeros_like(a)) for name, a in reference.items()}  # no history: no derivative
        found = [d for name in reference if (d := table.difference(name, mine[name], reference[name]))]
        problems += [f"sample {index} {sample.summary()}: {d}" for d in found]
        compared += not found
    assert not problems, f"{len(problems)} problems, {compared} agree\n" + "\n".join(problems[:4])
    if not compared:
        pytest.skip("no sample with second derivatives")

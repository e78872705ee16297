"""The methods of Tensor and their in-place forms on the samples that PyTorch keeps of every operation (op_db).

test_op_samples.py has the functions; here x.f(…) and x.f_(…) are called. DIFFERENT lists those that differ on purpose.
"""
import itertools
import warnings

import lamina
import numpy as np
import pytest
import torch
from support import cases

methods = pytest.importorskip("torch.testing._internal.common_methods_invocations")

SAMPLES = 6  # of an operation and a type
LARGEST = 4000  # elements
TYPES = [torch.float64, torch.int64, torch.bool]

# Operations that differ from PyTorch on purpose.
DIFFERENT = {
    "as_strided_scatter": "PyTorch's gradient of self is that of the places written over",
    "addbmm": "in place, a self that is smaller than the result is refused instead of resized",
}
# What these give, or how they choose among equals, PyTorch leaves open: only sizes, or only values, are compared.
UNSET = {"new_empty", "new_empty_strided", "resize_", "resize_as_"}
TIES = {"kthvalue", "topk", "mode", "median", "nanmedian", "sort", "argsort", "msort"}


class Skip(Exception):
    """This sample is none for us: complex, sparse, or a type that Lamina does not have."""


TAKING_PART = [op for op in methods.op_db if hasattr(lamina.Tensor, op.name) and not op.name.startswith("__")]


def copied(t, value, sources):
    """A value of a sample for library t; tensors that ask for a gradient are listed in `sources`."""
    if isinstance(value, torch.Tensor):
        foreign = value.is_complex() or value.layout is not torch.strided
        if foreign or value.dtype in (torch.uint16, torch.uint32, torch.uint64) or value.numel() > LARGEST:
            raise Skip
        copy = value.detach().clone(memory_format=torch.contiguous_format)
        if t is not torch:
            copy = lamina.from_dlpack(copy)
        if value.requires_grad:
            sources.append(copy.requires_grad_())
        return copy
    if isinstance(value, torch.dtype):
        found = getattr(t, str(value).removeprefix("torch."), None)
        if found is None:
            raise Skip
        return found
    if isinstance(value, (complex, torch.Generator)) or value is torch.channels_last or value is torch.channels_last_3d:
        raise Skip
    if isinstance(value, (torch.device, torch.memory_format, torch.layout)):
        return value if t is torch else getattr(lamina, str(value).removeprefix("torch."), "cpu")
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, (tuple, list)):
        return type(value)(copied(t, v, sources) for v in value)
    if isinstance(value, dict):
        return {k: copied(t, v, sources) for k, v in value.items()}
    return value


def flat(result):
    if isinstance(result, (tuple, list)):
        return [leaf for item in result for leaf in flat(item)]
    return [result]


def numpy(tensor):
    tensor = tensor.detach()
    return (tensor.float() if str(tensor.dtype).endswith("bfloat16") else tensor).numpy().copy()


def cotangent(t, output, seed):
    values = np.ascontiguousarray(cases.noise(tuple(output.shape), seed))
    return t.from_numpy(values).to(output.dtype).reshape(tuple(output.shape))


def called(t, function, sample, in_place):
    sources = []
    input = copied(t, sample.input, sources)
    args, kwargs = copied(t, sample.args, sources), copied(t, sample.kwargs, sources)
    if in_place:
        input = input.clone()
    t.manual_seed(42)  # as PyTorch seeds its own random samples
    results = flat(function(input, *args, **kwargs))
    found = {"needs gradient": [isinstance(r, t.Tensor) and r.requires_grad for r in results]}
    for i, result in enumerate(results):
        if isinstance(result, t.Tensor):
            found[f"type {i}"] = str(result.dtype).split(".")[-1]
            found[f"result {i}"] = numpy(result)
        else:
            found[f"result {i}"] = str(result).replace("torch.", "").replace("lamina.", "")
    outputs = [r for r in results if isinstance(r, t.Tensor) and r.requires_grad]
    if outputs and sources:
        cotangents = [cotangent(t, o, 7 + i) for i, o in enumerate(outputs)]
        gradients = t.autograd.grad(outputs, sources, cotangents, allow_unused=True)
        for i, (gradient, source) in enumerate(zip(gradients, sources)):  # none is as good as zeros
            found[f"gradient {i}"] = np.zeros(tuple(source.shape)) if gradient is None else numpy(gradient)
    return found


def compare(op, ours, expected):
    assert ours.keys() == expected.keys(), f"{list(ours)} instead of {list(expected)}"
    for key, value in expected.items():
        mine = ours[key]
        if not isinstance(value, np.ndarray):
            assert mine == value, f"{key}: {mine} instead of {value}"
            continue
        assert mine.shape == value.shape, f"{key}: shape {mine.shape} instead of {value.shape}"
        integers = getattr(expected["result 0"], "dtype", np.dtype("f8")).kind in "biu"
        if op.name in UNSET or (op.name in TIES and integers and (key != "result 0" or op.name == "argsort")):
            continue
        if value.dtype == np.float64:
            scale = np.abs(value[np.isfinite(value)]).max(initial=1)
            np.testing.assert_allclose(mine, value, rtol=1e-9, atol=1e-9 * scale, err_msg=key)
        elif value.dtype.kind == "f":
            np.testing.assert_allclose(mine, value, rtol=1e-5 if value.dtype == np.float32 else 2e-2, atol=1e-5, err_msg=key)
        else:
            np.testing.assert_array_equal(mine, value, err_msg=key)


def samples(op, dtype):
    differentiable = dtype == torch.float64 and op.supports_autograd
    try:
        yield from itertools.islice(op.sample_inputs("cpu", dtype, requires_grad=differentiable), SAMPLES)
    except (RuntimeError, TypeError, ImportError):  # samples that need another device or module
        return


def forms(op):
    """(how it is called, ours, PyTorch's, whether in place)"""
    for how, name in (("method", op.name), ("in place", op.name + "_")):
        if how == "method" and op.variant_test_name:
            continue
        if hasattr(lamina.Tensor, name) and hasattr(torch.Tensor, name):
            yield how, getattr(lamina.Tensor, name), getattr(torch.Tensor, name), how == "in place"


def short(value):
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
    if isinstance(value, (list, tuple)):
        return [short(v) for v in value]
    return {k: short(v) for k, v in value.items()} if isinstance(value, dict) else value


def problems(op, dtype):
    for sample in samples(op, dtype):
        for how, ours, theirs, in_place in forms(op):
            if not isinstance(sample.input, torch.Tensor):
                continue
            try:
                expected = called(torch, theirs, sample, in_place)
            except Exception:  # no valid call of this form, or a sample for another library
                continue
            try:
                compare(op, called(lamina, ours, sample, in_place), expected)
            except Skip:
                continue
            except Exception as error:
                text = " ".join(str(error).split())[:300]
                yield f"{how} {short(sample.input)} {short(sample.args)} {short(sample.kwargs)}: {type(error).__name__}: {text}"


@pytest.mark.parametrize("op", [pytest.param(op, id=op.formatted_name) for op in TAKING_PART])
def test_method(op):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        supported = op.supported_dtypes("cpu")
        found = [p for dtype in TYPES if dtype in supported for p in problems(op, dtype)]
    if op.formatted_name in DIFFERENT:
        assert found, "this operation does not differ any more: take it out of DIFFERENT"
        return
    assert not found, f"{len(found)} differ:\n" + "\n".join(found[:5])

"""Type promotion of binary operations against PyTorch: every pair of types, tensors with and without dimensions, numbers."""
import itertools
import operator
import warnings

import lamina
import numpy as np
import pytest
import torch

TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
NUMBERS = [True, 3, 2.5]
OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor", "lshift", "rshift", "eq", "lt", "ge"]
FUNCTIONS = ["maximum", "minimum", "fmod", "atan2", "hypot", "logical_and", "true_divide", "copysign", "logaddexp", "xlogy", "where"]


def tensor(t, dtype, shape, start=1):
    values = [[start, start + 1], [start + 2, 1]] if shape else start + 1
    return t.tensor(values, dtype=getattr(t, dtype))


def function(t, name):
    if hasattr(operator, name):
        return getattr(operator, name)
    if name == "where":
        return lambda a, b: t.where(t.tensor([[True, False], [False, True]]), a, b)
    return getattr(t, name)


def outcome(t, name, arguments):
    """The type and values of a result, or that it is refused."""
    try:
        result = function(t, name)(*(tensor(t, *a) if isinstance(a, tuple) else a for a in arguments))
    except (RuntimeError, TypeError, ValueError, NotImplementedError):
        return None
    return str(result.dtype).split(".")[-1], tuple(result.shape), result.double().numpy()


def operands():
    kinds = [(dtype, shape) for dtype in TYPES for shape in (True, False)]
    yield from itertools.product(kinds, kinds)
    yield from itertools.product(kinds, NUMBERS)
    yield from itertools.product(NUMBERS, kinds)


@pytest.mark.parametrize("name", OPERATORS + FUNCTIONS)
def test_every_pair(name):
    problems = []
    for pair in operands():
        if name in FUNCTIONS and not all(isinstance(a, tuple) for a in pair):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected, found = outcome(torch, name, pair), outcome(lamina, name, pair)
        if expected is None or found is None:
            if expected is not found:
                problems.append(f"{pair}: {'refused' if found is None else 'not refused'}")
            continue
        if found[:2] != expected[:2]:
            problems.append(f"{pair}: {found[:2]} instead of {expected[:2]}")
        elif not np.allclose(found[2], expected[2], rtol=1e-2 if "16" in expected[0] else 1e-6, atol=0, equal_nan=True):
            problems.append(f"{pair}: {found[2].tolist()} instead of {expected[2].tolist()}")
    assert not problems, f"{len(problems)} differ:\n" + "\n".join(problems[:10])


INPLACE = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor"]


@pytest.mark.parametrize("name", INPLACE)
def test_in_place(name):
    kinds = [(dtype, shape) for dtype in TYPES for shape in (True, False)]
    problems = []
    for pair in itertools.chain(itertools.product(kinds, kinds), itertools.product(kinds, NUMBERS)):
        expected, found = outcome(torch, name, pair), outcome(lamina, name, pair)
        if (expected is None) != (found is None):
            problems.append(f"{pair}: {'refused' if found is None else 'not refused'}")
        elif expected and (found[:2] != expected[:2] or not np.allclose(found[2], expected[2], rtol=1e-2, atol=0, equal_nan=True)):
            problems.append(f"{pair}: {found} instead of {expected}")
    assert not problems, f"{len(problems)} differ:\n" + "\n".join(problems[:10])


def test_questions_about_types():
    for a, b in itertools.product(TYPES, TYPES):
        ours, theirs = (getattr(lamina, a), getattr(lamina, b)), (getattr(torch, a), getattr(torch, b))
        assert str(lamina.promote_types(*ours)) == str(torch.promote_types(*theirs))
        assert lamina.can_cast(*ours) == torch.can_cast(*theirs), (a, b)
    for pair in operands():
        mine = lamina.result_type(*(tensor(lamina, *a) if isinstance(a, tuple) else a for a in pair))
        assert str(mine) == str(torch.result_type(*(tensor(torch, *a) if isinstance(a, tuple) else a for a in pair))), pair


@pytest.mark.parametrize("name", TYPES)
def test_limits_of_types(name):
    if "int" in name:
        mine, reference = lamina.iinfo(getattr(lamina, name)), torch.iinfo(getattr(torch, name))
        facts = ["bits", "min", "max", "dtype"]
    elif name != "bool":
        mine, reference = lamina.finfo(getattr(lamina, name)), torch.finfo(getattr(torch, name))
        facts = ["bits", "eps", "min", "max", "tiny", "smallest_normal", "resolution", "dtype"]
    else:
        facts = []
    for fact in facts:
        assert getattr(mine, fact) == getattr(reference, fact), fact


def test_default_dtype():
    for name in ("float64", "float32"):
        for t in (lamina, torch):
            t.set_default_dtype(getattr(t, name))
        made = [t.tensor(1.5).dtype for t in (lamina, torch)] + [(t.ones(2, dtype=t.int64) / 2).dtype for t in (lamina, torch)]
        assert {str(d) for d in made} == {"torch." + name}

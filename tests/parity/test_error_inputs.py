"""The wrong inputs that PyTorch keeps of its operations and layers: what it refuses is refused, by an exception of its kind.

A sample that needs what Lamina does not have (another device, a complex or sparse tensor) does not count.
"""
import lamina
import pytest
import torch
from parity.test_op_samples import Refused, converted, function_of, methods, ours
from torch.testing._internal import common_modules

#: What PyTorch refuses and Lamina computes, or refuses in another way, and why.
ON_PURPOSE = {
    "linspace": "a tensor of several elements for a number is a TypeError",
    "logspace": "a tensor of several elements for a number is a TypeError",
    "narrow": "a tensor of one element stands for its number, whatever its type",
    "nn.functional.multi_margin_loss": "the type of the target is refused before the weight's shape",
}
#: Parts of the outcome by which a layer differs on purpose: a 0 or 1 for a bool is taken, a type is refused as a TypeError.
LAYERS_ON_PURPOSE = dict.fromkeys(["LSTM", "GRU", "RNN"], ("gave NoneType, expected <class 'TypeError'>", "DTypeError"))
LAYERS_ON_PURPOSE["NLLLoss"] = ("gave NoneType",)  # a weight of another floating-point type is converted


def operations():
    for op in methods.op_db:
        if op.error_inputs_func and function_of(op, lamina) is not None and not op.variant_test_name:
            yield pytest.param(op, id=op.name)


def wrong_samples(op):
    try:
        yield from op.error_inputs("cpu")
    except Exception as error:  # some of the makers want a GPU
        if not isinstance(error, (RuntimeError, AssertionError)):
            raise


def refused_by(call, expected):
    """None, or how the call did not fail as it should."""
    try:
        result = call()
    except Refused:
        raise
    except Exception as error:
        kinds = (expected, NotImplementedError) if isinstance(expected, type) else (*expected, NotImplementedError)
        return None if isinstance(error, kinds) else f"{type(error).__name__}: {str(error)[:150]}, expected {expected}"
    return f"gave {type(result).__name__}, expected {expected}"


@pytest.mark.parametrize("op", operations())
def test_operation(op):
    if op.name in ON_PURPOSE:
        pytest.skip(ON_PURPOSE[op.name])
    function, problems = function_of(op, lamina), []
    for index, wrong in enumerate(wrong_samples(op)):
        sample = wrong.sample_input
        if any(isinstance(value, complex) for value in (*sample.args, *sample.kwargs.values())):
            continue
        if "out" in sample.kwargs or wrong.error_type is Exception:  # the latter: a number for a tensor, which is taken
            continue
        try:
            args = converted((sample.input, *sample.args), ours, lamina)
            kwargs = converted(sample.kwargs, ours, lamina)
            problem = refused_by(lambda: function(*args, **kwargs), wrong.error_type)  # noqa: B023
        except (Refused, ValueError):  # ValueError: NumPy has at most 64 dimensions
            continue
        if problem:
            problems.append(f"sample {index} {sample.summary()} ({wrong.error_regex}): {problem}")
    assert not problems, "\n".join(problems)


def layers():
    for info in common_modules.module_db:
        if info.module_error_inputs_func and hasattr(lamina.nn, info.name.removeprefix("nn.")):
            yield pytest.param(info, id=info.name.removeprefix("nn."))


@pytest.mark.parametrize("info", layers())
def test_layer(info):
    problems = []
    module_name = info.name.removeprefix("nn.")
    cls = getattr(lamina.nn, module_name)
    for training in (True, False):
        for wrong in info.module_error_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=False, training=training):
            made, given = wrong.module_error_input.constructor_input, wrong.module_error_input.forward_input

            def call():
                options = {k: v for k, v in made.kwargs.items() if k != "device"}  # noqa: B023
                module = cls(*converted(made.args, ours, lamina), **converted(options, ours, lamina))  # noqa: B023
                if "dtype" not in options:
                    module.double()
                if wrong.error_on == common_modules.ModuleErrorEnum.FORWARD_ERROR:  # noqa: B023
                    module(*converted(given.args, ours, lamina), **converted(given.kwargs, ours, lamina))  # noqa: B023

            problem = refused_by(call, wrong.error_type)
            if problem and not any(reason in problem for reason in LAYERS_ON_PURPOSE.get(module_name, ())):
                problems.append(f"{made.args} {made.kwargs} ({wrong.error_regex}): {problem}")
    assert not problems, "\n".join(problems)

"""The text of tensors in Python: every case of tests/core/format.json, which holds what PyTorch prints."""
import json
import math
import pathlib

import lamina as torch
import pytest

CASES = json.loads((pathlib.Path(__file__).parent.parent / "core" / "format.json").read_text())
DEFAULTS = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)


@pytest.fixture(autouse=True)
def restored():
    yield
    torch.set_printoptions(profile="default")


def tensor_of(case):
    values = [float(v) if isinstance(v, str) else v for v in case["values"]]
    flat = torch.tensor(values, dtype=getattr(torch, case["dtype"]))
    strides = case.get("strides") or [math.prod(case["shape"][d + 1:]) for d in range(len(case["shape"]))]
    t = torch.as_strided(flat, case["shape"], strides)
    if case.get("marks") == "g":
        return t.detach().requires_grad_()
    return torch.nn.Parameter(t) if case.get("marks") == "p" else t


@pytest.mark.parametrize("marks", ["", "g", "p"])
def test_prints_what_pytorch_prints(marks):
    for case in (c for c in CASES if c.get("marks", "") == marks):
        torch.set_printoptions(**(DEFAULTS | case.get("options", {})))
        t = tensor_of(case)
        assert repr(t) == case["text"]
        assert str(t) == case["text"]


def test_names_the_function_that_made_it():
    x = torch.ones(2, requires_grad=True)
    assert repr(x + 1) == "tensor([2., 2.], grad_fn=<AddBackward0>)"
    assert repr((x + 1).detach()) == "tensor([2., 2.])"


def test_a_subclass_says_its_own_name():
    class Angle(torch.Tensor):
        pass

    class Weight(torch.nn.Parameter):
        pass

    assert repr(Angle([[1.0], [1.0]])) == "Angle([[1.],\n       [1.]])"
    assert repr(Weight(torch.ones(1))) == "Parameter containing:\nParameter(Weight([1.], requires_grad=True))"


def test_profiles():
    third = torch.tensor([1 / 3])
    torch.set_printoptions(profile="short")
    assert repr(third) == "tensor([0.33])"
    torch.set_printoptions(precision=8)
    assert repr(third) == "tensor([0.33333334])"
    torch.set_printoptions(sci_mode=True)
    assert repr(third) == "tensor([3.33333343e-01])"
    torch.set_printoptions(profile="default")
    assert repr(third) == "tensor([0.3333])"
    with pytest.raises(ValueError):
        torch.set_printoptions(profile="long")
    with pytest.raises(ValueError):
        torch.set_printoptions(precision=-1)

"""Layers' Python classes, made from their declarations: arguments, signatures, attributes, repr."""
import inspect
import json
import pathlib
import runpy
from collections import OrderedDict

import lamina as torch
import lamina.nn as nn
import pytest

HERE = pathlib.Path(__file__).parent
REPRS = json.loads((HERE / "reprs.json").read_text())
NAMES = {"nn": nn, "torch": torch, "OrderedDict": OrderedDict, **runpy.run_path(str(HERE / "record_reprs.py"))["classes"](nn)}


@pytest.mark.parametrize("expression", REPRS)
def test_repr_is_pytorchs(expression):
    assert repr(eval(expression, dict(NAMES))) == REPRS[expression]


def test_signature_and_help():
    assert str(inspect.signature(nn.Linear)) == "(in_features, out_features, bias=True, device=None, dtype=None)"
    assert list(inspect.signature(nn.Conv2d).parameters)[:4] == ["in_channels", "out_channels", "kernel_size", "stride"]

    class Mine(nn.Linear):
        pass

    assert str(inspect.signature(Mine)) == str(inspect.signature(nn.Linear))
    doc = inspect.getdoc(nn.Linear)
    for part in ("y = xWᵀ + b", "in_features (int): size of each input sample", "Shape: (*, in_features)", "Source: torch.nn.Linear"):
        assert part in doc
    assert "input: lamina.Tensor) -> lamina.Tensor" in nn.Linear.forward.__doc__
    assert nn.Linear.__module__ == "lamina.nn" and nn.Linear.__qualname__ == "Linear"


@pytest.mark.parametrize("make, message", [
    (lambda: nn.Linear(), "Linear.__init__() missing 2 required positional arguments: 'in_features' and 'out_features'"),
    (lambda: nn.Linear(3), "Linear.__init__() missing 1 required positional argument: 'out_features'"),
    (lambda: nn.Linear(1, 2, True, None, None, 3), "Linear.__init__() takes from 3 to 6 positional arguments but 7 were given"),
    (lambda: nn.Linear(1, 2, in_features=3), "Linear.__init__() got multiple values for argument 'in_features'"),
    (lambda: nn.Linear(1, 2, biass=True), "Linear.__init__() got an unexpected keyword argument 'biass'. Did you mean 'bias'?"),
    (lambda: nn.Tanh(3), "Tanh.__init__() takes 1 positional argument but 2 were given"),
])
def test_wrong_arguments(make, message):
    with pytest.raises(TypeError) as raised:
        make()
    assert str(raised.value) == message


@pytest.mark.parametrize("make", [
    lambda: nn.Linear("3", 2), lambda: nn.Linear(3.0, 2), lambda: nn.Linear(3, 2, dtype="float32"), lambda: nn.Linear(3, [1, 2]),
    lambda: nn.LayerNorm(object()), lambda: nn.Linear(-1, 2), lambda: nn.Linear(1 << 80, 2), lambda: nn.Linear(3, 2, device="cuda"),
    lambda: nn.Dropout(2.0), lambda: nn.Dropout(float("nan")), lambda: nn.Conv2d(3, 4, (1, 2, 3)), lambda: nn.Conv2d(3, 4, 3, groups=2),
])
def test_wrong_values_name_the_layer(make):
    with pytest.raises((TypeError, ValueError, RuntimeError, OverflowError)) as raised:
        make()
    assert str(raised.value).split(":")[0].split(".")[0] in ("Linear", "LayerNorm", "Dropout", "Conv2d")


def test_integers_of_every_kind():
    class Index:
        def __index__(self):
            return 3

    assert nn.Linear(torch.tensor(3), 2).in_features == 3
    assert nn.Linear(Index(), 2).in_features == 3
    assert nn.Linear(torch.ones(3).shape[0], torch.ones(2).size(0)).out_features == 2


def test_attributes():
    conv = nn.Conv2d(3, 8, 3, padding=(1, 2))
    assert (conv.in_channels, conv.kernel_size, conv.padding, conv.stride, conv.groups, conv.padding_mode) == (
        3, (3, 3), (1, 2), (1, 1), 1, "zeros")
    assert conv.bias is dict(conv.named_parameters())["bias"]
    assert nn.Linear(1, 1, bias=False).bias is None
    assert nn.LayerNorm(5).normalized_shape == (5,) and nn.BatchNorm1d(2).momentum == 0.1
    assert nn.Embedding(5, 2, padding_idx=-1).padding_idx == 4
    assert not hasattr(conv, "device") and not hasattr(conv, "dtype")


def test_attributes_can_be_set():
    drop = nn.Dropout(0.5)
    drop.p = 0
    assert drop.p == 0 and drop(torch.ones(100)).tolist() == [1.0] * 100
    with pytest.raises(TypeError, match="Dropout: p"):
        drop.p = "x"
    norm = nn.BatchNorm1d(2)
    norm.eps = 1e-3
    assert norm.eps == 1e-3 and "eps=0.001" in repr(norm)


def test_dtype_and_device():
    assert nn.Linear(2, 2, dtype=torch.float64, device="cpu").weight.dtype is torch.float64
    assert nn.Linear(2, 2, device=torch.device("cpu")).weight.dtype is torch.float32


def test_identity_takes_anything():
    x = torch.ones(2)
    assert nn.Identity(3, a=4)(x).tolist() == [1, 1]


def test_max_pool_with_indices():
    values, indices = nn.MaxPool2d(2, return_indices=True)(torch.arange(4.0).reshape(1, 1, 2, 2))
    assert values.tolist() == [[[[3.0]]]] and indices.tolist() == [[[[3]]]] and indices.dtype is torch.int64

"""lamina.nn.init from Python: values recorded from PyTorch, warnings, errors and old names.

The bits of every function over shapes, types and layouts are checked in tests/core/random_test.cpp.
"""
import math

import lamina as torch
import pytest
from lamina import nn


def filled(function, *args, shape=(3, 4), **kwargs):
    torch.manual_seed(0)
    return function(torch.zeros(*shape), *args, **kwargs).tolist()[0][:3]


# The first three values that torch 2.13 gives for torch.manual_seed(0) and a tensor of shape (3, 4).
GOLDEN = {
    "uniform_": ({"a": -1.0, "b": 2.0}, [0.4887697696685791, 1.3046653270721436, -0.7345677018165588]),
    "normal_": ({"mean": 1.0, "std": 0.5}, [1.7704980373382568, 0.853285551071167, -0.08939468860626221]),
    "trunc_normal_": ({"std": 2.0}, [-1.7133492231369019, -0.586857795715332, 0.5467354655265808]),
    "constant_": ({"val": 0.3}, [0.30000001192092896, 0.30000001192092896, 0.30000001192092896]),
    "ones_": ({}, [1.0, 1.0, 1.0]),
    "zeros_": ({}, [0.0, 0.0, 0.0]),
    "eye_": ({}, [1.0, 0.0, 0.0]),
    "xavier_uniform_": ({"gain": 2.0}, [-0.013862897641956806, 0.9933005571365356, -1.5239834785461426]),
    "xavier_normal_": ({}, [0.8236970901489258, -0.1568443477153778, -1.1646119356155396]),
    "kaiming_uniform_": ({"a": 0.5}, [-0.008201400749385357, 0.5876445174217224, -0.9016007781028748]),
    "kaiming_normal_": ({"mode": "fan_out", "nonlinearity": "relu"},
                        [1.2582180500030518, -0.23958370089530945, -1.7789740562438965]),
    "orthogonal_": ({"gain": 2.0}, [1.12306547164917, -0.21384857594966888, -1.5878840684890747]),
    "sparse_": ({"sparsity": 0.4}, [0.0, -0.002934289164841175, 0.0]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_values_are_pytorchs(name):
    keywords, values = GOLDEN[name]
    got = filled(getattr(nn.init, name), **keywords)
    assert got == pytest.approx(values, abs=1e-6) if name == "orthogonal_" else got == values


def test_returns_the_tensor_itself_without_history():
    weight = torch.nn.Parameter(torch.zeros(2, 3))
    assert nn.init.xavier_uniform_(weight) is weight
    assert weight.requires_grad and weight.grad_fn is None


def test_a_generator_of_its_own():
    torch.manual_seed(1)
    expected = nn.init.normal_(torch.zeros(5)).tolist()
    before = torch.get_rng_state().tolist()
    generator = torch.Generator()
    generator.manual_seed(1)
    assert nn.init.normal_(torch.zeros(5), generator=generator).tolist() == expected
    assert torch.get_rng_state().tolist() == before


def test_gains_and_fans():
    assert nn.init.calculate_gain("leaky_relu", 0.2) == math.sqrt(2 / (1 + 0.2**2))
    assert nn.init.calculate_gain("tanh") == 5 / 3
    assert nn.init.calculate_gain("linear", "ignored") == 1
    assert nn.init._calculate_fan_in_and_fan_out(torch.zeros(8, 4, 3, 2)) == (24, 48)
    assert nn.init._calculate_correct_fan(torch.zeros(8, 4), "FAN_OUT") == 8
    for wrong in ("x", True):
        with pytest.raises(ValueError, match="not a valid number"):
            nn.init.calculate_gain("leaky_relu", wrong)
    with pytest.raises(ValueError, match="Unsupported nonlinearity gelu"):
        nn.init.calculate_gain("gelu")


@pytest.mark.parametrize("name, shape, keywords", [
    ("eye_", (3,), {}), ("dirac_", (3, 3), {}), ("dirac_", (4, 2, 3), {"groups": 3}),
    ("sparse_", (3,), {"sparsity": 0.5}),
    ("orthogonal_", (3,), {}), ("xavier_normal_", (3,), {}), ("kaiming_uniform_", (3, 3), {"mode": "fan"}),
])
def test_refuses_with_a_value_error(name, shape, keywords):
    with pytest.raises(ValueError):
        getattr(nn.init, name)(torch.zeros(*shape), **keywords)


def test_warns_where_pytorch_warns():
    with pytest.warns(UserWarning, match="zero-element"):
        nn.init.kaiming_uniform_(torch.zeros(0, 3))
    with pytest.warns(UserWarning, match="mean is more than 2 std"):
        nn.init.trunc_normal_(torch.zeros(3), mean=10, std=1, a=0, b=5)
    with pytest.warns(FutureWarning, match="`nn.init.uniform` is now deprecated in favor of `nn.init.uniform_`"):
        nn.init.uniform(torch.zeros(3))

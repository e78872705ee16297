"""lamina.nn.utils: gradients kept within bounds, parameters as one vector."""
import math

import lamina as torch
import lamina.nn as nn
import pytest
from lamina.nn import utils


def parameters():
    made = [nn.Parameter(torch.tensor([1.0, 2.0])), nn.Parameter(torch.tensor([[3.0]])), nn.Parameter(torch.ones(2))]
    made[0].grad = torch.tensor([3.0, 0.0])
    made[1].grad = torch.tensor([[-4.0]])
    return made


@pytest.mark.parametrize("norm_type, expected", [(2, 5.0), (1, 7.0), (math.inf, 4.0), ("inf", 4.0)])
def test_clip_grad_norm(norm_type, expected):
    made = parameters()
    total = utils.clip_grad_norm_(iter(made), 1.0, float(norm_type))
    assert total.item() == pytest.approx(expected)
    assert made[0].grad.tolist() == pytest.approx([3 / expected, 0.0], rel=1e-5)
    assert made[1].grad.item() == pytest.approx(-4 / expected, rel=1e-5) and made[2].grad is None


def test_a_small_norm_is_left_alone():
    made = parameters()
    assert utils.clip_grad_norm_(made, max_norm=100).item() == 5 and made[0].grad.tolist() == [3.0, 0.0]
    assert utils.clip_grad_norm_([], 1.0).item() == 0


def test_a_norm_that_is_not_finite():
    made = parameters()
    made[0].grad = torch.tensor([math.nan, 1.0])
    with pytest.raises(RuntimeError, match="is non-finite, so it cannot be clipped"):
        utils.clip_grad_norm_(made, 1.0, error_if_nonfinite=True)
    with pytest.raises(TypeError, match="expected Tensors, got int"):
        utils.clip_grad_norm_([3], 1.0)


def test_clip_grad_value():
    made = parameters()
    utils.clip_grad_value_(made, 2.5)
    assert made[0].grad.tolist() == [2.5, 0.0] and made[1].grad.item() == -2.5


def test_parameters_as_a_vector():
    made = parameters()
    vector = utils.parameters_to_vector(made)
    assert vector.tolist() == [1, 2, 3, 1, 1] and vector.requires_grad
    utils.vector_to_parameters(torch.arange(5.0), made)
    assert made[1].tolist() == [[2.0]] and made[2].tolist() == [3.0, 4.0] and made[0].is_leaf
    with pytest.raises(torch.ShapeError, match="5 values"):
        utils.vector_to_parameters(torch.arange(4.0), made)

"""Special functions at the edges of float64, which PyTorch's own samples do not reach."""
import lamina
import pytest
import torch

SMALL = [1e-310, 5e-308, 1e-307, 1e-300, 1e-100, 9.9e-10, 1.01e-9, 1e-5]


@pytest.mark.parametrize("name", ["modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1"])
def test_bessel_near_zero(name):
    found = getattr(lamina.special, name)(lamina.tensor(SMALL, dtype=lamina.float64)).numpy()
    expected = getattr(torch.special, name)(torch.tensor(SMALL, dtype=torch.float64)).numpy()
    assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["modified_bessel_k1", "scaled_modified_bessel_k1"])
def test_bessel_of_the_smallest_number(name):
    """1 / x overflows there; PyTorch gives NaN."""
    assert getattr(lamina.special, name)(lamina.tensor(5e-324, dtype=lamina.float64)).item() == float("inf")

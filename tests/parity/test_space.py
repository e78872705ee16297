"""What no case can say of layers over space: the gradients of convolutions as functions."""
import lamina
import numpy as np
import pytest
import torch
from support import cases


def both(shape, seed, dtype="float64"):
    values = np.asarray(cases.noise(shape, seed)).astype(dtype)
    return [t.from_numpy(values.copy()) for t in (lamina, torch)]


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": 1, "dilation": 2}, {"stride": 3, "groups": 2}], ids=str)
def test_gradients_of_convolutions(n, options):
    groups = options.get("groups", 1)
    input_size, weight_size = (2, 2 * groups, 9, 8, 7)[:n + 2], (4, 2, 3, 2, 1)[:n + 2]
    x, w = both(input_size, 1), both(weight_size, 2)
    y = getattr(torch.nn.functional, f"conv{n}d")(x[1], w[1], **options)
    dy = both(tuple(y.shape), 3)
    for name, arguments in (("input", lambda i: (input_size, w[i], dy[i])), ("weight", lambda i: (x[i], weight_size, dy[i]))):
        mine = getattr(lamina.nn.grad, f"conv{n}d_{name}")(*arguments(0), **options)
        theirs = getattr(torch.nn.grad, f"conv{n}d_{name}")(*arguments(1), **options)
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-9, atol=1e-9)


def test_gradients_of_convolutions_refuse_what_does_not_fit():
    x, w, dy = (both(s, 1)[0] for s in ((2, 2, 9), (4, 2, 3), (2, 4, 6)))
    for wrong in (lambda: lamina.nn.grad.conv1d_input((2, 2, 9), w, dy), lambda: lamina.nn.grad.conv1d_input((2, 3, 8), w, dy),
                  lambda: lamina.nn.grad.conv1d_weight(x, (4, 2, 3), dy), lambda: lamina.nn.grad.conv1d_weight(x, (4, 2), dy)):
        with pytest.raises(lamina.ShapeError):
            wrong()


@pytest.mark.parametrize("options", [{}, {"stride": 1}, {"padding": 1}, {"stride": 3}], ids=str)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpooling_undoes_pooling(n, options):
    x = both((2, 3, 7, 6, 8)[:n + 2], 4)
    results = []
    for t, input in zip((lamina, torch), x):
        pool = getattr(t.nn, f"MaxPool{n}d")(2, return_indices=True, **options)
        values, indices = pool(input)
        back = getattr(t.nn, f"MaxUnpool{n}d")(2, **options)
        results.append(back(values, indices, output_size=input.shape))
    np.testing.assert_array_equal(*(y.numpy() for y in results))


def test_power_pooling_of_large_numbers():
    """PyTorch's power overflows."""
    x = lamina.full((1, 2, 2), 1e30)
    assert lamina.nn.LPPool2d(2, 2)(x).item() == pytest.approx(2e30, rel=1e-6)
    assert torch.nn.LPPool2d(2, 2)(torch.full((1, 2, 2), 1e30)).item() == float("inf")


def test_names_of_pools_with_indices():
    x = both((2, 3, 6, 6, 6), 4)
    for n in (1, 2, 3):
        for name, arguments in (("max_pool", (2, 2)), ("adaptive_max_pool", (3,)), ("fractional_max_pool", (2, 3))):
            if (name, n) == ("fractional_max_pool", 1):
                continue
            found = []
            for t, input in zip((lamina, torch), x):
                t.manual_seed(1)
                found.append(getattr(t.nn.functional, f"{name}{n}d_with_indices")(input.reshape(2, 3, *[6] * (n - 1), -1), *arguments))
            for mine, theirs in zip(*found):
                np.testing.assert_array_equal(mine.numpy(), theirs.numpy())

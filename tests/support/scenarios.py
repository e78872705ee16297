"""Small programs that take the library as an argument, put to lamina and, where it is there, to torch."""
import math

import lamina

try:
    import torch
except ImportError:
    torch = None


def same(scenario):
    """What the scenario gives, which is the same with PyTorch."""
    ours = scenario(lamina)
    if torch is not None:
        assert ours == scenario(torch)
    return ours


class Numbers(list):
    """Numbers that equal others within rounding, of the size of the largest."""

    def __eq__(self, other):
        size = max((abs(value) for value in self if abs(value) < math.inf), default=1)
        return len(self) == len(other) and all(
            a == b or abs(a - b) <= 1e-9 * max(size, 1) or (a != a and b != b) for a, b in zip(self, other)
        )


def numbers(tensor):
    """The values of a tensor, for comparison."""
    return Numbers(tensor.detach().double().flatten().tolist())


def ramp(t, *shape):
    """Values of a sine, in float64."""
    return (t.arange(math.prod(shape), dtype=t.float64).reshape(shape) * 1.7).sin()


def kind_of_error(use):
    """The built-in type of the exception that use() raises."""
    try:
        use()
    except Exception as error:
        return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return None


def back(y, **options):
    """backward from 1, 2, 3, …"""
    y.backward((y.detach() * 0 + 1).cumsum(-1), **options)


def leaf(t, *values):
    return t.tensor(list(values), dtype=t.float64, requires_grad=True)

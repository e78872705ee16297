"""Source: torch.distributions.cauchy."""

import math as _math
from numbers import Number as _Number

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.distribution import Distribution
from lamina.distributions.utils import broadcast_all

__all__ = ["Cauchy"]


class Cauchy(Distribution):
    """Median loc, half width at half maximum scale; no mean. Drawn by the inverse of the distribution function."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        plain = isinstance(loc, _Number) and isinstance(scale, _Number)
        super().__init__(() if plain else self.loc.size(), validate_args=validate_args)

    @property
    def mean(self):
        return _lamina.full(self._extended_shape(), _lamina.nan, dtype=self.loc.dtype)

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return _lamina.full(self._extended_shape(), _lamina.inf, dtype=self.loc.dtype)

    def expand(self, batch_shape, _instance=None):
        return self._expanded(Cauchy, batch_shape, ("loc", "scale"), _instance)

    def rsample(self, sample_shape=()):
        drawn = _lamina.rand(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        return self.icdf(drawn)

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        return -_math.log(_math.pi) - self.scale.log() - ((value - self.loc) / self.scale).pow(2).log1p()

    def cdf(self, value):
        if self._validate_args:
            self._validate_sample(value)
        return _lamina.atan((value - self.loc) / self.scale) / _math.pi + 0.5

    def icdf(self, value):
        return _lamina.tan(_math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self):
        return _math.log(4 * _math.pi) + self.scale.log()

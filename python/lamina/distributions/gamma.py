"""Source: torch.distributions.gamma."""

from numbers import Number as _Number

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.exp_family import ExponentialFamily
from lamina.distributions.utils import broadcast_all

__all__ = ["Gamma"]


class Gamma(ExponentialFamily):
    """The gamma distribution of shape `concentration` and 1/scale `rate`."""

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(self, concentration, rate, validate_args=None):
        self.concentration, self.rate = broadcast_all(concentration, rate)
        plain = isinstance(concentration, _Number) and isinstance(rate, _Number)
        super().__init__(() if plain else self.concentration.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.concentration / self.rate

    @property
    def mode(self):
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self):
        return self.concentration / self.rate.pow(2)

    def expand(self, batch_shape, _instance=None):
        return self._expanded(Gamma, batch_shape, ("concentration", "rate"), _instance)

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        value = _lamina._standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        return value.clamp(min=_lamina.finfo(value.dtype).tiny)

    def log_prob(self, value):
        value = _lamina.as_tensor(value, dtype=self.rate.dtype)
        if self._validate_args:
            self._validate_sample(value)
        a, rate = self.concentration, self.rate
        return _lamina.xlogy(a, rate) + _lamina.xlogy(a - 1, value) - rate * value - _lamina.lgamma(a)

    def entropy(self):
        a = self.concentration
        return a - self.rate.log() + _lamina.lgamma(a) + (1.0 - a) * _lamina.digamma(a)

    @property
    def _natural_params(self):
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, x, y):
        return _lamina.lgamma(x + 1) + (x + 1) * _lamina.log(-y.reciprocal())

    def cdf(self, value):
        if self._validate_args:
            self._validate_sample(value)
        return _lamina.special.gammainc(self.concentration, self.rate * value)

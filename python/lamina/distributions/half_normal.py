"""Source: torch.distributions.half_normal."""

import math as _math

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.normal import Normal
from lamina.distributions.transformed_distribution import TransformedDistribution
from lamina.distributions.transforms import AbsTransform

__all__ = ["HalfNormal"]


class HalfNormal(TransformedDistribution):
    """|x| of normal x of mean 0 and standard deviation scale."""

    arg_constraints = {"scale": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, scale, validate_args=None):
        super().__init__(Normal(0, scale, validate_args=False), AbsTransform(), validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        return super().expand(batch_shape, _instance=self._get_checked_instance(HalfNormal, _instance))

    @property
    def scale(self):
        return self.base_dist.scale

    @property
    def mean(self):
        return self.scale * _math.sqrt(2 / _math.pi)

    @property
    def mode(self):
        return _lamina.zeros_like(self.scale)

    @property
    def variance(self):
        return self.scale.pow(2) * (1 - 2 / _math.pi)

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        inside = self.base_dist.log_prob(value) + _math.log(2)
        return _lamina.where(value >= 0, inside, _lamina.full_like(inside, -_lamina.inf))

    def cdf(self, value):
        if self._validate_args:
            self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, prob):
        return self.base_dist.icdf((prob + 1) / 2)

    def entropy(self):
        return self.base_dist.entropy() - _math.log(2)

"""Source: torch.distributions.studentT."""

import math as _math
from numbers import Number as _Number

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.chi2 import Chi2
from lamina.distributions.distribution import Distribution
from lamina.distributions.utils import _standard_normal, broadcast_all

__all__ = ["StudentT"]


class StudentT(Distribution):
    """Student's t with df degrees of freedom, shifted by loc and scaled by scale."""

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(() if isinstance(df, _Number) else self.df.size(), validate_args=validate_args)

    @property
    def mean(self):
        return _lamina.where(self.df > 1, self.loc, _lamina.full_like(self.loc, _lamina.nan))

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        df, wide = self.df, self.scale.pow(2)
        known = wide * df / (df - 2)
        result = _lamina.where(df > 2, known, _lamina.full_like(known, _lamina.inf))
        return _lamina.where(df > 1, result, _lamina.full_like(known, _lamina.nan))

    def expand(self, batch_shape, _instance=None):
        new = self._expanded(StudentT, batch_shape, ("df", "loc", "scale"), _instance)
        new._chi2 = self._chi2.expand(batch_shape)
        return new

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        x = _standard_normal(shape, self.df.dtype)
        return self.loc + self.scale * (x * _lamina.rsqrt(self._chi2.rsample(sample_shape) / self.df))

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        y = (value - self.loc) / self.scale
        z = (self.scale.log() + 0.5 * self.df.log() + 0.5 * _math.log(_math.pi) + _lamina.lgamma(0.5 * self.df)
             - _lamina.lgamma(0.5 * (self.df + 1.0)))
        return -0.5 * (self.df + 1.0) * _lamina.log1p(y**2.0 / self.df) - z

    def entropy(self):
        half, more = 0.5 * self.df, 0.5 * (self.df + 1)
        beta = _lamina.lgamma(half) + _math.lgamma(0.5) - _lamina.lgamma(more)
        return self.scale.log() + more * (_lamina.digamma(more) - _lamina.digamma(half)) + 0.5 * self.df.log() + beta

"""Source: torch.distributions.bernoulli."""

from numbers import Number as _Number

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.exp_family import ExponentialFamily
from lamina.distributions.utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits
from lamina.nn.functional import binary_cross_entropy_with_logits as _entropy_of_logits

__all__ = ["Bernoulli"]


class Bernoulli(ExponentialFamily):
    """1 with probability probs, else 0; logits are the log-odds."""

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0

    def __init__(self, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        given = logits if probs is None else probs
        name = "logits" if probs is None else "probs"
        (value,) = broadcast_all(given)
        setattr(self, name, value)
        self._param = value
        super().__init__(() if isinstance(given, _Number) else value.size(), validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        name = "probs" if "probs" in self.__dict__ else "logits"
        new = self._expanded(Bernoulli, batch_shape, (name,), _instance)
        new._param = getattr(new, name)
        return new

    @property
    def mean(self):
        return self.probs

    @property
    def mode(self):
        mode = (self.probs >= 0.5).to(self.probs)
        mode[self.probs == 0.5] = _lamina.nan
        return mode

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self):
        return self._param.size()

    def sample(self, sample_shape=()):
        with _lamina.no_grad():
            return _lamina.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return -_entropy_of_logits(logits, value, reduction="none")

    def entropy(self):
        return _entropy_of_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand=True):
        values = _lamina.arange(2, dtype=self._param.dtype).view((-1, *[1] * len(self._batch_shape)))
        return values.expand((-1, *self._batch_shape)) if expand else values

    @property
    def _natural_params(self):
        return (_lamina.logit(self.probs),)

    def _log_normalizer(self, x):
        return _lamina.log1p(_lamina.exp(x))

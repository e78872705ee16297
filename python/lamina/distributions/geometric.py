"""Source: torch.distributions.geometric."""

from numbers import Number as _Number

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.distribution import Distribution
from lamina.distributions.utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits
from lamina.nn.functional import binary_cross_entropy_with_logits as _entropy_of_logits

__all__ = ["Geometric"]


class Geometric(Distribution):
    """The number of failures before the first success, which has probability probs."""

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.nonnegative_integer

    def __init__(self, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        given, name = (logits, "logits") if probs is None else (probs, "probs")
        (value,) = broadcast_all(given)
        setattr(self, name, value)
        super().__init__(() if isinstance(given, _Number) else value.size(), validate_args=validate_args)
        if self._validate_args and probs is not None and not bool((self.probs > 0).all()):
            raise ValueError(f"Expected parameter probs of distribution {self!r} to be positive")

    def expand(self, batch_shape, _instance=None):
        return self._expanded(Geometric, batch_shape, ("probs" if "probs" in self.__dict__ else "logits",), _instance)

    @property
    def mean(self):
        return 1.0 / self.probs - 1.0

    @property
    def mode(self):
        return _lamina.zeros_like(self.probs)

    @property
    def variance(self):
        return (1.0 / self.probs - 1.0) / self.probs

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits, is_binary=True)

    def sample(self, sample_shape=()):
        dtype = self.probs.dtype
        with _lamina.no_grad():
            u = _lamina.empty(self._extended_shape(sample_shape), dtype=dtype).uniform_(_lamina.finfo(dtype).tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        value, probs = broadcast_all(value, self.probs)
        # 0·log(1 − 1) is 0: nothing failed
        failing = _lamina.where((probs == 1) & (value == 0), _lamina.zeros_like(probs), probs)
        return value * (-failing).log1p() + self.probs.log()

    def entropy(self):
        return _entropy_of_logits(self.logits, self.probs, reduction="none") / self.probs

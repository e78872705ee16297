"""What all distributions are. Source: torch.distributions.distribution."""

import warnings as _warnings

import lamina as _lamina
from lamina.distributions import constraints
from lamina.distributions.utils import lazy_property

__all__ = ["Distribution"]


class Distribution:
    """A distribution of events of event_shape, one for every place of batch_shape.

    A draw of sample_shape has the shape sample_shape + batch_shape + event_shape.
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value):
        """Whether new distributions check their parameters and the values they are asked about."""
        if value not in (True, False):
            raise ValueError("value must be True or False")
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape, self._event_shape = _lamina.Size(batch_shape), _lamina.Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()
        super().__init__()

    def _check_parameters(self):
        try:
            wanted = self.arg_constraints
        except NotImplementedError:
            _warnings.warn(f"{type(self)} does not define `arg_constraints`: its parameters are not checked. Set them, or "
                           "pass validate_args=False.", stacklevel=3)
            return
        for name, constraint in wanted.items():
            if constraints.is_dependent(constraint):
                continue
            if name not in self.__dict__ and isinstance(getattr(type(self), name), lazy_property):
                continue  # made of another parameter, which is checked
            value = getattr(self, name)
            valid = constraint.check(value)
            if not bool(valid.all()):
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    def expand(self, batch_shape, _instance=None):
        """The distribution with its parameters expanded to a batch shape."""
        raise NotImplementedError

    @property
    def batch_shape(self):
        return self._batch_shape

    @property
    def event_shape(self):
        return self._event_shape

    @property
    def arg_constraints(self):
        """name of a parameter → the set it lies in."""
        raise NotImplementedError

    @property
    def support(self):
        """The set that values lie in."""
        raise NotImplementedError

    @property
    def mean(self):
        raise NotImplementedError

    @property
    def mode(self):
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self):
        raise NotImplementedError

    @property
    def stddev(self):
        """√variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape=()):
        """A draw, without gradients."""
        with _lamina.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=()):
        """A draw through which gradients reach the parameters."""
        raise NotImplementedError

    def sample_n(self, n):
        """n draws: sample((n,))."""
        _warnings.warn("sample_n will be deprecated. Use .sample((n,)) instead", UserWarning, stacklevel=2)
        return self.sample((n,))

    def log_prob(self, value):
        """The log of the density, or of the probability, at values."""
        raise NotImplementedError

    def cdf(self, value):
        """The probability of at most these values."""
        raise NotImplementedError

    def icdf(self, value):
        """The values that probabilities belong to."""
        raise NotImplementedError

    def enumerate_support(self, expand=True):
        """All values of a discrete distribution, in the first dimension."""
        raise NotImplementedError

    def entropy(self):
        """The entropy in nats."""
        raise NotImplementedError

    def perplexity(self):
        """exp(entropy)."""
        return self.entropy().exp()

    def _extended_shape(self, sample_shape=()):
        return _lamina.Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value):
        """ValueError for a value of the wrong shape, or outside the support."""
        if not isinstance(value, _lamina.Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        event_start = value.dim() - len(self._event_shape)
        if value.shape[event_start:] != self._event_shape:
            raise ValueError(f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}.")
        expected = (*self._batch_shape, *self._event_shape)
        for i, j in zip(reversed(value.shape), reversed(expected)):
            if i != 1 and j != 1 and i != j:
                raise ValueError(f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}.")
        try:
            support = self.support
        except NotImplementedError:
            _warnings.warn(f"{type(self)} does not define `support`: values are not checked. Pass validate_args=False.",
                           stacklevel=3)
            return
        valid = support.check(value)
        if not bool(valid.all()):
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the support "
                f"({support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def _get_checked_instance(self, cls, _instance=None):
        if _instance is None and type(self).__init__ != cls.__init__:
            raise NotImplementedError(f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ "
                                      "method must also define a custom .expand() method.")
        return self.__new__(type(self)) if _instance is None else _instance

    def _expanded(self, cls, batch_shape, names, _instance=None, event=()):
        """A copy whose parameters `names` are expanded to batch_shape + event."""
        new = self._get_checked_instance(cls, _instance)
        shape = (*batch_shape, *event)
        for name in names:
            setattr(new, name, getattr(self, name).expand(shape))
        super(cls, new).__init__(batch_shape, self._event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    def __repr__(self):
        values = {k: self.__dict__[k] for k in self.arg_constraints if k in self.__dict__}
        inner = ", ".join(f"{k}: {v if v.numel() == 1 else v.size()}" for k, v in values.items())
        return f"{type(self).__name__}({inner})"

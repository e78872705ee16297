"""Special functions, as torch.special."""

import lamina as _lamina
from lamina import (
    digamma, erf, erfc, erfinv, exp2, expm1, log1p, logit, logsumexp, polygamma, sinc, xlogy,
)
from lamina import digamma as psi
from lamina import igamma as gammainc
from lamina import igammac as gammaincc
from lamina import lgamma as gammaln
from lamina import mvlgamma as multigammaln
from lamina import sigmoid as expit
from lamina._C import _special
from lamina._C._special import *  # noqa: F403


def round(input, *, decimals=0, out=None):
    """Halves to the even neighbour; with decimals, of the number times 10^decimals."""
    rounded = _lamina.round(input, decimals=decimals)
    return rounded if out is None else out.copy_(rounded)


def softmax(input, dim, *, dtype=None):
    """exp(input) over its sum along dim."""
    return _lamina.softmax(input, dim, dtype=dtype)


def log_softmax(input, dim, *, dtype=None):
    """The logarithm of softmax."""
    return _lamina.log_softmax(input, dim, dtype=dtype)


__all__ = [name for name in dir(_special) if not name.startswith("_")] + [
    "digamma", "erf", "erfc", "erfinv", "exp2", "expit", "expm1", "gammainc", "gammaincc", "gammaln", "log1p", "log_softmax",
    "logit", "logsumexp", "multigammaln", "polygamma", "psi", "round", "sinc", "softmax", "xlogy",
]

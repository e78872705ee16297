"""What distributions share. Source: torch.distributions.utils."""

from numbers import Number as _Number

import lamina as _lamina
import lamina.nn.functional as _F

__all__ = [
    "broadcast_all", "clamp_probs", "euler_constant", "lazy_property", "logits_to_probs", "probs_to_logits",
    "tril_matrix_to_vec", "vec_to_tril_matrix",
]

euler_constant = 0.57721566490153286060


def broadcast_all(*values):
    """Tensors of one shape, out of tensors and numbers; numbers take the type of the first tensor."""
    if not all(isinstance(v, (_lamina.Tensor, _Number)) for v in values):
        raise ValueError("Input arguments must all be instances of Number, torch.Tensor or objects implementing "
                         "__torch_function__.")
    like = next((v for v in values if isinstance(v, _lamina.Tensor)), None)
    dtype = _lamina.get_default_dtype() if like is None else like.dtype
    return _lamina.broadcast_tensors(
        *[v if isinstance(v, _lamina.Tensor) else _lamina.tensor(v, dtype=dtype) for v in values]
    )


def _standard_normal(shape, dtype, device=None):
    return _lamina.empty(shape, dtype=dtype).normal_()


def _sum_rightmost(value, dim):
    """The sum over the last `dim` dimensions."""
    return value if dim == 0 else value.reshape((*value.shape[: value.dim() - dim], -1)).sum(-1)


def clamp_probs(probs):
    """Probabilities away from 0 and 1 by the type's eps."""
    eps = _lamina.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def logits_to_probs(logits, is_binary=False):
    """Probabilities of log-odds (binary), or of logs of weights in the last dimension."""
    return _lamina.sigmoid(logits) if is_binary else _F.softmax(logits, dim=-1)


def probs_to_logits(probs, is_binary=False):
    """Log-odds (binary), or logs, of probabilities."""
    clamped = clamp_probs(probs)
    return _lamina.log(clamped) - _lamina.log1p(-clamped) if is_binary else _lamina.log(clamped)


class lazy_property:
    """A property that is computed when it is first read, and kept."""

    def __init__(self, wrapped):
        self.wrapped = wrapped
        self.__doc__ = wrapped.__doc__

    def __get__(self, instance, owner=None):
        if instance is None:
            return _lazy_property_and_property(self.wrapped)
        with _lamina.enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


class _lazy_property_and_property(lazy_property, property):
    """A lazy property as seen on the class."""

    def __init__(self, wrapped):
        property.__init__(self, wrapped)


def tril_matrix_to_vec(mat, diag=0):
    """The lower triangle of matrices in the last dimension, row by row."""
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    return mat[..., _lamina.ones(n, n, dtype=_lamina.bool).tril(diag)]


def vec_to_tril_matrix(vec, diag=0):
    """Matrices of which vectors hold the lower triangle, row by row."""
    n = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * vec.shape[-1] + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    if round(n) - n > 1e-6:
        raise ValueError(f"The size of last dimension is {vec.shape[-1]} which cannot be expressed as the lower "
                         "triangular part of a square D x D matrix.")
    n = round(n)
    mat = vec.new_zeros((*vec.shape[:-1], n, n))
    mat[..., _lamina.ones(n, n, dtype=_lamina.bool).tril(diag)] = vec
    return mat

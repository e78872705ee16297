"""Norms of slices and vectors of unit length, which weights are normalized with."""

from lamina._C import bfloat16, float16


def norm_except_dim(v, pow=2, dim=0):
    """The norm of order `pow` over all dimensions of v but `dim`, which keeps its size; dim=-1: of all of v, shape ().

    Source: torch.norm_except_dim.
    """
    if dim == -1:
        return v.norm(pow)
    shape = [1] * v.ndim
    shape[dim] = v.shape[dim]
    return v.transpose(0, dim).unsqueeze(-1).flatten(1).norm(pow, 1).view(shape)


def _weight_norm(v, g, dim=0):
    """g·v/|v| with the norm of norm_except_dim(v, 2, dim). Source: torch._weight_norm."""
    if v.dtype in (bfloat16, float16):
        return _weight_norm(v.float(), g.float(), dim).to(v.dtype)
    return v * (g / norm_except_dim(v, 2, dim))


def unit(vector, eps):
    """vector / max(|vector|, eps)"""
    return vector / vector.norm().clamp_min(eps)


def as_matrix(weight, dim):
    """The slices of `weight` along `dim` as rows."""
    return weight.movedim(dim, 0).flatten(1)

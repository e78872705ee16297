"""Gradients kept within bounds. Source: torch.nn.utils.clip_grad."""

import warnings
from collections.abc import Iterator

from lamina._C import _utils
from lamina._C._utils import clip_grad_value_ as clip_grad_value_
from lamina._C._utils import clip_grads_with_norm_ as clip_grads_with_norm_
from lamina._C._utils import get_total_norm as get_total_norm

__all__ = ["clip_grad_norm", "clip_grad_norm_", "clip_grad_value_"]

_clip_grads_with_norm_ = clip_grads_with_norm_
_get_total_norm = get_total_norm


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Scales the gradients down to a norm of max_norm where it is larger; returns the norm before.

    `parameters`: a tensor or an iterable of tensors; the norm is that of all gradients as one vector. `norm_type`: its
    order, also "inf". `foreach` is accepted: there is one way here.
    RuntimeError with error_if_nonfinite where the norm is not finite.
    """
    if isinstance(parameters, Iterator):
        parameters = list(parameters)
        if not parameters:
            warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    return _utils.clip_grad_norm_(parameters, float(max_norm), float(norm_type), error_if_nonfinite, foreach)


def clip_grad_norm(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """The old name of clip_grad_norm_."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning, stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)

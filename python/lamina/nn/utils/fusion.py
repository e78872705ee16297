"""Batch norm folded into the layer before it, for inference. Source: torch.nn.utils.fusion."""

import copy

import lamina as _lamina
from lamina._C import Parameter

__all__ = ["fuse_conv_bn_eval", "fuse_conv_bn_weights", "fuse_linear_bn_eval", "fuse_linear_bn_weights"]


def _check_eval(layer, bn):
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")


def _check_moments(bn):
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")


def _fused(layer, bn, fuse, *args):
    fused = copy.deepcopy(layer)
    _check_moments(bn)
    fused.weight, fused.bias = fuse(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, *args
    )
    return fused


def fuse_conv_bn_eval(conv, bn, transpose=False):
    """A new convolution that does what `conv` followed by `bn` does in eval mode.

    `transpose`: conv is a transposed one. AssertionError: a module in training mode, or bn without running moments.
    """
    _check_eval(conv, bn)
    return _fused(conv, bn, fuse_conv_bn_weights, transpose)


def fuse_conv_bn_weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose=False):
    """Weight and bias of such a convolution, as parameters, in the types of those given.

    s = bn_w / √(bn_rv + bn_eps): weight · s for each output channel, (bias − bn_rm)·s + bn_b. Absent are conv_b and bn_b
    (0) and bn_w (1).
    """
    bias_dtype = conv_w.dtype if conv_b is None else conv_b.dtype
    if conv_b is None:
        conv_b = _lamina.zeros_like(bn_rm)
    if bn_w is None:
        bn_w = _lamina.ones_like(bn_rm)
    if bn_b is None:
        bn_b = _lamina.zeros_like(bn_rm)
    scale = bn_w * (bn_rv + bn_eps).rsqrt()
    shape = [1] * conv_w.ndim
    shape[int(transpose)] = -1
    weight = (conv_w * scale.reshape(shape)).to(dtype=conv_w.dtype)
    bias = ((conv_b - bn_rm) * scale + bn_b).to(dtype=bias_dtype)
    return Parameter(weight.detach(), conv_w.requires_grad), Parameter(bias.detach(), conv_b.requires_grad)


def fuse_linear_bn_eval(linear, bn):
    """A new Linear that does what `linear` followed by `bn` does in eval mode.

    AssertionError: a module in training mode, bn without running moments, or of another size than out_features (and 1).
    """
    _check_eval(linear, bn)
    if bn.num_features not in (linear.out_features, 1):
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    return _fused(linear, bn, fuse_linear_bn_weights)


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    """Weight and bias of such a Linear, as parameters, in the types of those given. As fuse_conv_bn_weights."""
    bias_dtype = linear_w.dtype if linear_b is None else linear_b.dtype
    if linear_b is None:
        linear_b = _lamina.zeros_like(bn_rm)
    scale = bn_w * (bn_rv + bn_eps).rsqrt()
    weight = linear_w * scale.unsqueeze(-1).to(dtype=linear_w.dtype)
    bias = ((linear_b - bn_rm) * scale + bn_b).to(dtype=bias_dtype)
    return Parameter(weight.detach(), linear_w.requires_grad), Parameter(bias.detach(), linear_b.requires_grad)

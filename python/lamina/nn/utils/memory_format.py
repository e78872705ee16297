"""The order of convolution weights in memory. Source: torch.nn.utils.memory_format.

Accepted, so that scripts run: Lamina's kernels take contiguous weights, and the weights stay as they are.
"""

from lamina import _C

__all__ = ["convert_conv2d_weight_memory_format", "convert_conv3d_weight_memory_format"]


def _accept(module, memory_format):
    if not isinstance(memory_format, _C.memory_format):
        raise TypeError(f"memory_format must be a torch.memory_format, got {type(memory_format).__name__}")
    return module


def convert_conv2d_weight_memory_format(module, memory_format):
    """The module as it is. TypeError where `memory_format` is none."""
    return _accept(module, memory_format)


def convert_conv3d_weight_memory_format(module, memory_format):
    """The module as it is. TypeError where `memory_format` is none."""
    return _accept(module, memory_format)

"""Where new tensors live: on the CPU. Source: torch."""

import lamina as _lamina
from lamina._absent import false as is_vulkan_available

__all__ = [
    "get_default_device", "get_device_module", "is_vulkan_available", "set_default_device", "set_default_tensor_type",
]


def get_default_device():
    """The CPU."""
    return _lamina.device("cpu")


def set_default_device(device):
    """Accepts the CPU, and None; every other device is refused."""
    if device is not None:
        _lamina.device(device)


def get_device_module(device=None):
    """torch.cpu."""
    if device is not None:
        _lamina.device(device)
    return _lamina.cpu


def set_default_tensor_type(t):
    """set_default_dtype by an old type, such as torch.DoubleTensor or "torch.DoubleTensor"."""
    from lamina import _legacy

    if isinstance(t, str):
        t = getattr(_legacy, t.removeprefix("torch."), None)
    if not isinstance(t, _legacy.TensorType) or not t.dtype.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, got {t}")
    _lamina.set_default_dtype(t.dtype)

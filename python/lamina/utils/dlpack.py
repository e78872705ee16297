"""Tensors shared with other libraries. Source: torch.utils.dlpack."""

from lamina._C import from_dlpack, to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]

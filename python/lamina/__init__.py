"""Lamina: torch.nn as a small, fast C++ library, from Python."""

from lamina._C import *  # noqa: F403
from lamina import _C

__version__ = "2.13.0+lamina.0.1.0"

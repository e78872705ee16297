"""Linear algebra on batches of matrices, as torch.linalg."""

from lamina import _C as _core
from lamina._C._linalg import *  # noqa: F403
from lamina._C._linalg import LinAlgError  # noqa: F401

__all__ = [name for name in dir(_core._linalg) if not name.startswith("_")]

"""Names for annotations. Source: torch.types."""

import os as _os
from typing import IO as _IO
from typing import Union as _Union

from lamina import Size, Tensor, device as _device
from lamina._symbols import SymBool, SymFloat, SymInt
from lamina.storage import UntypedStorage as _Storage

__all__ = ["Number", "Device", "FileLike", "Storage"]

Number = int | float | bool
Device = _device | str | int | None
FileLike = _Union[str, _os.PathLike, _IO[bytes]]
Storage = _Storage
IntLikeType, FloatLikeType, BoolLikeType = int | SymInt, float | SymFloat, bool | SymBool
py_sym_types = (SymInt, SymFloat, SymBool)
_size = Size | list[int] | tuple[int, ...]
_int, _float, _bool = int, float, bool
_TensorOrTensors = Tensor | tuple[Tensor, ...]

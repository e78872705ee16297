"""The memory under tensors: the types are here for isinstance. Source: torch.storage."""

import lamina as _lamina

__all__ = ["TypedStorage", "UntypedStorage"]


def _refuse(*args, **kwargs):
    raise NotImplementedError("Lamina's tensors do not hand out their storage: use torch.empty(n, dtype=torch.uint8)")


class UntypedStorage:
    """Bytes under a tensor: for isinstance and annotations."""

    __init__ = _refuse
    is_cuda = False


class TypedStorage:
    """Values under a tensor: for isinstance and annotations."""

    __init__ = _refuse
    is_cuda = False
    dtype = None


def _named(name, dtype):
    return type(name, (TypedStorage,), {"dtype": dtype, "__doc__": f"Values of {dtype} under a tensor: for isinstance."})


FloatStorage = _named("FloatStorage", _lamina.float32)
DoubleStorage = _named("DoubleStorage", _lamina.float64)
HalfStorage = _named("HalfStorage", _lamina.float16)
BFloat16Storage = _named("BFloat16Storage", _lamina.bfloat16)
LongStorage = _named("LongStorage", _lamina.int64)
IntStorage = _named("IntStorage", _lamina.int32)
ShortStorage = _named("ShortStorage", _lamina.int16)
CharStorage = _named("CharStorage", _lamina.int8)
ByteStorage = _named("ByteStorage", _lamina.uint8)
BoolStorage = _named("BoolStorage", _lamina.bool)

"""Tensor types of old: torch.FloatTensor(2, 3), torch.LongTensor([1, 2]), isinstance(x, torch.FloatTensor)."""

import lamina


class TensorType(type):
    """Has the tensors of one element type as its instances."""

    def __new__(cls, name, bases, names, dtype=None, device="cpu"):
        self = super().__new__(cls, name, bases, {"__doc__": f"Tensors of {dtype} on {device}, by their old name."})
        self.dtype, self._device = dtype, device
        return self

    def __init__(self, name, bases, names, dtype=None, device="cpu"):
        super().__init__(name, bases, names)

    def __instancecheck__(self, instance):
        return isinstance(instance, lamina.Tensor) and self._device == "cpu" and instance.dtype is self.dtype

    def __call__(self, *args, device=None):
        if self._device != "cpu":
            raise TypeError(f"type {self!r} not available: Lamina computes on the CPU")
        if device is not None:
            lamina.device(device)
        if len(args) == 1 and not isinstance(args[0], int):
            value = args[0]
            if isinstance(value, lamina.Size):
                return lamina.empty(value, dtype=self.dtype)
            if isinstance(value, lamina.Tensor):
                if value.dtype is not self.dtype:
                    raise TypeError(f"expected {self.__name__} (got {value.type()})")
                return value.view_as(value)
            return lamina.tensor(value, dtype=self.dtype)
        return lamina.empty(args or (0,), dtype=self.dtype)

    def __repr__(self):
        return f"<class 'torch.{self.__name__}'>"


_TYPES = {
    "FloatTensor": lamina.float32, "DoubleTensor": lamina.float64, "HalfTensor": lamina.float16,
    "BFloat16Tensor": lamina.bfloat16, "LongTensor": lamina.int64, "IntTensor": lamina.int32, "ShortTensor": lamina.int16,
    "CharTensor": lamina.int8, "ByteTensor": lamina.uint8, "BoolTensor": lamina.bool,
}
globals().update({name: TensorType(name, (), {"__module__": "torch"}, dtype=dtype) for name, dtype in _TYPES.items()})


def absent_type(device, name):
    """torch.cuda.FloatTensor: a type that no tensor has."""
    if name not in _TYPES:
        raise AttributeError(f"module 'lamina.{device}' has no attribute '{name}'")
    return TensorType(name, (), {"__module__": f"torch.{device}"}, dtype=_TYPES[name], device=device)

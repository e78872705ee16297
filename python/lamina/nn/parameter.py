"""Parameters and buffers, and those whose shape is not known yet. Source: torch.nn.parameter."""

import lamina as _lamina
from lamina._C import Parameter as Parameter
from lamina._C import Tensor as _Tensor

__all__ = [
    "Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "UninitializedTensorMixin", "is_lazy",
]


class _BufferType(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, _Tensor) and getattr(instance, "_is_buffer", False)


class Buffer(_Tensor, metaclass=_BufferType):
    """Buffer(data=None, *, persistent=True): a tensor that a module registers as a buffer when it is assigned.

    `persistent`: part of state_dict. The result is a Tensor over the same values.
    """

    def __new__(cls, data=None, *, persistent=True):
        buffer = _lamina.empty(0) if data is None else data.detach().requires_grad_(data.requires_grad)
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer


# What may be asked of a tensor without a shape; everything else is an error that says so.
_ALLOWED = frozenset(
    "__class__ __deepcopy__ __dict__ __dir__ __doc__ __hash__ __init__ __init_subclass__ __module__ __new__ __reduce__"
    " __reduce_ex__ __repr__ __setattr__ __str__ __subclasshook__ __weakref__ _apply _is_buffer cls_to_become data device"
    " dtype grad grad_fn is_complex is_floating_point is_leaf is_parameter layout materialize persistent requires_grad"
    " requires_grad_ _version detach is_cuda is_cpu is_meta is_sparse is_quantized share_memory_ to half float double"
    " bfloat16 cpu cuda size".split()
)


class UninitializedTensorMixin:
    """What parameters and buffers have in common while their shape is unknown."""

    cls_to_become = _Tensor

    def materialize(self, shape, device=None, dtype=None):
        """Gives the tensor its shape, with unset values; from now on it is a plain parameter or buffer."""
        kind, data = self.cls_to_become, self.data
        self.data = _lamina.empty(shape, device=device or data.device, dtype=dtype or data.dtype)
        self.__class__ = kind

    def __getattribute__(self, name):
        if name in _ALLOWED:
            return super().__getattribute__(name)
        if name == "shape":
            raise RuntimeError(
                "Can't access the shape of an uninitialized parameter or buffer. Call the module once with an input of "
                "the right size (forward) first; load_state_dict of such a state needs a lazy module as well."
            )
        if not hasattr(type(self), name):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        _refusal(name)(self)

    def share_memory_(self):
        raise RuntimeError("Can't share memory on an uninitialized parameter or buffer. Call forward first.")

    def __repr__(self):
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def __reduce_ex__(self, protocol):
        return type(self), (self.requires_grad, None, self.dtype)

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), type(self)(self.requires_grad, None, self.dtype))


def _refusal(name):
    def refuse(self, *args):
        raise ValueError(
            f"Attempted to use an uninitialized parameter in {name}. Call the lazy module once with an input of the "
            "right size, so that its parameters get their shape, before anything is done with them."
        )

    return refuse


# Operators do not ask for an attribute first.
for _name in dir(_Tensor):
    if _name.startswith("__") and _name not in _ALLOWED and not hasattr(object, _name) and _name != "__dict__":
        setattr(UninitializedTensorMixin, _name, _refusal(_name))


def is_lazy(param):
    """Whether `param` is a parameter or buffer without a shape."""
    return isinstance(param, UninitializedTensorMixin)


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """UninitializedParameter(requires_grad=True, device=None, dtype=None): a parameter whose shape is not known yet."""

    cls_to_become = Parameter

    def __new__(cls, requires_grad=True, device=None, dtype=None):
        return Parameter.__new__(cls, _lamina.empty(0, device=device, dtype=dtype), requires_grad)


class UninitializedBuffer(UninitializedTensorMixin, _Tensor):
    """UninitializedBuffer(requires_grad=False, device=None, dtype=None, persistent=True): a buffer without a shape."""

    def __new__(cls, requires_grad=False, device=None, dtype=None, persistent=True):
        buffer = _Tensor.__new__(cls, _lamina.empty(0, device=device, dtype=dtype)).requires_grad_(requires_grad)
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer

"""Operations under names of their own: functions, called as they are. Source: torch.library."""

import functools as _functools

__all__ = [
    "CustomOpDef", "Library", "custom_op", "define", "impl", "impl_abstract", "infer_schema", "register_autocast",
    "register_autograd", "register_fake", "register_kernel", "register_vmap", "triton_op", "wrap_triton",
]

_operations = {}  # name → CustomOpDef


class CustomOpDef:
    """A function that was made an operation: it runs as Python, with the gradient that register_autograd gives it."""

    def __init__(self, name, function):
        self._name, self._qualname, self._init_fn = name, name, function
        self._backward = self._setup = self._recorded = None
        _functools.update_wrapper(self, function)

    def __call__(self, *args, **kwargs):
        if self._backward is None:
            return self._init_fn(*args, **kwargs)
        if kwargs:
            import inspect

            bound = inspect.signature(self._init_fn).bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        if self._recorded is None:
            self._recorded = self._function()
        return self._recorded.apply(*args)

    def _function(self):
        """The autograd.Function of this operation."""
        from lamina.autograd import Function

        operation = self

        class Operation(Function):
            @staticmethod
            def forward(*args):
                return operation._init_fn(*args)

            @staticmethod
            def setup_context(ctx, inputs, output):
                if operation._setup is not None:
                    operation._setup(ctx, inputs, output)

            @staticmethod
            def backward(ctx, *grads):
                return operation._backward(ctx, *grads)

        return Operation

    def register_autograd(self, backward, /, *, setup_context=None):
        """Sets the gradient: backward(ctx, *grads), setup_context(ctx, inputs, output) before it."""
        self._backward, self._setup = backward, setup_context

    def register_fake(self, fn, /):
        """Accepted: nothing is traced, so a function for shapes alone is not called."""
        return fn

    def register_kernel(self, device_types, func=None, /):
        """Takes func as the operation's code where device_types name the CPU, or no device."""
        if func is None:
            return _functools.partial(self.register_kernel, device_types)
        if device_types is None or "cpu" in ([device_types] if isinstance(device_types, str) else device_types):
            self._init_fn = func
        return func

    register_vmap = register_fake

    def register_autocast(self, device_type, cast_inputs, /):
        """Accepted: operations compute in the type of their tensors."""


def custom_op(name, fn=None, /, *, mutates_args, device_types=None, schema=None, tags=None):
    """Makes a function an operation of this name, such as "mylib::sin". Also a decorator."""
    if fn is None:
        return _functools.partial(custom_op, name, mutates_args=mutates_args, device_types=device_types, schema=schema)
    _operations[name] = CustomOpDef(name, fn)
    return _operations[name]


triton_op = custom_op


def _operation(op):
    return op if isinstance(op, CustomOpDef) else _operations.get(op)


def register_autograd(op, backward, /, *, setup_context=None, lib=None):
    """Sets the gradient of a custom_op."""
    found = _operation(op)
    if found is None:
        raise RuntimeError(f"there is no operation {op!r}: make it with torch.library.custom_op")
    found.register_autograd(backward, setup_context=setup_context)


def register_fake(op, func=None, /, *, lib=None, _stacklevel=1, allow_override=False):
    """Accepted: nothing is traced. Also a decorator."""
    return (lambda func: func) if func is None else func


impl_abstract = register_fake


def register_vmap(op, func=None, /, *, lib=None):
    """Accepted: there is no vmap. Also a decorator."""
    return (lambda func: func) if func is None else func


def register_kernel(op, device_types, func=None, /, *, lib=None):
    """Sets the code of a custom_op on the CPU. Also a decorator."""
    found = _operation(op)
    if found is None:
        raise RuntimeError(f"there is no operation {op!r}: make it with torch.library.custom_op")
    return found.register_kernel(device_types, *([] if func is None else [func]))


def register_autocast(op, device_type, cast_inputs, /, *, lib=None):
    """Accepted: operations compute in the type of their tensors."""


def define(qualname, schema, *, lib=None, tags=()):
    """Accepted: impl brings the function."""


def impl(qualname, types, func=None, *, lib=None):
    """Makes a function the operation's code. Also a decorator."""
    if func is None:
        return lambda func: impl(qualname, types, func)
    custom_op(qualname, func, mutates_args=())
    return func


def infer_schema(prototype_function, /, *, mutates_args, op_name=None):
    """Refused: operations have no schemas here."""
    raise NotImplementedError("Lamina's operations have no schemas")


def wrap_triton(triton_kernel, /):
    """Refused: Triton writes for GPUs."""
    raise NotImplementedError("Lamina computes on the CPU: there are no Triton kernels")


class Library:
    """A family of operations: functions are kept under their names."""

    def __init__(self, ns, kind, dispatch_key=""):
        self.ns, self.kind = ns, kind

    def define(self, schema, alias_analysis="", *, tags=()):
        """The operation's name, out of a schema such as "sin(Tensor x) -> Tensor"."""
        return schema.partition("(")[0]

    def impl(self, op_name, fn, dispatch_key="", *, with_keyset=False, allow_override=False):
        """Makes fn the code of an operation."""
        custom_op(f"{self.ns}::{op_name}", fn, mutates_args=())

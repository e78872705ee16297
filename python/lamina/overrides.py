"""Objects that take over operations by __torch_function__: none do. Source: torch.overrides."""

import contextlib as _contextlib
import functools as _functools

import lamina as _lamina

__all__ = [
    "get_ignored_functions", "get_overridable_functions", "handle_torch_function", "has_torch_function",
    "has_torch_function_unary", "has_torch_function_variadic", "is_tensor_like", "is_tensor_method_or_property",
    "resolve_name", "wrap_torch_function",
]


def is_tensor_like(inp):
    """Whether inp is a tensor, or of a class with __torch_function__."""
    return isinstance(inp, _lamina.Tensor) or hasattr(type(inp), "__torch_function__")


def has_torch_function(relevant_args):
    """False: operations are not taken over."""
    return False


def has_torch_function_unary(obj):
    """False: operations are not taken over."""
    return False


def has_torch_function_variadic(*args):
    """False: operations are not taken over."""
    return False


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    """Refused (TypeError): operations are not taken over."""
    raise TypeError(f"no implementation found for {public_api!r}: Lamina does not call __torch_function__")


def wrap_torch_function(dispatcher):
    """A decorator that leaves the function as it is."""
    return lambda function: function


def is_tensor_method_or_property(func):
    """Whether func is one of Tensor's methods."""
    return getattr(_lamina.Tensor, getattr(func, "__name__", ""), None) is func


def resolve_name(f):
    """"torch.add" for torch.add; None where it is not known."""
    name = getattr(f, "__name__", None)
    for owner, text in ((_lamina.Tensor, "torch.Tensor."), (_lamina, "torch.")):
        if name is not None and getattr(owner, name, None) is f:
            return text + name
    return None


def get_ignored_functions():
    """An empty set."""
    return set()


def get_overridable_functions():
    """An empty table: operations are not taken over."""
    return {}


class TorchFunctionMode(_contextlib.ContextDecorator):
    """A block whose operations are taken over: refused when it is entered."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        raise NotImplementedError

    def __enter__(self):
        raise NotImplementedError("Lamina does not call __torch_function__: operations cannot be taken over")

    def __exit__(self, *error):
        return None


class BaseTorchFunctionMode(TorchFunctionMode):
    """The same."""


@_functools.lru_cache
def get_testing_overrides():
    """An empty table: operations are not taken over."""
    return {}

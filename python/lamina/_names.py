"""Small questions and checks of the top level. Source: torch."""

import lamina as _lamina


def typename(obj):
    """The name of a tensor's type, or of an object's class with its module."""
    if isinstance(obj, _lamina.Tensor):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(named, "__module__", None) or ""
    return named.__qualname__ if module in ("", "builtins") else f"{module}.{named.__qualname__}"


def is_storage(obj):
    """Whether obj is a storage."""
    from lamina.storage import TypedStorage, UntypedStorage

    return isinstance(obj, (TypedStorage, UntypedStorage))


def compiled_with_cxx11_abi():
    """True."""
    return True


def _assert(condition, message):
    """assert condition, message."""
    if not condition:
        raise AssertionError(message)


def _assert_async(condition, message="Expected Tensor with single nonzero value, but got zero"):
    """RuntimeError where a tensor of one element is zero."""
    if condition.numel() != 1:
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    if not bool(condition):
        raise RuntimeError(message)


def _check(cond, message=None):
    """RuntimeError, with the text that message() gives, where cond is not true."""
    if not cond:
        raise RuntimeError("Expected cond to be True" if message is None else str(message()))

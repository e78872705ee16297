"""TorchScript: its decorators and questions cost nothing, compiling is refused. Source: torch.jit."""


from lamina._absent import NoContext, false
from lamina._absent import false as is_scripting
from lamina._absent import false as is_tracing
from lamina._absent import nothing as enable_onednn_fusion
from lamina._absent import nothing as set_fusion_strategy
from lamina.futures import Future
from lamina.nn import Module as _Module

__all__ = [
    "Attribute", "CompilationUnit", "Error", "Final", "Future", "RecursiveScriptModule", "ScriptFunction",
    "ScriptModule", "TracerWarning", "annotate", "enable_onednn_fusion", "export", "fork", "freeze", "ignore",
    "interface", "is_scripting", "is_tracing", "isinstance", "load", "onednn_fusion_enabled", "optimize_for_inference",
    "optimized_execution", "save", "script", "script_if_tracing", "script_method", "set_fusion_strategy",
    "strict_fusion", "trace", "trace_module", "unused", "wait",
]

from typing import Final  # noqa: E402

onednn_fusion_enabled = false
optimized_execution = fuser = strict_fusion = NoContext


class Error(RuntimeError):
    """An error of TorchScript: for `except`, nothing raises it."""


class TracerWarning(Warning):
    """A warning of tracing: for filters, nothing gives it."""

    @staticmethod
    def ignore_lib_warnings():
        """Does nothing."""


def _refused(name):
    def refuse(*args, **kwargs):
        raise NotImplementedError(
            f"Lamina has no torch.jit.{name}: there is nothing to compile. Call the module or function itself, and "
            "save a module's weights with torch.save(module.state_dict(), path) or save_safetensors"
        )

    refuse.__name__ = name
    refuse.__doc__ = f"Refused (NotImplementedError): Lamina has no TorchScript, and torch.jit.{name} nothing to do."
    return refuse


script, trace, trace_module = _refused("script"), _refused("trace"), _refused("trace_module")
load, save, freeze = _refused("load"), _refused("save"), _refused("freeze")
optimize_for_inference, interface = _refused("optimize_for_inference"), _refused("interface")


class ScriptModule(_Module):
    """A compiled module: for isinstance and annotations. Nothing makes one."""

    def __init__(self, *args, **kwargs):
        script()


class RecursiveScriptModule(ScriptModule):
    """A compiled module: for isinstance."""


TopLevelTracedModule = TracedModule = RecursiveScriptModule


class ScriptFunction:
    """A compiled function: for isinstance. Nothing makes one."""

    def __init__(self, *args, **kwargs):
        script()


class ScriptObject:
    """An object of a compiled class: for isinstance."""


class CompilationUnit(ScriptObject):
    """Compiled functions: refused."""

    def __init__(self, *args, **kwargs):
        script()


class Attribute:
    """A value with its type, as ScriptModules declare attributes: Attribute(value, type)."""

    def __init__(self, value, type):
        self.value, self.type = value, type


def unused(fn):
    """The function unchanged: nothing is compiled."""
    return fn


def export(fn):
    """The function unchanged: nothing is compiled."""
    return fn


def script_if_tracing(fn):
    """The function unchanged: nothing is traced."""
    return fn


def script_method(fn):
    """The function unchanged: nothing is compiled."""
    return fn


def ignore(drop=False, **kwargs):
    """The function unchanged: nothing is compiled. Also a decorator with options."""
    return drop if callable(drop) else lambda fn: fn


def annotate(the_type, the_value):
    """the_value."""
    return the_value


def isinstance(obj, target_type):  # noqa: A001
    """Whether obj is one of a type, such as list[int] or Optional[Tensor], looking into containers."""
    import builtins
    import types
    import typing

    if builtins.isinstance(target_type, tuple):
        return any(isinstance(obj, t) for t in target_type)
    origin, parts = typing.get_origin(target_type), typing.get_args(target_type)
    if origin is None:
        return obj is None if target_type in (None, type(None)) else builtins.isinstance(obj, target_type)
    if origin in (typing.Union, types.UnionType):
        return any(isinstance(obj, t) for t in parts)
    if not builtins.isinstance(obj, origin):
        return False
    if origin is dict:
        return all(isinstance(k, parts[0]) and isinstance(v, parts[1]) for k, v in obj.items())
    if origin is tuple and not (len(parts) == 2 and parts[1] is ...):
        return len(obj) == len(parts) and all(isinstance(v, t) for v, t in zip(obj, parts))
    return all(isinstance(v, parts[0]) for v in obj)


def fork(func, *args, **kwargs):
    """func(*args, **kwargs) at once, as a Future that is done."""
    future = Future()
    try:
        future.set_result(func(*args, **kwargs))
    except Exception as error:
        future.set_exception(error)
    return future


def wait(future):
    """The result of a future."""
    return future.wait()


_script_if_tracing = script_if_tracing
def _overload(fn):
    return fn


_overload_method = _overload

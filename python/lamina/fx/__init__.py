"""Graphs of modules: the types are here for isinstance, tracing is refused. Source: torch.fx."""

from lamina.nn import Module as _Module

__all__ = ["Graph", "GraphModule", "Interpreter", "Node", "Proxy", "Tracer", "symbolic_trace", "wrap"]


def _refuse(*args, **kwargs):
    raise NotImplementedError(
        "Lamina has no torch.fx graphs: walk a model with named_modules(), and watch it with forward hooks"
    )


class Graph:
    """Refused: for isinstance and annotations."""

    __init__ = _refuse


class Node:
    """Refused: for isinstance and annotations."""

    __init__ = _refuse


class Proxy:
    """A value while a module is traced: for isinstance, nothing is one."""

    __init__ = _refuse


class Tracer:
    """Refused: for isinstance and annotations."""

    __init__ = _refuse


class Interpreter:
    """Refused: for isinstance and annotations."""

    __init__ = _refuse


class GraphModule(_Module):
    """A traced module: for isinstance, nothing is one."""

    __init__ = _refuse


def symbolic_trace(root, concrete_args=None):
    """Refused (NotImplementedError)."""
    _refuse()


def wrap(fn_or_name):
    """What it was given: nothing is traced."""
    return fn_or_name

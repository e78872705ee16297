"""What programs ask of PyTorch's compiler: nothing is compiled. Source: torch._dynamo."""

from types import SimpleNamespace as _SimpleNamespace

from lamina._absent import false as is_compiling
from lamina._absent import nothing as graph_break
from lamina._absent import nothing as mark_dynamic
from lamina._absent import nothing as mark_static
from lamina._absent import nothing as mark_static_address
from lamina._absent import nothing as maybe_mark_dynamic
from lamina._absent import nothing as reset
from lamina.compiler import allow_in_graph, assume_constant_result, disable, list_backends

__all__ = [
    "OptimizedModule", "allow_in_graph", "assume_constant_result", "config", "disable", "disallow_in_graph",
    "forbid_in_graph", "graph_break", "is_compiling", "list_backends", "mark_dynamic", "mark_static",
    "mark_static_address", "maybe_mark_dynamic", "optimize", "reset",
]

#: Settings are taken without effect.
config = _SimpleNamespace(
    suppress_errors=False, verbose=False, cache_size_limit=8, recompile_limit=8, capture_scalar_outputs=False,
    automatic_dynamic_shapes=True,
)
disallow_in_graph = forbid_in_graph = allow_in_graph


class OptimizedModule:
    """A module that torch.compile wrapped: for isinstance, nothing is one."""


def optimize(*args, **kwargs):
    """A decorator that leaves the function as it is."""
    return lambda fn: fn

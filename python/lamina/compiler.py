"""torch.compile and what belongs to it: nothing is compiled, for the layers are already. Source: torch.compiler."""

import lamina._absent as _absent
from lamina._absent import false as is_compiling
from lamina._absent import false as is_dynamo_compiling
from lamina._absent import false as is_exporting
from lamina._absent import nothing as cudagraph_mark_step_begin
from lamina._absent import nothing as reset
from lamina._absent import nothing as set_default_backend

__all__ = [
    "allow_in_graph", "assume_constant_result", "compile", "cudagraph_mark_step_begin", "disable", "get_default_backend",
    "is_compiling", "is_dynamo_compiling", "is_exporting", "list_backends", "nested_compile_region", "reset",
    "set_default_backend", "set_stance", "substitute_in_graph", "wrap_numpy",
]


def compile(model=None, *, fullgraph=False, dynamic=None, backend=None, mode=None, options=None, disable=False, **others):
    """The module or function unchanged: its layers are compiled C++ already. Also a decorator with options."""
    if model is None:
        return lambda model: model
    if not callable(model):
        raise RuntimeError(f"torch.compile takes a module or a function, got {type(model).__name__}")
    return model


def disable(fn=None, recursive=True, *, reason=None):
    """The function unchanged: nothing is compiled. Also a decorator with options."""
    return (lambda fn: fn) if fn is None else fn


def allow_in_graph(fn):
    """The function, or the list of functions, unchanged."""
    return fn


def assume_constant_result(fn):
    """The function unchanged."""
    return fn


def wrap_numpy(fn):
    """The function unchanged."""
    return fn


def nested_compile_region(fn=None):
    """The function unchanged."""
    return (lambda fn: fn) if fn is None else fn


def substitute_in_graph(original_fn, *, can_constant_fold_through=False, skip_signature_check=False, **others):
    """A decorator that leaves the function as it is."""
    return lambda fn: fn


def list_backends(exclude_tags=()):
    """An empty list: there is no compiler."""
    return []


def get_default_backend():
    """"eager": modules run as they are."""
    return "eager"


class set_stance(_absent.NoContext):
    """Accepted: nothing is compiled under any stance. A context manager and a decorator."""

    def __call__(self, fn):
        return fn

"""What stands behind tensors in a graph. Source: torch.autograd.graph."""

import contextlib as _contextlib
from collections import namedtuple as _namedtuple

import lamina as _lamina
from lamina import Node

__all__ = ["GradientEdge", "Node", "get_gradient_edge", "increment_version", "save_on_cpu", "saved_tensors_hooks"]

GradientEdge = _namedtuple("GradientEdge", ["node", "output_nr", "ownership_token"], defaults=[None])


def get_gradient_edge(tensor):
    """The node and output that a tensor comes from."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge of a Tensor that does not require gradients")
    if tensor.grad_fn is None:
        return GradientEdge(tensor.view_as(tensor).grad_fn.next_functions[0][0], 0)
    return GradientEdge(tensor.grad_fn, getattr(tensor, "output_nr", 0))


def increment_version(tensor):
    """Marks tensors as changed in place."""
    for t in [tensor] if isinstance(tensor, _lamina.Tensor) else tensor:
        with _lamina.no_grad():
            t.add_(0) if t.dtype is not _lamina.bool else t.logical_or_(t)


@_contextlib.contextmanager
def save_on_cpu(pin_memory=False, device_type="cuda"):
    """Changes nothing: what backward needs is kept on the CPU already."""
    yield


class saved_tensors_hooks:
    """Refused (NotImplementedError): what backward keeps is not handed out."""

    def __init__(self, pack_hook, unpack_hook):
        raise NotImplementedError(
            "Lamina does not hand out what backward keeps: use torch.utils.checkpoint to keep less"
        )


class disable_saved_tensors_hooks(_contextlib.ContextDecorator):
    """Changes nothing: there are no such hooks."""

    def __init__(self, error_message):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

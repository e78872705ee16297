"""Functions with a backward written by hand. Source: torch.autograd.function.

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, grad):
            x, = ctx.saved_tensors
            return 3 * x**2 * grad

    y = Cube.apply(x)
"""

import functools

from lamina._C import Tensor, _autograd, is_grad_enabled
from lamina._grad_mode import no_grad

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionCtx(_autograd.FunctionContext):
    """What forward leaves for backward: saved tensors, attributes, and marks on inputs and results."""


class Function:
    """Base of a function with its own backward: call it by apply, not by making an instance.

    forward(ctx, *args) computes the results without being recorded; or forward(*args), with setup_context(ctx, inputs,
    output) beside it. backward(ctx, *grads) returns a gradient, or None, for each argument of forward.
    """

    generate_vmap_rule = False

    def __init__(self, *args, **kwargs):
        raise RuntimeError(
            f"{type(self).__name__} is called by {type(self).__name__}.apply(…): an instance has no use"
        )

    @staticmethod
    def forward(*args, **kwargs):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx, inputs, output):
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @classmethod
    def apply(cls, *args, **kwargs):
        """forward of these arguments, recorded with this class's backward."""
        ctx = FunctionCtx()
        separate = cls.setup_context is not Function.setup_context
        if kwargs:
            if separate:
                import inspect

                bound = inspect.signature(cls.forward).bind(*args, **kwargs)
                bound.apply_defaults()
                args, kwargs = bound.args, {}
            else:
                raise TypeError(f"{cls.__name__}.apply() takes no keyword arguments")
        ctx._set_needs(args)
        with no_grad():
            if separate:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        backward = cls.backward if cls.vjp is Function.vjp else cls.vjp
        return _autograd.finished(cls, ctx, backward, args, result)


class _OnlyOnce(Function):
    """The gradients of a backward that may not be differentiated."""

    @staticmethod
    def forward(ctx, count, *tensors):
        return tuple(t.detach() if isinstance(t, Tensor) else t for t in tensors[:count])

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def once_differentiable(backward):
    """Decorates a backward whose own derivative does not exist: to ask for it is an error, not a wrong number."""

    @functools.wraps(backward)
    def wrapper(ctx, *grads):
        with no_grad():
            results = backward(ctx, *grads)
        if not is_grad_enabled() or not any(isinstance(g, Tensor) and g.requires_grad for g in grads):
            return results
        several = results if isinstance(results, tuple) else (results,)
        marked = _OnlyOnce.apply(len(several), *several, *grads)
        return marked if isinstance(results, tuple) else marked[0]

    return wrapper

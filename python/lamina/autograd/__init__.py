"""Gradients: backward, grad and their checks. Source: torch.autograd."""

from lamina._C import Node, Tensor, _autograd
from lamina._grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from lamina.autograd.function import Function, FunctionCtx

__all__ = [
    "backward", "grad", "gradcheck", "gradgradcheck", "no_grad", "enable_grad", "set_grad_enabled", "inference_mode",
    "Node", "Variable", "Function", "FunctionCtx", "detect_anomaly", "set_detect_anomaly", "functional", "graph",
]

Variable = Tensor


def __getattr__(name):  # imported when first asked for, so that `import lamina` stays quick
    import importlib

    if name in ("anomaly_mode", "forward_ad", "functional", "graph", "variable"):
        return importlib.import_module("lamina.autograd." + name)
    if name in ("detect_anomaly", "set_detect_anomaly"):
        return getattr(importlib.import_module("lamina.autograd.anomaly_mode"), name)
    raise AttributeError(f"module 'lamina.autograd' has no attribute '{name}'")


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """Adds to .grad of every leaf below `tensors` the gradient of Σ tensors·grad_tensors.

    A gradient may be None for a tensor of one element. With `inputs`, only those leaves get one.
    """
    if inputs is None:
        _autograd.backward(tensors, grad_tensors, retain_graph, create_graph)
        return
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if not inputs:
        raise RuntimeError("'inputs' argument to 'backward' cannot be empty.")
    gradients = _autograd.grad(tensors, inputs, grad_tensors, retain_graph, create_graph, allow_unused=True)
    for leaf, gradient in zip(inputs, gradients):
        if gradient is not None:
            leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient


def grad(
    outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=None,
    is_grads_batched=False, materialize_grads=False,
):
    """The gradients of Σ outputs·grad_outputs with respect to `inputs`, as a tuple; .grad stays as it is."""
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched is not there: call grad once for each row of grad_outputs")
    return _autograd.grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, **ignored):
    """Compares the gradients of func with finite differences, for inputs of float64 that require grad."""
    return _autograd.gradcheck(func, inputs, eps, atol, rtol, raise_exception)


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, **ignored):
    """The same for second derivatives, with random cotangents."""
    if grad_outputs is not None:
        raise NotImplementedError("gradgradcheck draws its cotangents itself: leave grad_outputs out")
    return _autograd.gradgradcheck(func, inputs, eps, atol, rtol, raise_exception)

"""Derivatives of functions of tensors. Source: torch.autograd.functional.

    jacobian(torch.exp, x)         # (…y, …x)
    outputs, products = vjp(f, x, v)
"""

import lamina as _lamina
from lamina._C import Tensor as _Tensor

__all__ = ["vjp", "jvp", "jacobian", "hessian", "hvp", "vhp"]


def _as_tuple(values, what):
    """Tensors as a tuple, and whether they were one before."""
    if isinstance(values, _Tensor):
        return (values,), False
    if not isinstance(values, (tuple, list)):
        raise TypeError(f"The {what} must be a Tensor or a tuple of Tensors but got {type(values)}.")
    for i, value in enumerate(values):
        if not isinstance(value, _Tensor):
            raise TypeError(f"The {what} must be Tensors, but element {i} of the tuple is {type(value)}.")
    return tuple(values), True


def _back(values, was_tuple):
    return values if was_tuple else values[0]


def _own_inputs(inputs, create_graph):
    """Inputs that require grad and are no one else's; with create_graph they stay connected to the given ones."""
    if create_graph:
        return tuple(t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in inputs)
    return tuple(t.detach().requires_grad_() for t in inputs)


def _called(func, inputs, strict):
    outputs, was_tuple = _as_tuple(func(*inputs), "outputs of the function")
    if strict:
        for i, output in enumerate(outputs):
            if not output.requires_grad:
                raise RuntimeError(f"Output {i} of the user-provided function does not require gradients.")
    return outputs, was_tuple


def _vector(v, like, was_tuple, what):
    """The vectors to multiply with, of the shapes of `like`; ones where like is one number and no v was given."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if the {what} has a single element.")
        return (_lamina.ones_like(like[0]),)
    v = tuple(t.detach() if not t.requires_grad else t for t in _as_tuple(v, "v")[0])
    if len(v) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}.")
    for i, (a, b) in enumerate(zip(v, like)):
        if a.shape != b.shape:
            raise RuntimeError(f"v at index {i} has shape {tuple(a.shape)}, expected {tuple(b.shape)}.")
    return v


def _grad(outputs, inputs, vectors, create_graph=False):
    """The gradients, None where there is none."""
    used = [(o, v) for o, v in zip(outputs, vectors) if o is not None and o.requires_grad]
    if not used:
        return (None,) * len(inputs)
    return _lamina.autograd.grad([o for o, _ in used], inputs, [v for _, v in used], retain_graph=True,
                                 create_graph=create_graph, allow_unused=True)


def _filled(gradients, inputs, strict, create_graph):
    """Gradients with zeros where an input has no part; an error in strict mode."""
    filled = []
    for i, (g, t) in enumerate(zip(gradients, inputs)):
        if strict and g is None:
            raise RuntimeError(f"The output of the user-provided function is independent of input {i}. "
                               "This is not allowed in strict mode.")
        if strict and create_graph and not g.requires_grad:
            raise RuntimeError(f"The derivative with respect to input {i} is independent of the inputs. "
                               "This is not allowed in strict mode when create_graph=True.")
        filled.append(_lamina.zeros_like(t) if g is None else g)
    return tuple(filled)


def _detached(values, create_graph):
    return values if create_graph else tuple(v.detach() for v in values)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """func(*inputs), and v·J: for every input the sum over the outputs of v times the derivative."""
    with _lamina.enable_grad():
        inputs, was_tuple = _as_tuple(inputs, "inputs given to vjp")
        own = _own_inputs(inputs, create_graph)
        outputs, out_tuple = _called(func, own, strict)
        products = _grad(outputs, own, _vector(v, outputs, out_tuple, "output of the function"), create_graph)
        products = _filled(products, own, strict, create_graph)
    return _back(_detached(outputs, create_graph), out_tuple), _back(_detached(products, create_graph), was_tuple)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """func(*inputs), and J·v: for every output the derivative in direction v."""
    with _lamina.enable_grad():
        inputs, was_tuple = _as_tuple(inputs, "inputs given to jvp")
        v = _vector(v, inputs, was_tuple, "input of the function")
        own = _own_inputs(inputs, create_graph)
        outputs, out_tuple = _called(func, own, strict)
        # u·J is linear in u, and its derivative with respect to u in direction v is J·v
        u = tuple(_lamina.zeros_like(o).requires_grad_() for o in outputs)
        pulled = _filled(_grad(outputs, own, u, True), own, strict, True)
        products = _filled(_grad(pulled, u, v, create_graph), outputs, strict, create_graph)
    return _back(_detached(outputs, create_graph), out_tuple), _back(_detached(products, create_graph), out_tuple)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The derivative of every output with respect to every input, of shape (…output, …input).

    A tensor; a tuple where there are several inputs, or outputs; a tuple of tuples, outputs first, where both are.
    vectorize changes nothing but time in PyTorch, and nothing here.
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError(f'Expected strategy to be either "forward-mode" or "reverse-mode", got {strategy!r}')
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError("strategy='forward-mode' takes vectorize=True")
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError("strategy='forward-mode' takes create_graph=False")
    if vectorize and strict:
        raise RuntimeError("torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together.")
    with _lamina.enable_grad():
        inputs, was_tuple = _as_tuple(inputs, "inputs given to jacobian")
        own = _own_inputs(inputs, create_graph)
        outputs, out_tuple = _called(func, own, strict)
        rows = tuple(_of_output(output, own, strict, create_graph) for output in outputs)
    rows = tuple(_back(_detached(row, create_graph), was_tuple) for row in rows)
    return _back(rows, out_tuple)


def _of_output(output, inputs, strict, create_graph):
    """The Jacobian of one output, for each input."""
    rows = []
    for i in range(output.numel()):
        one = _lamina.zeros(output.numel(), dtype=output.dtype)
        one[i] = 1
        gradients = _grad((output,), inputs, (one.reshape(output.shape),), create_graph)
        rows.append(_filled(gradients, inputs, strict, create_graph))
    if not rows:
        return tuple(_lamina.zeros((*output.shape, *t.shape), dtype=t.dtype) for t in inputs)
    return tuple(_lamina.stack([row[j] for row in rows]).reshape((*output.shape, *t.shape)) for j, t in enumerate(inputs))


def _one_number(func):
    """func with a check that it gives one number."""

    def checked(*inputs):
        value = func(*inputs)
        if not isinstance(value, _Tensor):
            raise RuntimeError("The function given to hessian should return a single Tensor")
        if value.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return value.squeeze() if value.dim() else value

    return checked


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The second derivatives of a func that gives one number, of shape (…input, …input); tuples as jacobian's."""
    inputs, was_tuple = _as_tuple(inputs, "inputs given to hessian")
    if outer_jacobian_strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode"')
    func = _one_number(func)

    def first(*values):
        own = tuple(t.view_as(t) for t in values)
        return jacobian(func, own if was_tuple else own[0], create_graph=True, strict=strict)

    return jacobian(first, inputs if was_tuple else inputs[0], create_graph=create_graph, strict=strict, vectorize=vectorize)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """func(*inputs), one number, and v·H with its second derivatives H."""
    with _lamina.enable_grad():
        inputs, was_tuple = _as_tuple(inputs, "inputs given to vhp")
        v = _vector(v, inputs, was_tuple, "input of the function")
        own = _own_inputs(inputs, create_graph)
        outputs, out_tuple = _called(_one_number(func), own, strict)
        first = _filled(_grad(outputs, own, (None,), True), own, strict, True)
        products = _filled(_grad(first, own, v, create_graph), own, strict, create_graph)
    return _back(_detached(outputs, create_graph), out_tuple), _back(_detached(products, create_graph), was_tuple)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """func(*inputs), one number, and H·v with its second derivatives H."""
    with _lamina.enable_grad():
        inputs, was_tuple = _as_tuple(inputs, "inputs given to hvp")
        v = _vector(v, inputs, was_tuple, "input of the function")
        own = _own_inputs(inputs, create_graph)
        outputs, out_tuple = _called(_one_number(func), own, strict)
        first = _filled(_grad(outputs, own, (None,), True), own, strict, True)
        u = tuple(_lamina.zeros_like(t).requires_grad_() for t in own)
        pulled = _filled(_grad(first, own, u, True), own, strict, True)
        products = _filled(_grad(pulled, u, v, create_graph), own, strict, create_graph)
    return _back(_detached(outputs, create_graph), out_tuple), _back(_detached(products, create_graph), was_tuple)

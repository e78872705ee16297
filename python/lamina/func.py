"""Modules and gradients as functions. Source: torch.func.

Gradients come from torch.autograd; vmap and forward mode are refused.
"""

import functools as _functools
from collections.abc import Sequence as _Sequence

__all__ = ["functional_call", "functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp",
           "linearize", "stack_module_state", "vjp", "vmap"]


def _refused(name, instead):
    def refuse(*args, **kwargs):
        raise NotImplementedError(f"Lamina has no torch.func.{name}: {instead}")

    refuse.__name__ = name
    refuse.__doc__ = f"Refused (NotImplementedError): {instead}."
    return refuse


vmap = _refused("vmap", "write the batch as a dimension, or call the function for each sample")
jvp = _refused("jvp", "use torch.autograd.functional.jvp")
linearize = _refused("linearize", "use torch.autograd.functional.jvp")
jacfwd = _refused("jacfwd", "use torch.autograd.functional.jacobian")
functionalize = _refused("functionalize", "call the function itself")


def grad_and_value(func, argnums=0, has_aux=False):
    """The function of the same arguments that gives (gradients, value) of a func whose value is one number."""
    from lamina import Tensor, autograd
    from lamina.utils._pytree import tree_flatten, tree_unflatten

    @_functools.wraps(func)
    def wrapper(*args, **kwargs):
        import lamina

        which = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        inputs, spec = tree_flatten([args[i] for i in which])
        with lamina.enable_grad():
            # a result of an outer grad stays connected: views of what requires grad already
            own = [t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in inputs]
            args = list(args)
            for i, value in zip(which, tree_unflatten(own, spec)):
                args[i] = value
            out = func(*args, **kwargs)
        value, aux = out if has_aux else (out, None)
        if not isinstance(value, Tensor) or value.numel() != 1 or value.dim() != 0:
            raise RuntimeError("Expected the function given to grad to return a Tensor with 0 dimensions")
        nested = any(t.requires_grad for t in inputs)
        gradients = autograd.grad(value, own, create_graph=nested, allow_unused=True, materialize_grads=True)
        gradients = tree_unflatten(list(gradients), spec)
        gradients = gradients[0] if isinstance(argnums, int) else tuple(gradients)
        value = value if nested else value.detach()
        return (gradients, (value, aux)) if has_aux else (gradients, value)

    return wrapper


def grad(func, argnums=0, has_aux=False):
    """The function of the same arguments that gives the gradients of a func whose value is one number."""
    both = grad_and_value(func, argnums, has_aux)

    @_functools.wraps(func)
    def wrapper(*args, **kwargs):
        gradients, value = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def vjp(func, *primals, has_aux=False):
    """func(*primals), and the function that gives the gradients for a cotangent."""
    import lamina
    from lamina import autograd
    from lamina.utils._pytree import tree_flatten, tree_unflatten

    inputs, spec = tree_flatten(list(primals))
    with lamina.enable_grad():
        own = [t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in inputs]
        out = func(*tree_unflatten(own, spec))
    out, aux = out if has_aux else (out, None)
    outputs, out_spec = tree_flatten(out)

    def pull(cotangents, retain_graph=True, create_graph=None):
        given, _ = tree_flatten(cotangents)
        used = [(o, g) for o, g in zip(outputs, given) if o.requires_grad]
        if not used:
            gradients = [lamina.zeros_like(t) for t in own]
        else:
            again = any(t.requires_grad for t in (*inputs, *given)) if create_graph is None else create_graph
            gradients = autograd.grad([o for o, _ in used], own, [g for _, g in used], retain_graph, again, allow_unused=True,
                                      materialize_grads=True)
        return tuple(tree_unflatten(list(gradients), spec))

    result = out if any(t.requires_grad for t in inputs) else tree_unflatten([o.detach() for o in outputs], out_spec)
    return (result, pull, aux) if has_aux else (result, pull)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None):
    """The function of the same arguments that gives the Jacobian with respect to one of them."""
    from lamina.autograd.functional import jacobian

    if has_aux or not isinstance(argnums, int):
        raise NotImplementedError("Lamina's jacrev takes one argnums and no aux: use torch.autograd.functional.jacobian")

    @_functools.wraps(func)
    def wrapper(*args, **kwargs):
        def of_one(x):
            return func(*args[:argnums], x, *args[argnums + 1 :], **kwargs)

        return jacobian(of_one, args[argnums], create_graph=args[argnums].requires_grad)

    return wrapper


def hessian(func, argnums=0):
    """The function of the same arguments that gives the second derivatives with respect to one of them."""
    from lamina.autograd.functional import hessian as of_function

    @_functools.wraps(func)
    def wrapper(*args, **kwargs):
        return of_function(lambda x: func(*args[:argnums], x, *args[argnums + 1 :], **kwargs), args[argnums])

    return wrapper


def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """module(*args, **kwargs) with other parameters and buffers than its own: gradients reach those.

    `parameter_and_buffer_dicts`: a dictionary from names, as named_parameters() gives them, to tensors; or several with
    different names. Tensors that the module puts in their place (running moments) are in the dictionary afterwards.
    `args`: a tuple, or one argument. `tie_weights`: a tensor that the module has under several names is replaced under
    all. `strict`: RuntimeError unless every tensor of the module is given, and no other.
    ValueError: one name in two dictionaries, or two values for one tied tensor.
    """
    from lamina.nn.utils.stateless import _functional_call

    given = parameter_and_buffer_dicts
    if not isinstance(given, dict):
        if not isinstance(given, _Sequence):
            raise ValueError(
                "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
                f"{type(given)}"
            )
        if not all(isinstance(d, dict) for d in given):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [name for d in given for name in d]
        repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if repeated:
            raise ValueError(
                f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous"
            )
        given = {name: value for d in given for name, value in d.items()}
    return _functional_call(module, given, args, kwargs, tie_weights=tie_weights, strict=strict)


def _stacked(name, tensors):
    wanted = [tensor.requires_grad for tensor in tensors]
    if any(wanted) and not all(wanted):
        raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
    import lamina

    stacked = lamina.stack(tensors)
    return stacked.detach().requires_grad_() if all(wanted) else stacked


def stack_module_state(models):
    """Two dictionaries, of parameters and buffers, with those of all models stacked along a new first dimension.

    The parameters are new leaves. RuntimeError: no models, or models of different classes, modes or requires_grad.
    """
    if len(models) == 0:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    states = []
    for named in ("named_parameters", "named_buffers"):
        tensors = [dict(getattr(model, named)()) for model in models]
        states.append({name: _stacked(name, [each[name] for each in tensors]) for name in tensors[0]})
    return tuple(states)

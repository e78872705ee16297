"""A module called with other parameters than its own. Source: torch.nn.utils.stateless."""

import warnings
from contextlib import contextmanager

from lamina._C import Tensor
from lamina._C._nn import Module

__all__ = ["functional_call"]

_MISSING = object()


def _check_tensor(what, tensor):
    if tensor is not None and not isinstance(tensor, Tensor):
        raise TypeError(f"{what}: {tensor} is not an instance of torch.Tensor")


def _owner(module, path):
    """The module that has the tensor of a path, and its name there."""
    prefix, _, name = path.rpartition(".")
    for part in prefix.split(".") if prefix else ():
        found = getattr(module, part, None)
        if found is None:
            raise AttributeError(f"{module._get_name()} has no attribute `{part}`")
        if not isinstance(found, Module):
            raise TypeError(f"submodule `{prefix}`: {found} is not an instance of torch.nn.Module")
        module = found
    if not name:
        raise KeyError('tensor name can\'t be empty string ""')
    return module, name


def _swap(module, path, tensor):
    """Puts a tensor at a path, or nothing for _MISSING; returns what was there."""
    owner, name = _owner(module, path)
    if tensor is not _MISSING:
        _check_tensor(path, tensor)
    for table in (owner._parameters, owner._buffers):
        if name in table:
            before = table[name]
            if tensor is _MISSING:
                del table[name]
            else:
                table[name] = tensor
            return before
    before = getattr(owner, name, _MISSING)
    if before is not _MISSING:
        _check_tensor(f"attribute `{name}`", before)
    if tensor is not _MISSING:
        setattr(owner, name, tensor)
    elif before is not _MISSING:
        delattr(owner, name)
    return before


def _swap_all(module, tensors):
    """Puts tensors at their paths, all or none; returns what was there."""
    before = {}
    try:
        for path, tensor in tensors.items():
            before[path] = _swap(module, path, tensor)
    except Exception:
        for path, tensor in before.items():
            _swap(module, path, tensor)
        raise
    return before


def _named_tensors(module):
    return [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]


def _with_tied(module, given):
    """`given`, with its tensors also under the other names that the module has for the same ones."""
    names_of = {}
    for name, tensor in _named_tensors(module):
        names_of.setdefault(id(tensor), []).append(name)
    untied = dict(given)
    for names in names_of.values():
        values = [given[name] for name in names if name in given]
        if len(names) == 1 or not values:
            continue
        if any(value is not values[0] for value in values):
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(names)}, which are tied. Consider using "
                "tie_weights=False"
            )
        untied.update(dict.fromkeys(names, values[0]))
    return untied


def _check_keys(module, given):
    known = {name for name, _ in _named_tensors(module)}
    problems = [
        f"{kind} key(s): {', '.join(map(repr, sorted(names)))}."
        for kind, names in (("Unexpected", given.keys() - known), ("Missing", known - given.keys())) if names
    ]
    if problems:
        raise RuntimeError("Error(s) in reparametrizing for {}:\n\t{}".format(module._get_name(), "\n\t".join(problems)))


@contextmanager
def _reparametrize_module(module, parameters_and_buffers, tie_weights=False, strict=False, stack_weights=False):
    """A block in which the module has other tensors. What it put in their place goes into the dictionary at the end."""
    given = _with_tied(module, parameters_and_buffers) if tie_weights else parameters_and_buffers
    if strict:
        _check_keys(module, given)
    before = _swap_all(module, given)
    try:
        yield
    finally:
        after = _swap_all(module, dict(reversed(before.items())) if stack_weights else before)
        for name in parameters_and_buffers:
            parameters_and_buffers[name] = after[name]


def _functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with _reparametrize_module(module, parameters_and_buffers, tie_weights=tie_weights, strict=strict):
        return module(*args, **(kwargs or {}))


def functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """The old place of func.functional_call, which takes one dictionary."""
    warnings.warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated: use `torch.func.functional_call` instead.",
        FutureWarning, stacklevel=2,
    )
    return _functional_call(module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict)

"""Module, and hooks that see every module. Source: torch.nn.modules.module."""

from lamina._C import _nn as _C
from lamina._C._nn import Module as Module
from lamina.nn._state import IncompatibleKeys as _IncompatibleKeys
from lamina.utils.hooks import RemovableHandle

__all__ = [
    "Module", "register_module_backward_hook", "register_module_buffer_registration_hook",
    "register_module_forward_hook", "register_module_forward_pre_hook", "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook", "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]
_IncompatibleKeys = _IncompatibleKeys


def _add(table, hook, marks=()):
    tables = [_C._global_hooks(_C._hook_tables[name]) for name in (table, *marks)]
    handle = RemovableHandle(tables[0], extra_dict=tables[1:])
    tables[0][handle.id] = hook
    for marked in tables[1:]:
        marked[handle.id] = True
    return handle


def _add_registration(kind, hook):
    table = _C._registration_hooks(kind)
    handle = RemovableHandle(table)
    table[handle.id] = hook
    return handle


def register_module_forward_pre_hook(hook):
    """Calls hook(module, args) before the forward of every module; what it returns, unless None, are the new arguments."""
    return _add("_forward_pre_hooks", hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    """Calls hook(module, args, output) after the forward of every module; what it returns, unless None, is the output.

    `with_kwargs`: hook(module, args, kwargs, output). `always_call`: also when forward raises.
    """
    marks = ["_forward_hooks_with_kwargs"] * with_kwargs + ["_forward_hooks_always_called"] * always_call
    return _add("_forward_hooks", hook, marks)


def register_module_full_backward_pre_hook(hook):
    """Calls hook(module, grad_output) when the gradients of the outputs of any module are known."""
    return _add("_backward_pre_hooks", hook)


def register_module_full_backward_hook(hook):
    """Calls hook(module, grad_input, grad_output) when the gradients of the inputs of any module are known."""
    return _add("_backward_hooks", hook)


register_module_backward_hook = register_module_full_backward_hook


def register_module_parameter_registration_hook(hook):
    """Calls hook(module, name, parameter) for every parameter registered; what it returns, unless None, is taken instead."""
    return _add_registration(0, hook)


def register_module_buffer_registration_hook(hook):
    """Calls hook(module, name, buffer) for every buffer registered; what it returns, unless None, is taken instead."""
    return _add_registration(1, hook)


def register_module_module_registration_hook(hook):
    """Calls hook(module, name, child) for every child registered; what it returns, unless None, is taken instead."""
    return _add_registration(2, hook)

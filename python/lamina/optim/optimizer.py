"""The base of all optimizers: parameter groups that scripts read and write, and a state for each parameter."""

import functools
import warnings
from collections import OrderedDict, defaultdict
from copy import deepcopy
from itertools import chain

import lamina

__all__ = ["Optimizer", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]


class _Required:
    """Stands in `defaults` for an option that every group must give."""

    def __repr__(self):
        return "<required parameter>"


required = _Required()

_step_pre_hooks_of_all = OrderedDict()
_step_post_hooks_of_all = OrderedDict()


def _registered(table, hook, prepend=False):
    from lamina.utils.hooks import RemovableHandle

    handle = RemovableHandle(table)
    table[handle.id] = hook
    if prepend:
        table.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook):
    """hook(optimizer, args, kwargs) before every step of every optimizer. Returns a handle with remove()."""
    return _registered(_step_pre_hooks_of_all, hook)


def register_optimizer_step_post_hook(hook):
    """hook(optimizer, args, kwargs) after every step of every optimizer. Returns a handle with remove()."""
    return _registered(_step_post_hooks_of_all, hook)


def _class_name(value):
    """torch.typename: "torch.FloatTensor" is told as the class here, other objects by module and name."""
    kind = type(value)
    return kind.__name__ if kind.__module__ in ("builtins", "") else f"{kind.__module__}.{kind.__qualname__}"


class Optimizer:
    """Base class of all optimizers, also of those that scripts define themselves.

    Args:
        params (iterable): tensors, (name, tensor) pairs, or dicts of groups: {"params": …, "lr": …}
        defaults (dict): the options of a group that does not give its own

    A subclass defines step(closure=None), reads self.param_groups and keeps what it needs in self.state[p].
    Source: torch.optim.Optimizer.
    """

    _HOOKS = (
        "_optimizer_step_pre_hooks",
        "_optimizer_step_post_hooks",
        "_optimizer_state_dict_pre_hooks",
        "_optimizer_state_dict_post_hooks",
        "_optimizer_load_state_dict_pre_hooks",
        "_optimizer_load_state_dict_post_hooks",
    )

    def __init__(self, params, defaults):
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, lamina.Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + _class_name(params)
            )
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def _make_hooks(self):
        for name in self._HOOKS:
            self.__dict__.setdefault(name, OrderedDict())
        self._patch_step_function()

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._make_hooks()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self):
        lines = [type(self).__name__ + " ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"

    # ---- steps ---------------------------------------------------------------------------------------------------

    @staticmethod
    def profile_hook_step(function):
        """Calls the hooks around `function`, the step of a class."""

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            self = args[0]
            if _step_pre_hooks_of_all or self._optimizer_step_pre_hooks:
                for hook in chain(_step_pre_hooks_of_all.values(), self._optimizer_step_pre_hooks.values()):
                    result = hook(self, args, kwargs)
                    if result is None:
                        continue
                    if not (isinstance(result, tuple) and len(result) == 2):
                        raise RuntimeError(
                            f"{function} must return None or a tuple of (new_args, new_kwargs), but got {result}."
                        )
                    args, kwargs = result
            out = function(*args, **kwargs)
            if _step_post_hooks_of_all or self._optimizer_step_post_hooks:
                for hook in chain(self._optimizer_step_post_hooks.values(), _step_post_hooks_of_all.values()):
                    hook(self, args, kwargs)
            return out

        return wrapper

    def _patch_step_function(self):
        cls = type(self)
        if not getattr(cls.step, "hooked", False):
            cls.step = self.profile_hook_step(cls.step)
            cls.step.hooked = True

    def step(self, closure=None):
        """Takes one step. `closure` clears the gradients, computes the loss, calls backward and returns the loss."""
        raise NotImplementedError

    def _loss_of(self, closure):
        if closure is None:
            return None
        with lamina.enable_grad():
            return closure()

    def zero_grad(self, set_to_none=True):
        """Forgets the gradients of all parameters; with set_to_none=False they are filled with zero instead."""
        for group in self.param_groups:
            for p in group["params"]:
                grad = p.grad
                if grad is None:
                    continue
                if set_to_none:
                    p.grad = None
                else:
                    if grad.grad_fn is not None:
                        grad.detach_()
                    else:
                        grad.requires_grad_(False)
                    grad.zero_()

    # ---- groups --------------------------------------------------------------------------------------------------

    def add_param_group(self, param_group):
        """Adds a group: a dict with "params" and any options of its own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, lamina.Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        params = list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        if names and len(names) != len(params):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        if names:
            params = [p[1] for p in params]
            param_group["param_names"] = names
        param_group["params"] = params
        for p in params:
            if not isinstance(p, lamina.Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + _class_name(p))
            if not self.defaults.get("differentiable") and not (p.is_leaf or getattr(p, "retains_grad", False)):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        identities = {id(p) for p in params}
        if len(identities) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for group in self.param_groups:
            if ("param_names" in param_group) != ("param_names" in group):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param group "
                    f"{'with' if names else 'without'} names to the optimizer"
                )
            if not identities.isdisjoint(id(p) for p in group["params"]):
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    # ---- state ---------------------------------------------------------------------------------------------------

    def state_dict(self):
        """{"state": {number of the parameter: its state}, "param_groups": [options and "params": numbers]}.

        The form is PyTorch's. The tensors are copies: a step that follows does not change them, as it does PyTorch's.
        """
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers = {}
        groups = []
        start = 0
        for group in self.param_groups:
            for i, p in enumerate(group["params"], start):
                numbers.setdefault(id(p), i)
            start += len(group["params"])
            packed = {key: _copied(value) for key, value in group.items() if key != "params"}
            packed["params"] = [numbers[id(p)] for p in group["params"]]
            groups.append(packed)
        state = {(numbers[id(k)] if isinstance(k, lamina.Tensor) else k): _copied(v) for k, v in self.state.items()}
        result = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            changed = hook(self, result)
            if changed is not None:
                result = changed
        return result

    def load_state_dict(self, state_dict):
        """Takes over copies of what state_dict() returned, here or in PyTorch, whose form it has.

        ValueError when it belongs to other groups or another number of parameters.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            changed = hook(self, state_dict)
            if changed is not None:
                state_dict = changed
        groups = self.param_groups
        saved_groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(g["params"]) != len(s["params"]) for g, s in zip(groups, saved_groups)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        params = dict(
            zip(
                chain.from_iterable(g["params"] for g in saved_groups), chain.from_iterable(g["params"] for g in groups)
            )
        )
        state = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in params:
                state[params[key]] = _cast(params[key], value)
            else:
                state[key] = _copied(value)
        for group, saved in zip(groups, saved_groups):
            saved["params"] = group["params"]
            if "param_names" in group:
                saved.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": state, "param_groups": saved_groups})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    # ---- hooks ---------------------------------------------------------------------------------------------------

    def register_step_pre_hook(self, hook):
        """hook(optimizer, args, kwargs) → None or new (args, kwargs), before each step."""
        return _registered(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook):
        """hook(optimizer, args, kwargs), after each step."""
        return _registered(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook, prepend=False):
        """hook(optimizer), before state_dict()."""
        return _registered(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend=False):
        """hook(optimizer, state_dict) → None or another one, after state_dict()."""
        return _registered(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend=False):
        """hook(optimizer, state_dict) → None or another one, before load_state_dict()."""
        return _registered(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend=False):
        """hook(optimizer), after load_state_dict()."""
        return _registered(self._optimizer_load_state_dict_post_hooks, hook, prepend)


def _copied(value):
    """value with every tensor in it copied, in containers of the same kinds."""
    if isinstance(value, lamina.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_copied(v) for v in value)
    return value


def _cast(param, value, key=None):
    """A copy of a part of the state, in the parameter's element type where both are floats; "step" keeps its own."""
    if isinstance(value, lamina.Tensor):
        same = key == "step" or not (param.is_floating_point() and value.is_floating_point())
        return _copied(value if same else value.to(param.dtype))
    if isinstance(value, dict):
        return {k: _cast(param, v, k) for k, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_cast(param, v) for v in value)
    return value


def _number(value):
    """An option that may be a tensor of one element, as a number."""
    return value.item() if isinstance(value, lamina.Tensor) else value


def _check_lr(lr):
    if isinstance(lr, lamina.Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not _number(lr) >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")


def _check_ways(foreach, fused, differentiable):
    """The ways in which PyTorch can compute a step are one here; those that exclude one another still do."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise NotImplementedError(
            "differentiable=True: a step here is one fused kernel, through which no gradient flows. "
            "Write the step in tensor operations where one is needed."
        )

"""Parameters and buffers as functions of others. Source: torch.nn.utils.parametrize.

    class Symmetric(nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).mT

    register_parametrization(layer, "weight", Symmetric())

`layer.weight` is now Symmetric()(layer.parametrizations.weight.original), computed at every use, and `original` is what
an optimizer trains.
"""

import copyreg
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from copy import deepcopy

from lamina._C import Parameter, Tensor, _nn
from lamina._C._nn import Module, ModuleDict, ModuleList
from lamina._grad_mode import no_grad
from lamina.nn._copying import _rebuild

__all__ = [
    "cached", "ParametrizationList", "register_parametrization", "is_parametrized", "remove_parametrizations",
    "type_before_parametrizations", "transfer_parametrizations_and_params",
]

_cache_enabled = 0
_cache = {}  # (id of the module, name): the value, inside cached()


@contextmanager
def cached():
    """A context in which every parametrized tensor is computed once, when it is first used.

    For tensors used more than once in a forward: the recurrent weight of a cell in a loop, or shared weights.
    """
    global _cache_enabled
    _cache_enabled += 1
    try:
        yield
    finally:
        _cache_enabled -= 1
        if not _cache_enabled:
            _cache.clear()


def _register(module, name, tensor):
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _undone(parametrizations, value):
    """The originals for a value, by the right inverses; a parametrization without one counts as the identity."""
    with no_grad():
        for parametrization in reversed(parametrizations):
            if hasattr(parametrization, "right_inverse"):
                try:
                    value = parametrization.right_inverse(value)
                except NotImplementedError:
                    pass
    return value


def _check_alike(what, value, tensor):
    """ValueError unless `value` is a tensor of the type and shape of `tensor`."""
    if not isinstance(value, Tensor):
        raise ValueError(f"{what} must return a tensor. Got {type(value).__name__}.")
    for quality in ("dtype", "shape"):
        got, expected = getattr(value, quality), getattr(tensor, quality)
        if got != expected:
            raise ValueError(
                f"{what} may not change the {quality} of the tensor: got {got}, expected {expected}. Register it with "
                "unsafe=True if that is wanted."
            )


def _check_original(index, value):
    if not isinstance(value, Tensor):
        raise ValueError(
            "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
            f"Got element {index} of the sequence with type {type(value).__name__}."
        )


class ParametrizationList(ModuleList):
    """ParametrizationList(modules, original, unsafe=False): the parametrizations of a tensor, first to last, and what
    they start from.

    That is `original`; or `original0`, `original1`, … when the first one's right_inverse returns a sequence.
    Made by register_parametrization. ValueError where the parametrizations do not fit the tensor (see there).
    """

    def __init__(self, modules, original, unsafe=False):
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shown = original.detach()
        new = _undone(modules, original)
        self.is_tensor = isinstance(new, Tensor)
        if not self.is_tensor and not isinstance(new, Sequence):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if new.dtype != original.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype: the tensor has "
                    f"{original.dtype}, its right inverse {new.dtype}."
                )
            with no_grad():
                original.set_(new)  # the same object, which an optimizer may know already
            _register(self, "original", original)
        else:
            for index, value in enumerate(new):
                _check_original(index, value)
                if isinstance(original, Parameter):
                    value = Parameter(value, original.requires_grad)
                value.requires_grad_(original.requires_grad)
                _register(self, f"original{index}", value)
        if not unsafe:
            _check_alike("A parametrization", self(), shown)

    def _originals(self):
        return [self.original] if self.is_tensor else [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value):
        """Gives the originals the values for which the parametrizations result in `value`."""
        with no_grad():
            for parametrization in reversed(self):
                if not hasattr(parametrization, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(parametrization).__name__} does not implement right_inverse."
                    )
                value = parametrization.right_inverse(value)
            if self.is_tensor:
                if not isinstance(value, Tensor):
                    raise ValueError(f"`right_inverse` should return a tensor. Got {type(value).__name__}")
                value = [value]
            elif not isinstance(value, Sequence):
                raise ValueError(f"'right_inverse' must return a sequence of tensors. Got {type(value).__name__}.")
            elif len(value) != self.ntensors:
                raise ValueError(
                    f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. "
                    f"Got a sequence of length {len(value)}."
                )
            for index, (original, new) in enumerate(zip(self._originals(), value)):
                _check_original(index, new)
                if new.dtype != original.dtype:
                    raise ValueError(
                        f"Tensor {index} returned by `right_inverse` has dtype {new.dtype} while its original has "
                        f"dtype {original.dtype}"
                    )
                original.set_(new)

    def forward(self):
        """The parametrized tensor."""
        first, *others = self
        value = first(*self._originals())
        for parametrization in others:
            value = parametrization(value)
        return value


# ---- the class of a parametrized module ------------------------------------------------------------------------------


def _property(name):
    """The attribute in the place of a parametrized tensor."""

    def compute(self):
        parametrizations = self.parametrizations[name]
        if not _cache_enabled:
            return parametrizations()
        key = id(self), name
        if key not in _cache:
            _cache[key] = parametrizations()
        return _cache[key]

    def assign(self, value):
        self.parametrizations[name].right_inverse(value)

    return property(compute, assign)


def _with_members(method, value_of):
    """A layer's method in C++, which takes the weights from the layer's members: sets those that are parametrized."""
    lock = threading.RLock()  # the members are one for all threads

    def set_members_and_call(self, *args, **kwargs):
        names = [name for name in _nn._absent_members(self) if is_parametrized(self, name)]
        values = [value_of(self, name) for name in names]
        with lock:
            for name, value in zip(names, values):
                _nn._set_absent_member(self, name, value)
            try:
                return method(self, *args, **kwargs)
            finally:
                for name in names:
                    _nn._set_absent_member(self, name, None)

    return set_members_and_call


def _first_original(self, name):  # for repr, which asks whether there is a bias: what a weight is need not be computed
    return self.parametrizations[name]._originals()[0]


def _getstate(self):
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(): save that, and load it into a "
        "module with the same parametrizations."
    )


def _deepcopy(self, memo):
    if id(self) in memo:
        return memo[id(self)]
    replica = memo[id(self)] = _rebuild(type(self), _nn._config_of(self))
    Module.__setstate__(replica, deepcopy(Module.__getstate__(self), memo))
    for name in copyreg._slotnames(type(self)):
        if hasattr(self, name):
            setattr(replica, name, deepcopy(getattr(self, name), memo))
    return replica


def _parametrized_class(cls, names):
    """A subclass of `cls` that computes its attributes `names`.

    Every module gets one of its own for each set of names; a deepcopy shares it until one of the two is changed.
    """
    members = {name: _property(name) for name in names}
    members.update({"__getstate__": _getstate, "_parametrized_class_of": cls})
    if not hasattr(cls, "__deepcopy__"):
        members["__deepcopy__"] = _deepcopy
    bases = (cls,)
    layer = next(c for c in cls.__mro__ if "forward" in vars(c) and c.__module__ == "lamina.nn")  # a class of C++
    if layer is not Module:
        computing = _with_members(layer.forward, getattr)
        if cls.forward is layer.forward:
            members["forward"] = computing
        else:  # behind the forward of cls, which may call super().forward
            bases += (type(layer.__name__, (layer,), {"forward": computing}),)
        if cls.extra_repr is layer.extra_repr:
            members["extra_repr"] = _with_members(layer.extra_repr, _first_original)
    return type(f"Parametrized{cls.__name__}", bases, members)


def _set_names(module, names):
    """Gives the module the class that computes these attributes; its own class when there are none."""
    cls = type(module)
    before = cls.__dict__.get("_parametrized_class_of", cls)
    module.__class__ = _parametrized_class(before, names) if names else before


# ---- public functions ------------------------------------------------------------------------------------------------


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """Makes module.<tensor_name> the result of parametrization(original), and returns the module.

    `parametrization` is a Module from a tensor to one of the same dtype and shape; a second one is applied to the first
    one's result. With right_inverse(value), `module.<tensor_name> = value` works, and the tensor's value now stays as
    the start; without, original is the value now. A right_inverse may return several tensors, which become the arguments.
    `unsafe`: the result may have another dtype or shape.

    ValueError: there is no such parameter or buffer, or the result or the right inverse is of another dtype or shape.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        parametrizations = module.parametrizations[tensor_name]
        if not unsafe:
            value = getattr(module, tensor_name)
            result = parametrization(value)
            _check_alike("A parametrization", result, value)
            if hasattr(parametrization, "right_inverse"):
                try:
                    result = parametrization.right_inverse(result)
                except NotImplementedError:
                    result = value
                _check_alike("parametrization.right_inverse", result, value)
        parametrizations.append(parametrization)
        parametrizations.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        parametrizations = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            module.parametrizations = ModuleDict()
        _set_names(module, [*module.parametrizations, tensor_name])
        module.parametrizations[tensor_name] = parametrizations
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def is_parametrized(module, tensor_name=None):
    """Whether module.<tensor_name> is parametrized; without a name, whether any tensor of the module is."""
    parametrizations = getattr(module, "parametrizations", None)
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Makes module.<tensor_name> a plain parameter or buffer again, and returns the module.

    Its value is the parametrized one with leave_parametrized, otherwise the original. The object is the original one
    where there is one original; where there are several, a new parameter, which the optimizer must be given.

    ValueError: the tensor is not parametrized, or leave_parametrized=False with several originals.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    parametrizations = module.parametrizations[tensor_name]
    if parametrizations.is_tensor:
        original = parametrizations.original
        if leave_parametrized:
            with no_grad():
                original.set_(getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value) if value.requires_grad else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors."
        )
    del module.parametrizations[tensor_name]
    names = list(module.parametrizations)
    if not names:
        del module.parametrizations
    _set_names(module, names)
    _register(module, tensor_name, original)
    return module


def type_before_parametrizations(module):
    """The class of the module without parametrizations."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module, to_module, tensor_name=None):
    """Gives `to_module` the parametrizations of `from_module` with the originals, of one tensor or of all.

    Tensors that `to_module` lacks are made. The parametrizations themselves are shared. Returns to_module.
    """
    if not is_parametrized(from_module):
        return to_module
    for name in list(from_module.parametrizations) if tensor_name is None else [tensor_name]:
        given = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        for parametrization in given:
            register_parametrization(to_module, name, parametrization)
        taken = to_module.parametrizations[name]
        for original in ["original"] if given.is_tensor else [f"original{i}" for i in range(given.ntensors)]:
            setattr(taken, original, getattr(given, original))
    return to_module

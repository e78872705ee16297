"""Parameters of which a part is held at zero by a mask. Source: torch.nn.utils.prune.

    prune.l1_unstructured(layer, "weight", amount=0.3)   # the 30% of least size

`layer.weight` is then weight_orig · weight_mask, set before every forward; weight_orig is trained. A second pruning acts
on what the first one left. remove(layer, "weight") makes it permanent.
"""

import numbers
from abc import ABC, abstractmethod
from collections.abc import Iterable

import lamina as _lamina
from lamina._C._utils import parameters_to_vector as _parameters_to_vector


class BasePruningMethod(ABC):
    """A way to choose the mask, and the hook that applies it before forward.

    A subclass has PRUNING_TYPE, which says what it sees of a tensor that was pruned before: "unstructured" (the values
    left, in one vector), "structured" (the slices along `dim` that are left) or "global" (everything); and
    compute_mask(t, default_mask).
    """

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t, default_mask):
        """The mask for the importance scores `t`, zero where `default_mask` is."""

    def apply_mask(self, module):
        """mask · original"""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        mask = getattr(module, self._tensor_name + "_mask")
        original = getattr(module, self._tensor_name + "_orig")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        """Prunes module.<name> by cls(*args, **kwargs), on top of what pruned it before; returns the hook.

        `importance_scores`: what the mask is computed from instead of the parameter, of its shape.
        """
        method = cls._on_top(module, name, cls(*args, **kwargs))
        original = getattr(module, name)
        if importance_scores is None:
            importance_scores = original
        elif importance_scores.shape != original.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {module}, got "
                f"{importance_scores.shape} vs {original.shape}"
            )
        first = not isinstance(method, PruningContainer)
        if first:
            module.register_parameter(name + "_orig", original)
            del module._parameters[name]
            default_mask = _lamina.ones_like(original)
        else:
            default_mask = getattr(module, name + "_mask").detach().clone()
        try:
            mask = method.compute_mask(importance_scores, default_mask=default_mask)
            module.register_buffer(name + "_mask", mask)
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:  # as it was before
            if first:
                module.register_parameter(name, getattr(module, name + "_orig"))
                del module._parameters[name + "_orig"]
            else:
                method._pruning_methods = method._pruning_methods[:-1]
                module.register_forward_pre_hook(method)
            raise
        return method

    @staticmethod
    def _on_top(module, name, method):
        """The method, in a container behind the one that pruned the tensor before, whose hook is removed."""
        method._tensor_name = name
        found = _hooks(module, name)
        if len(found) > 1:
            raise AssertionError(
                f"Avoid adding multiple pruning hooks to the same tensor {name} of module {module}. Use a "
                "PruningContainer."
            )
        if not found:
            return method
        before = module._forward_pre_hooks.pop(found[0])
        container = before if isinstance(before, PruningContainer) else PruningContainer(before)
        container.add_pruning_method(method)
        return container

    def prune(self, t, default_mask=None, importance_scores=None):
        """The pruned form of a tensor, without a module; `default_mask` is one from before."""
        if importance_scores is None:
            importance_scores = t
        elif importance_scores.shape != t.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as tensor t, got {importance_scores.shape} vs {t.shape}"
            )
        if default_mask is None:
            default_mask = _lamina.ones_like(t)
        return t * self.compute_mask(importance_scores, default_mask=default_mask)

    def remove(self, module):
        """Makes module.<name> a plain parameter, pruned for good. Use the function remove, which takes the hook off too."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned before pruning can be removed")
        name = self._tensor_name
        weight = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        original = module._parameters[name + "_orig"]
        original.data = weight.detach()
        del module._parameters[name + "_orig"]
        del module._buffers[name + "_mask"]
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """PruningContainer(*methods): ways of pruning that were applied one after another to one tensor."""

    def __init__(self, *args):
        self._pruning_methods = ()
        if args:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method):
        """Adds one that acts on the same tensor."""
        if method is not None:
            if not isinstance(method, BasePruningMethod):
                raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
            if self._tensor_name != method._tensor_name:
                raise ValueError(
                    f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' to "
                    f"PruningContainer {self}. Found '{method._tensor_name}'"
                )
        self._pruning_methods += (method,)

    def __len__(self):
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, idx):
        return self._pruning_methods[idx]

    def compute_mask(self, t, default_mask):
        """The mask of the last method, for what `default_mask` left of `t`."""
        method = self._pruning_methods[-1]
        left = self._left(method, t, default_mask)
        mask = default_mask.to(dtype=t.dtype, copy=True)
        mask[left] = method.compute_mask(t[left], default_mask=default_mask[left]).to(dtype=mask.dtype)
        return mask

    @staticmethod
    def _left(method, t, mask):
        """The index of the part of t that the method may still prune."""
        if method.PRUNING_TYPE == "unstructured":
            return mask == 1
        if method.PRUNING_TYPE == "global":
            return (slice(None),) * t.ndim
        if method.PRUNING_TYPE != "structured":
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        if not hasattr(method, "dim"):
            raise AttributeError('Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.')
        dim = method.dim + t.ndim if method.dim < 0 else method.dim
        if dim < 0:
            raise IndexError(f"Index is out of bounds for tensor with dimensions {t.ndim}")
        return _along(t, dim, mask.sum(dim=[d for d in range(t.ndim) if d != dim]) != 0)


class Identity(BasePruningMethod):
    """A mask of ones."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return default_mask

    @classmethod
    def apply(cls, module, name):
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """Prunes an amount: a number, or a fraction in [0, 1] as a float."""

    def __init__(self, amount):
        _validate_pruning_amount_init(amount)
        self.amount = amount

    def _number(self, size):
        number = _compute_nparams_toprune(self.amount, size)
        _validate_pruning_amount(number, size)
        return number


class RandomUnstructured(_Amount):
    """RandomUnstructured(amount): values chosen at random."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return _without(default_mask, self._number(t.nelement()), lambda: _lamina.rand_like(t), largest=True)

    @classmethod
    def apply(cls, module, name, amount):
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Amount):
    """L1Unstructured(amount): the values of least size."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return _without(default_mask, self._number(t.nelement()), t.abs, largest=False)

    @classmethod
    def apply(cls, module, name, amount, importance_scores=None):
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


class RandomStructured(_Amount):
    """RandomStructured(amount, dim=-1): slices along `dim` chosen at random."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, dim=-1):
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t, default_mask):
        size = _channels(t, self.dim)
        number = self._number(size)
        if number == 0:
            return default_mask
        scores = _lamina.rand(size)
        kept = scores > scores.kthvalue(number).values
        return _only(t, self.dim, kept, default_mask)

    @classmethod
    def apply(cls, module, name, amount, dim=-1):
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Amount):
    """LnStructured(amount, n, dim=-1): the slices along `dim` of the least norm of order n."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, n, dim=-1):
        super().__init__(amount)
        self.n = n
        self.dim = dim

    def compute_mask(self, t, default_mask):
        size = _channels(t, self.dim)
        number = self._number(size)
        if number == 0:
            return default_mask
        kept = _compute_norm(t, self.n, self.dim).topk(size - number, largest=True).indices
        return _only(t, self.dim, kept, default_mask)

    @classmethod
    def apply(cls, module, name, amount, n, dim, importance_scores=None):
        return super().apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)


class CustomFromMask(BasePruningMethod):
    """CustomFromMask(mask): a mask that is given."""

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape {self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(cls, module, name, mask):
        return super().apply(module, name, mask=mask)


# ---- functions -------------------------------------------------------------------------------------------------------


def identity(module, name):
    """Makes module.<name> look pruned, with a mask of ones; returns the module, as all functions here do."""
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    """Prunes values chosen at random. `amount`: a fraction in [0, 1] as a float, or a number."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    """Prunes the values of least size, or of least size of the scores."""
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    """Prunes slices along `dim` chosen at random."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    """Prunes the slices along `dim` of the least norm of order n (1, 2, inf, -inf, "fro", …)."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    """Prunes values of several parameters as if they were one tensor.

    `parameters`: pairs (module, name). `pruning_method`: a class whose PRUNING_TYPE is "unstructured", made with the
    other arguments. `importance_scores`: a dict from such pairs to scores.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    parameters = list(parameters)
    if importance_scores is None:
        importance_scores = {}
    if not isinstance(importance_scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    tensors = [getattr(module, name) for module, name in parameters]
    scores = [importance_scores.get(pair, tensor) for pair, tensor in zip(parameters, tensors)]
    masks = [
        getattr(module, name + "_mask", _lamina.ones_like(tensor)) for (module, name), tensor in zip(parameters, tensors)
    ]
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            f'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method {pruning_method} of '
            f"type {method.PRUNING_TYPE}"
        )
    method._tensor_name = "all"
    mask = PruningContainer(method).compute_mask(_parameters_to_vector(scores), _parameters_to_vector(masks))
    parts = mask.split([tensor.numel() for tensor in tensors])
    for (module, name), tensor, part in zip(parameters, tensors, parts):
        custom_from_mask(module, name, mask=part.view_as(tensor))


def custom_from_mask(module, name, mask):
    """Prunes by a mask of zeros and ones of the parameter's shape."""
    CustomFromMask.apply(module, name, mask)
    return module


def remove(module, name):
    """Makes module.<name> a plain parameter with its pruned values; ValueError where it is not pruned."""
    for number in _hooks(module, name):
        module._forward_pre_hooks[number].remove(module)
        del module._forward_pre_hooks[number]
        return module
    raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")


def is_pruned(module):
    """Whether a parameter of this module, or of one below it, is pruned."""
    return any(
        isinstance(hook, BasePruningMethod) for part in module.modules() for hook in part._forward_pre_hooks.values()
    )


# ---- parts of the methods, under PyTorch's names where own methods use them --------------------------------------------


def _hooks(module, name):
    """The numbers of the pruning hooks of a tensor."""
    return [
        number for number, hook in module._forward_pre_hooks.items()
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name
    ]


def _along(t, dim, index):
    """The index of slices of t along `dim`."""
    whole = [slice(None)] * t.ndim
    whole[dim] = index
    return tuple(whole)


def _without(mask, number, scores, largest):
    """A copy of the mask with zeros at the `number` largest or smallest scores."""
    mask = mask.clone(memory_format=_lamina.contiguous_format)
    if number != 0:
        mask.view(-1)[scores().reshape(-1).topk(number, largest=largest).indices] = 0
    return mask


def _only(t, dim, kept, default_mask):
    """`default_mask` with zeros outside the slices that are kept."""
    mask = _lamina.zeros_like(t)
    mask[_along(t, dim, kept)] = 1
    mask *= default_mask.to(dtype=mask.dtype)
    return mask


def _channels(t, dim):
    _validate_structured_pruning(t)
    _validate_pruning_dim(t, dim)
    return t.shape[dim]


def _validate_pruning_amount_init(amount):
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    if amount < 0 or not isinstance(amount, numbers.Integral) and not amount <= 1:
        raise ValueError(
            f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer"
        )


def _validate_pruning_amount(amount, tensor_size):
    if isinstance(amount, numbers.Integral) and amount > tensor_size:
        raise ValueError(
            f"amount={amount} should be smaller than the number of parameters to prune={tensor_size}"
        )


def _validate_structured_pruning(t):
    if t.ndim <= 1:
        raise ValueError(
            f"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape {t.shape} with "
            f"{t.ndim} dims"
        )


def _compute_nparams_toprune(amount, tensor_size):
    """The number that an amount is: itself, or that fraction, rounded."""
    return amount if isinstance(amount, numbers.Integral) else round(amount * tensor_size)


def _validate_pruning_dim(t, dim):
    if dim >= t.dim():
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")


def _compute_norm(t, n, dim):
    """The norm of order n of each slice along `dim`."""
    others = list(range(t.ndim))
    others.pop(dim)
    return _lamina.norm(t, p=n, dim=others)

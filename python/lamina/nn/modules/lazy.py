"""Layers that learn the size of their input from the first one that they see. Source: torch.nn.modules.lazy."""

from itertools import chain

from lamina._C import _nn
from lamina._grad_mode import no_grad
from lamina.nn.parameter import UninitializedBuffer, UninitializedParameter, is_lazy


class LazyModuleMixin:
    """For a module whose parameters get their shape from the first input.

    Derive from (LazyModuleMixin, Module), register UninitializedParameters, and write initialize_parameters(*args),
    which gets the arguments of the first call and materializes them. After it the module's class is `cls_to_become`.
    """

    cls_to_become = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def _own_tensors(self):
        return chain(self._parameters.items(), self._buffers.items())

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        for name, tensor in self._own_tensors():
            if tensor is None or name in self._non_persistent_buffers_set:
                continue
            destination[prefix + name] = tensor if keep_vars or is_lazy(tensor) else tensor.detach()

    def _lazy_load_hook(self, state_dict, prefix, *rest):
        for name, tensor in self._own_tensors():
            given = state_dict.get(prefix + name)
            if is_lazy(tensor) and given is not None and not is_lazy(given):
                tensor.materialize(given.shape)

    def initialize_parameters(self, *args, **kwargs):
        """Materializes the parameters for the arguments of the first call."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self):
        """Whether a parameter or buffer of this module has no shape yet."""
        return any(is_lazy(tensor) for _, tensor in self._own_tensors())

    def _infer_parameters(self, module, args, kwargs=None):
        module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise RuntimeError(f"module {module._get_name()} has not been fully initialized")
        for name in ("_initialize_hook", "_load_hook"):
            getattr(module, name).remove()
            delattr(module, name)
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become

    def _replicate_for_data_parallel(self):
        raise RuntimeError("Modules with uninitialized parameters can't be used with DataParallel: call forward first")


class _LazyLayer(LazyModuleMixin):
    """One of Lamina's layers; `_size` names its first argument, which is learned."""

    _size = "in_channels"

    def __init__(self, *args, **kwargs):
        super().__init__(0, *args, **kwargs)
        for name, parameter in list(self._parameters.items()):
            if parameter is not None:
                self.register_parameter(name, UninitializedParameter(dtype=parameter.dtype))
        for name, buffer in list(self._buffers.items()):
            if buffer is not None and buffer.ndim:
                self.register_buffer(name, UninitializedBuffer(dtype=buffer.dtype))

    def reset_parameters(self):
        if getattr(self, self._size) != 0 and not self.has_uninitialized_params():
            super().reset_parameters()

    def _size_of(self, input):
        dimensions = self._dimensions
        if input.ndim not in (dimensions + 1, dimensions + 2):
            raise RuntimeError(
                f"Expected {dimensions + 1}D (unbatched) or {dimensions + 2}D (batched) input to "
                f"{type(self).__name__}, but got input of size: {input.shape}"
            )
        return input.shape[-dimensions - 1]

    def initialize_parameters(self, input, *args, **kwargs):
        """Takes the size from an input and draws the parameters, unless they were loaded."""
        size = self._size_of(input)
        draw = self.has_uninitialized_params()
        with no_grad():
            setattr(self, self._size, size)
            for name, shape in self._shapes().items():
                tensor = getattr(self, name)
                if is_lazy(tensor):
                    tensor.materialize(shape)
                elif tensor is not None and tuple(tensor.shape) != shape:
                    raise RuntimeError(
                        f"{type(self).__name__}: the loaded {name} {tuple(tensor.shape)} does not fit an input with "
                        f"{self._size}={size}, which needs {shape}"
                    )
            if draw:
                self.reset_parameters()


class LazyLinear(_LazyLayer, _nn.Linear):
    """LazyLinear(out_features, bias=True, device=None, dtype=None): a Linear that learns in_features."""

    cls_to_become = _nn.Linear
    _size = "in_features"

    def _size_of(self, input):
        return input.shape[-1]

    def _shapes(self):
        return {"weight": (self.out_features, self.in_features), "bias": (self.out_features,)}


class _LazyConv(_LazyLayer):
    def _shapes(self):
        if self.in_channels % self.groups:
            raise ValueError(f"in_channels={self.in_channels} must be divisible by groups={self.groups}")
        weight = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}


class _LazyConvTranspose(_LazyLayer):
    def _shapes(self):
        if self.in_channels % self.groups:
            raise ValueError(f"in_channels={self.in_channels} must be divisible by groups={self.groups}")
        weight = (self.in_channels, self.out_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}


class _LazyNorm(_LazyLayer):
    _size = "num_features"
    _channel = 1

    def _size_of(self, input):
        return input.shape[self._channel]

    def _shapes(self):
        return dict.fromkeys(["weight", "bias", "running_mean", "running_var"], (self.num_features,))


class _LazyInstanceNorm(_LazyNorm):
    _size_of = _LazyLayer._size_of  # the batch may be missing

    def __init__(self, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, **options):
        super().__init__(eps, momentum, affine, track_running_stats, device, dtype, **options)


def _lazy(kind, layer, dimensions):
    """The lazy class of a layer."""
    plain = getattr(_nn, layer)
    learned = kind._size
    doc = f"Lazy{layer}: a {layer} that learns {learned} from its first input; its other arguments are {layer}'s."
    return type(
        f"Lazy{layer}", (kind, plain),
        {"__doc__": doc, "__module__": __name__, "cls_to_become": plain, "_dimensions": dimensions},
    )


LazyConv1d = _lazy(_LazyConv, "Conv1d", 1)
LazyConv2d = _lazy(_LazyConv, "Conv2d", 2)
LazyConv3d = _lazy(_LazyConv, "Conv3d", 3)
LazyConvTranspose1d = _lazy(_LazyConvTranspose, "ConvTranspose1d", 1)
LazyConvTranspose2d = _lazy(_LazyConvTranspose, "ConvTranspose2d", 2)
LazyConvTranspose3d = _lazy(_LazyConvTranspose, "ConvTranspose3d", 3)
LazyBatchNorm1d = _lazy(_LazyNorm, "BatchNorm1d", 1)
LazyBatchNorm2d = _lazy(_LazyNorm, "BatchNorm2d", 2)
LazyBatchNorm3d = _lazy(_LazyNorm, "BatchNorm3d", 3)
LazyInstanceNorm1d = _lazy(_LazyInstanceNorm, "InstanceNorm1d", 1)
LazyInstanceNorm2d = _lazy(_LazyInstanceNorm, "InstanceNorm2d", 2)
LazyInstanceNorm3d = _lazy(_LazyInstanceNorm, "InstanceNorm3d", 3)

"""autocast: what is asked about it is answered as by PyTorch; no operation changes its type. Source: torch.amp."""

import functools
import threading
import warnings

import lamina

_DEVICES = ("cpu", "cuda", "mtia", "maia", "xpu", "hpu", "mps", "xla", "privateuseone")
_LOW = (lamina.bfloat16, lamina.float16)


class _State(threading.local):
    def __init__(self):
        self.enabled = dict.fromkeys(_DEVICES, False)
        self.dtype = {d: lamina.bfloat16 if d in ("cpu", "xla", "hpu") else lamina.float16 for d in _DEVICES}
        self.cache = True


_state = _State()


def _known(device_type):
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    device_type = device_type.partition(":")[0]
    if device_type not in _DEVICES:
        raise RuntimeError(f"Expected one of {', '.join(_DEVICES)} device types, got '{device_type}'")
    return device_type


class autocast:
    """autocast(device_type, dtype=None, enabled=True, cache_enabled=None): a context manager and decorator.

    Accepted for bfloat16 and float16 on "cpu", switched off with a warning for devices that are not here. Operations
    compute in the type of their tensors, so results are at least as precise as PyTorch's.
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        self.device = device_type = _known(device_type)
        self.fast_dtype = _state.dtype[device_type] if dtype is None else dtype
        self._cache_enabled = _state.cache if cache_enabled is None else cache_enabled
        if enabled and device_type != "cpu":
            warnings.warn(f"{device_type.upper()} is not available: Lamina computes on the CPU. Disabling autocast.",
                          stacklevel=2)
            enabled = False
        elif enabled and self.fast_dtype not in _LOW:
            warnings.warn(f"autocast on the CPU takes torch.bfloat16 and torch.float16, got {self.fast_dtype}. "
                          "Disabling autocast.", stacklevel=2)
            enabled = False
        self._enabled = enabled

    def __enter__(self):
        self._before = _state.enabled[self.device], _state.dtype[self.device], _state.cache
        _state.enabled[self.device] = self._enabled
        _state.dtype[self.device] = self.fast_dtype
        _state.cache = self._cache_enabled

    def __exit__(self, *error):
        _state.enabled[self.device], _state.dtype[self.device], _state.cache = self._before
        return False

    def __call__(self, function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return wrapper


def is_autocast_available(device_type):
    """Whether autocast of this device may be switched on: the CPU's."""
    return _known(device_type) == "cpu"


def is_autocast_enabled(device_type="cuda"):
    """Whether an autocast of this device is open."""
    return _state.enabled[_known(device_type)]


def set_autocast_enabled(device_type, enabled=None):
    """Switches autocast of a device on or off; set_autocast_enabled(enabled) that of "cuda"."""
    device_type, enabled = ("cuda", device_type) if enabled is None else (device_type, enabled)
    _state.enabled[_known(device_type)] = enabled


def get_autocast_dtype(device_type):
    """The type that autocast of this device stands for."""
    return _state.dtype[_known(device_type)]


def set_autocast_dtype(device_type, dtype):
    """Sets the type that autocast of this device stands for."""
    _state.dtype[_known(device_type)] = dtype


def is_autocast_cpu_enabled():
    """is_autocast_enabled("cpu")."""
    return _state.enabled["cpu"]


def set_autocast_cpu_enabled(enabled):
    """set_autocast_enabled("cpu", enabled)."""
    _state.enabled["cpu"] = enabled


def get_autocast_cpu_dtype():
    """get_autocast_dtype("cpu")."""
    return _state.dtype["cpu"]


def set_autocast_cpu_dtype(dtype):
    """set_autocast_dtype("cpu", dtype)."""
    _state.dtype["cpu"] = dtype


def get_autocast_gpu_dtype():
    """get_autocast_dtype("cuda")."""
    return _state.dtype["cuda"]


def is_autocast_cache_enabled():
    """Whether weights would be converted once for a whole block."""
    return _state.cache


def set_autocast_cache_enabled(enabled):
    """Whether weights would be converted once for a whole block."""
    _state.cache = enabled


def clear_autocast_cache():
    """Does nothing: nothing is converted."""


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """Decorates the forward of an autograd.Function: it runs outside autocast when cast_inputs is given."""
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)
    _known(device_type)

    @functools.wraps(fwd)
    def wrapper(*args, **kwargs):
        args[0]._fwd_used_autocast = _state.enabled[device_type]
        if cast_inputs is None or not _state.enabled[device_type]:
            return fwd(*args, **kwargs)
        args, kwargs = _converted(args, cast_inputs), _converted(kwargs, cast_inputs)
        args[0]._fwd_used_autocast = False
        with autocast(device_type, enabled=False):
            return fwd(*args, **kwargs)

    return wrapper


def custom_bwd(bwd=None, *, device_type):
    """Decorates the backward of an autograd.Function whose forward has custom_fwd."""
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)
    _known(device_type)

    @functools.wraps(bwd)
    def wrapper(*args, **kwargs):
        with autocast(device_type, enabled=args[0]._fwd_used_autocast):
            return bwd(*args, **kwargs)

    return wrapper


def _converted(value, dtype):
    if isinstance(value, lamina.Tensor):
        return value.to(dtype) if value.is_floating_point() and value.dtype is not lamina.float64 else value
    if isinstance(value, dict):
        return {_converted(k, dtype): _converted(v, dtype) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_converted(v, dtype) for v in value)
    return value

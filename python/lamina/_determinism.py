"""Settings about determinism and precision: taken and given back. Lamina's results never depend on threads or runs."""

import warnings as _warnings

_settings = {"deterministic": False, "warn_only": False, "precision": "highest", "always": False}
_MODES = ("default", "warn", "error")


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Accepted: every algorithm is deterministic under either setting."""
    _settings.update(deterministic=bool(mode), warn_only=bool(warn_only))


def are_deterministic_algorithms_enabled():
    """What use_deterministic_algorithms set."""
    return _settings["deterministic"]


def is_deterministic_algorithms_warn_only_enabled():
    """What use_deterministic_algorithms set."""
    return _settings["warn_only"]


def set_deterministic_debug_mode(debug_mode):
    """use_deterministic_algorithms by "default", "warn" or "error", or 0, 1, 2."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str):
        if debug_mode not in _MODES:
            raise RuntimeError(f"invalid value of debug_mode, expected one of {', '.join(_MODES)}, but got {debug_mode}")
        debug_mode = _MODES.index(debug_mode)
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    use_deterministic_algorithms(debug_mode > 0, warn_only=debug_mode == 1)


def get_deterministic_debug_mode():
    """0, 1 or 2: off, on with warnings, on."""
    return 0 if not _settings["deterministic"] else 1 if _settings["warn_only"] else 2


def set_float32_matmul_precision(precision):
    """Accepted: products of float32 are computed in float32."""
    if precision not in ("highest", "high", "medium"):
        _warnings.warn(f"{precision} is not one of 'highest', 'high', 'medium': ignored", stacklevel=2)
        return
    _settings["precision"] = precision


def get_float32_matmul_precision():
    """What set_float32_matmul_precision set."""
    return _settings["precision"]


def set_flush_denormal(mode):
    """Returns False, for nothing changes: pointwise functions keep denormals."""
    return False


def set_warn_always(b):
    """Accepted: Python decides how often a warning is shown."""
    _settings["always"] = bool(b)


def is_warn_always_enabled():
    """What set_warn_always set."""
    return _settings["always"]

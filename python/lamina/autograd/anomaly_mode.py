"""Looking for NaN in gradients. Source: torch.autograd.anomaly_mode."""


__all__ = ["detect_anomaly", "set_detect_anomaly"]

_enabled, _check_nan = False, True


def is_anomaly_enabled():
    """Whether backward looks for NaN."""
    return _enabled


def is_anomaly_check_nan_enabled():
    """What set_anomaly_enabled set."""
    return _check_nan


def set_anomaly_enabled(mode, check_nan=True):
    """Switches it on or off."""
    global _enabled, _check_nan
    _enabled, _check_nan = bool(mode), bool(check_nan)


class detect_anomaly:
    """In the block, backward and grad raise RuntimeError when a gradient that they give is NaN."""

    def __init__(self, check_nan=True):
        self._mode, self._nan, self._before = True, check_nan, (_enabled, _check_nan)

    def __enter__(self):
        self._before = _enabled, _check_nan
        set_anomaly_enabled(self._mode, self._nan)

    def __exit__(self, *error):
        set_anomaly_enabled(*self._before)


class set_detect_anomaly(detect_anomaly):
    """Switches it on or off at once; as a context manager, until the end of the block."""

    def __init__(self, mode, check_nan=True):
        super().__init__(check_nan)
        self._mode = mode
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self):
        pass

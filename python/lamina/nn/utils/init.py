"""Modules whose parameters are not drawn. Source: torch.nn.utils.init."""

import inspect

import lamina as _lamina
from lamina._C import _nn


def skip_init(module_cls, *args, **kwargs):
    """module_cls(*args, **kwargs) with parameters of unset values, without drawing random numbers for them.

    For parameters that are loaded, or initialized in another way, afterwards.
    RuntimeError: no Module class, or its constructor takes no `device`.
    """
    if not issubclass(module_cls, _nn.Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    kwargs["device"] = kwargs.pop("device", "cpu")
    state = _lamina.get_rng_state()
    try:
        with _nn._SkipInitialization():
            return module_cls(*args, **kwargs)
    finally:  # a constructor in Python may have called nn.init itself
        _lamina.set_rng_state(state)

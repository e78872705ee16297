"""Small parts that scripts import from torch.utils."""

import importlib as _importlib

_SUBMODULES = {"_pytree", "checkpoint", "data", "dlpack", "hooks"}


def __getattr__(name):  # imported when first asked for, so that `import lamina` stays quick
    if name in _SUBMODULES:
        return _importlib.import_module("lamina.utils." + name)
    raise AttributeError(f"module 'lamina.utils' has no attribute '{name}'")

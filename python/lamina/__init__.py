"""Lamina: torch.nn as a small, fast C++ library.

    import lamina as torch
    import lamina.nn as nn

Names, defaults and behaviour are PyTorch's; docs/differences.md lists what differs.
"""

import builtins as _builtins
import importlib as _importlib

from lamina import _C
from lamina._C import *  # noqa: F403
from lamina._alias import as_torch
from lamina._C._functional import (
    conv1d, conv2d, conv3d, dropout, embedding, layer_norm, log_softmax, max_pool1d, max_pool2d, max_pool3d,
    relu, relu_, softmax,
)
from lamina._C._functional import (
    alpha_dropout, bilinear, celu, celu_, cosine_similarity, feature_alpha_dropout, hardshrink, pairwise_distance, pdist, prelu,
    rms_norm, rrelu, rrelu_, selu, selu_, threshold, threshold_,
)
from lamina._grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from lamina._lazy import ELSEWHERE as _ELSEWHERE
from lamina._lazy import SUBMODULES as _SUBMODULES
from lamina._safetensors import load_safetensors, load_safetensors_metadata, save_safetensors

#: The version of PyTorch whose behaviour this is, then Lamina's own: scripts compare it.
__version__ = "2.13.0+lamina." + _C.__version__

from math import e, inf, nan, pi  # noqa: E402

newaxis = None
bool = _C.bool  # the element types; Python's own stay where they are
float = _C.float
int = _C.int

def __getattr__(name):
    if name in _SUBMODULES:
        try:
            return _importlib.import_module("lamina." + name)
        except ModuleNotFoundError as error:
            if error.name != "lamina." + name:
                raise
    elif name in _ELSEWHERE:
        value = globals()[name] = getattr(_importlib.import_module("lamina." + _ELSEWHERE[name]), name)
        return value
    raise AttributeError(f"module 'lamina' has no attribute '{name}'")


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_ELSEWHERE})


# What `from lamina import *` brings: nothing that hides one of Python's own names.
__all__ = [name for name in globals() if not name.startswith("_") and not hasattr(_builtins, name)]

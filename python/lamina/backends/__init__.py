"""What scripts ask of PyTorch's backends: none of them is there, and settings are taken without effect."""

import contextlib as _contextlib
import sys as _sys
from types import ModuleType as _ModuleType


class _Backend(_ModuleType):
    """Answers that it is not there, and takes settings: a module, so that `import torch.backends.cudnn` works."""

    def __init__(self, name, **settings):
        super().__init__("lamina.backends." + name, "Answers that it is not there, and takes settings without effect.")
        self.__dict__.update(settings)
        _sys.modules[self.__name__] = self

    @staticmethod
    def is_available():
        return False

    @staticmethod
    def is_built():
        return False

    @_contextlib.contextmanager
    def flags(self, **settings):
        """Settings for a block, put back at its end."""
        before = {name: getattr(self, name, None) for name in settings}
        self.__dict__.update(settings)
        try:
            yield
        finally:
            self.__dict__.update(before)

    def set_flags(self, *values, **settings):
        """Takes settings."""
        self.__dict__.update(settings)


class _Products:
    """Settings for products on a GPU, taken without effect."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True


def _yes():
    return True


def _no():
    return False


def _none():
    return None


cudnn = _Backend(
    "cudnn", enabled=True, benchmark=False, benchmark_limit=10, deterministic=False, allow_tf32=True, version=_none,
    is_acceptable=lambda tensor: False,
)
cuda = _Backend(
    "cuda", matmul=_Products(), cufft_plan_cache=_Products(), flash_sdp_enabled=_no, mem_efficient_sdp_enabled=_no,
    math_sdp_enabled=_yes, cudnn_sdp_enabled=_no,
)
for _setting in ("enable_flash_sdp", "enable_mem_efficient_sdp", "enable_math_sdp", "enable_cudnn_sdp"):
    setattr(cuda, _setting, lambda enabled: None)
cuda.preferred_linalg_library = lambda backend=None: "default"


@_contextlib.contextmanager
def _sdp_kernel(enable_flash=True, enable_math=True, enable_mem_efficient=True, enable_cudnn=True):
    yield


cuda.sdp_kernel = _sdp_kernel
mps = _Backend("mps", is_macos13_or_newer=lambda minor=0: False, is_macos_or_newer=lambda major, minor: False)
mkl = _Backend("mkl")
mkldnn = _Backend("mkldnn", enabled=True, deterministic=False, allow_tf32=True)
openmp = _Backend("openmp")
opt_einsum = _Backend("opt_einsum", enabled=False, strategy=None)
mha = _Backend("mha", get_fastpath_enabled=_no, set_fastpath_enabled=lambda value: None)
nnpack = _Backend("nnpack")
quantized = _Backend("quantized", engine="none", supported_engines=["none"])


def _capability():
    return "DEFAULT"


cpu = _Backend("cpu", get_cpu_capability=_capability)

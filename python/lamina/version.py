"""What was built. Source: torch.version."""

import lamina as _lamina

__all__ = ["__version__", "cuda", "debug", "git_version", "hip", "rocm", "xpu"]

__version__ = _lamina.__version__
debug = False
cuda = hip = rocm = xpu = None
git_version = "unknown"

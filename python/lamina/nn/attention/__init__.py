"""Which way scaled_dot_product_attention is computed: there is one. Source: torch.nn.attention."""

import contextlib as _contextlib
import enum as _enum

__all__ = ["SDPBackend", "sdpa_kernel"]


class SDPBackend(_enum.IntEnum):
    """PyTorch's ways to compute attention."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@_contextlib.contextmanager
def sdpa_kernel(backends, set_priority=False):
    """Accepted: attention is computed one way, whose results do not depend on it. A context manager and decorator."""
    given = [backends] if isinstance(backends, SDPBackend) else backends
    if not isinstance(given, (list, tuple)) or not all(isinstance(b, SDPBackend) for b in given):
        raise AssertionError(f"sdpa_kernel takes an SDPBackend or a list of them, got {backends!r}")
    yield {}

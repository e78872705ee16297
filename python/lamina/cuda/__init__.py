"""There is no CUDA: Lamina computes on the CPU. What scripts ask before they use a GPU is answered."""

import lamina._absent as _absent
from lamina._absent import Event, NoContext, Stream
from lamina._absent import false as is_available
from lamina._absent import false as is_bf16_supported
from lamina._absent import false as is_current_stream_capturing
from lamina._absent import false as is_initialized
from lamina._absent import false as is_tf32_supported
from lamina._absent import nothing as empty_cache
from lamina._absent import nothing as ipc_collect
from lamina._absent import nothing as manual_seed
from lamina._absent import nothing as manual_seed_all
from lamina._absent import nothing as reset_accumulated_memory_stats
from lamina._absent import nothing as reset_max_memory_allocated
from lamina._absent import nothing as reset_peak_memory_stats
from lamina._absent import nothing as seed
from lamina._absent import nothing as seed_all
from lamina._absent import nothing as synchronize
from lamina._absent import table as memory_stats
from lamina._absent import zero as device_count
from lamina._absent import zero as max_memory_allocated
from lamina._absent import zero as max_memory_reserved
from lamina._absent import zero as memory_allocated
from lamina._absent import zero as memory_reserved

device = stream = StreamContext = device_of = NoContext
default_generators = ()
has_half = has_magma = False


class OutOfMemoryError(RuntimeError):
    """A device ran out of memory: for `except`, nothing raises it."""


class CUDAGraph:
    """Recorded work of a GPU: for isinstance."""

    def __init__(self, *args, **kwargs):
        _unavailable()


class CudaError(RuntimeError):
    """An error of a GPU: for `except`, nothing raises it."""


def get_rng_state_all():
    """An empty list: there is no generator on a GPU."""
    return []


def set_rng_state_all(new_states):
    """Does nothing: there is no generator on a GPU."""


def get_arch_list():
    """An empty list: there is no GPU to compile for."""
    return []


def get_device_capability(device=None):
    _unavailable()


_unavailable = _absent.refusing("CUDA")
current_device = get_device_name = get_device_properties = set_device = init = current_stream = _unavailable
default_stream = set_stream = get_rng_state = set_rng_state = mem_get_info = memory_summary = _unavailable
graph = graph_pool_handle = make_graphed_callables = can_device_access_peer = cudart = _unavailable


def __getattr__(name):
    if name in ("amp", "nvtx", "random", "memory", "graphs"):
        import importlib

        return importlib.import_module("lamina.cuda." + name)
    if name.endswith("Tensor"):  # types of a GPU, for isinstance and type(): nothing is one
        from lamina import _legacy

        return _legacy.absent_type("cuda", name)
    raise AttributeError(f"module 'lamina.cuda' has no attribute '{name}'")

"""There is no accelerator: Lamina computes on the CPU. Source: torch.accelerator."""

from lamina._absent import false as is_available
from lamina._absent import nothing as empty_cache
from lamina._absent import nothing as reset_accumulated_memory_stats
from lamina._absent import nothing as reset_peak_memory_stats
from lamina._absent import nothing as synchronize
from lamina._absent import refusing
from lamina._absent import table as memory_stats
from lamina._absent import zero as device_count
from lamina._absent import zero as max_memory_allocated
from lamina._absent import zero as max_memory_reserved
from lamina._absent import zero as memory_allocated
from lamina._absent import zero as memory_reserved

__all__ = [
    "current_accelerator", "current_device_idx", "current_device_index", "current_stream", "device_count",
    "device_index", "empty_cache", "get_device_capability", "get_memory_info", "is_available", "max_memory_allocated",
    "max_memory_reserved", "memory_allocated", "memory_reserved", "memory_stats", "reset_accumulated_memory_stats",
    "reset_peak_memory_stats", "set_device_idx", "set_device_index", "set_stream", "synchronize",
]


def current_accelerator(check_available=False):
    """None: there is none."""
    return None


current_device_idx = current_device_index = current_stream = device_index = get_device_capability = refusing("accelerator")
get_memory_info = set_device_idx = set_device_index = set_stream = current_device_idx

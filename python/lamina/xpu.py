"""There is no XPU: Lamina computes on the CPU."""

from lamina._absent import Event, NoContext, Stream, refusing
from lamina._absent import false as is_available
from lamina._absent import false as is_bf16_supported
from lamina._absent import false as is_current_stream_capturing
from lamina._absent import false as is_initialized
from lamina._absent import nothing as empty_cache
from lamina._absent import nothing as manual_seed
from lamina._absent import nothing as manual_seed_all
from lamina._absent import nothing as reset_peak_memory_stats
from lamina._absent import nothing as synchronize
from lamina._absent import zero as device_count
from lamina._absent import zero as max_memory_allocated
from lamina._absent import zero as memory_allocated

__all__ = [
    "Event", "Stream", "device", "stream", "is_available", "is_bf16_supported", "is_current_stream_capturing",
    "is_initialized", "empty_cache", "manual_seed", "manual_seed_all", "reset_peak_memory_stats", "synchronize",
    "device_count", "max_memory_allocated", "memory_allocated", "current_device", "set_device",
]

device = stream = NoContext
current_device = set_device = get_device_name = get_device_properties = current_stream = refusing("XPU")

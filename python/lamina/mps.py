"""There is no MPS: Lamina computes on the CPU."""

from lamina._absent import Event, refusing
from lamina._absent import false as is_available
from lamina._absent import nothing as empty_cache
from lamina._absent import nothing as manual_seed
from lamina._absent import nothing as seed
from lamina._absent import nothing as synchronize
from lamina._absent import zero as current_allocated_memory
from lamina._absent import zero as device_count
from lamina._absent import zero as driver_allocated_memory
from lamina._absent import zero as recommended_max_memory

__all__ = [
    "Event", "is_available", "empty_cache", "manual_seed", "seed", "synchronize", "current_allocated_memory",
    "device_count", "driver_allocated_memory", "recommended_max_memory", "get_rng_state", "set_rng_state",
]

get_rng_state = set_rng_state = set_per_process_memory_fraction = compile_shader = refusing("MPS")

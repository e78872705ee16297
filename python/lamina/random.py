"""The default generator of random numbers. Source: torch.random."""

import contextlib

from lamina._C import _set_match_torch, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state

__all__ = ["default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "match_torch", "seed", "set_rng_state"]


def match_torch(on=True):
    """Whether a training dropout draws PyTorch's own masks: slow, for comparing a port step by step. Off at the start."""
    _set_match_torch(on)


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices", device_type="cpu"):
    """Puts the default generator's state back at the end of the block."""
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)

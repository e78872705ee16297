"""There is no CUDA: Lamina computes on the CPU. What scripts ask before they use a GPU is answered."""


def is_available():
    return False


def is_initialized():
    return False


def device_count():
    return 0


def is_bf16_supported(including_emulation=True):
    return False


def manual_seed(seed):
    """Does nothing: there is no generator on a GPU."""


def manual_seed_all(seed):
    """Does nothing: there is no generator on a GPU."""


def empty_cache():
    """Does nothing."""


def synchronize(device=None):
    """Does nothing."""


def _unavailable(*args, **kwargs):
    raise AssertionError("Lamina computes on the CPU: there is no CUDA. Ask torch.cuda.is_available() first.")


current_device = get_device_name = get_device_properties = get_device_capability = set_device = _unavailable

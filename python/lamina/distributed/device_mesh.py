"""Devices that work together: refused. Source: torch.distributed.device_mesh."""


class DeviceMesh:
    """For isinstance and annotations: there is one device."""

    def __init__(self, *args, **kwargs):
        init_device_mesh()


def init_device_mesh(*args, **kwargs):
    """Refused (RuntimeError): there is one process and one device."""
    raise RuntimeError("Lamina computes in one process on the CPU: there are no devices to arrange in a mesh")

"""The device that is here. Source: torch.cpu."""

from lamina._absent import NoContext as StreamContext
from lamina._absent import nothing as set_device
from lamina._absent import nothing as synchronize

__all__ = [
    "Event", "Stream", "StreamContext", "current_device", "current_stream", "device_count", "is_available",
    "is_initialized", "set_device", "stream", "synchronize",
]

stream = StreamContext


class Stream:
    """The CPU's only queue of work."""

    def __init__(self, priority=-1):
        pass

    def wait_stream(self, stream):
        """Does nothing: work is done when its call returns."""

    def record_event(self):
        """Does nothing: work is done when its call returns."""

    def wait_event(self, event):
        """Does nothing: work is done when its call returns."""


class Event:
    """A mark in the CPU's queue of work, which has always passed."""

    def query(self):
        """True."""
        return True

    def record(self, stream=None):
        """Does nothing: work is done when its call returns."""

    def synchronize(self):
        """Does nothing: work is done when its call returns."""

    def wait(self, stream=None):
        """Does nothing: work is done when its call returns."""


def is_available():
    """True."""
    return True


def is_initialized():
    """True."""
    return True


def device_count():
    """1."""
    return 1


def current_device():
    """"cpu"."""
    return "cpu"


_current = Stream()


def current_stream(device=None):
    """The only one."""
    return _current

"""What is allowed in files, and where values go when they are read. Source: torch.serialization."""

import contextlib as _contextlib

import lamina as _lamina

_allowed = []


class SourceChangeWarning(Warning):
    """For filters: nothing gives it."""


def add_safe_globals(safe_globals):
    """Allows classes and functions in files that are read with weights_only=True."""
    _allowed.extend(g for g in safe_globals if g not in _allowed)


def get_safe_globals():
    """What add_safe_globals allowed."""
    return list(_allowed)


def clear_safe_globals():
    """Allows nothing beyond the weights again."""
    _allowed.clear()


@_contextlib.contextmanager
def safe_globals(safe_globals):
    """add_safe_globals for a block."""
    before = list(_allowed)
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _allowed[:] = before


def location_tag(storage):
    """"cpu"."""
    return "cpu"


def default_restore_location(storage, location):
    """The storage itself: there is one device."""
    return storage


def register_package(priority, tagger, deserializer):
    """Accepted: there is one device."""


class skip_data:
    """Files without values: refused."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError("Lamina's files hold their values: there is no skip_data")


def __getattr__(name):
    if name in ("load", "save"):
        return getattr(_lamina, name)
    raise AttributeError(f"module 'lamina.serialization' has no attribute '{name}'")

"""What the modules of other devices share: they answer that they are not here, and refuse the rest."""


class Stream:
    """A queue of work on a device that is not here: for isinstance."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("Lamina computes on the CPU: there are no streams of a device to make")


class Event:
    """A mark in a device's queue: for isinstance."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("Lamina computes on the CPU: there are no events of a device to make")


def refusing(what):
    """A function that says that this device is not here."""

    def unavailable(*args, **kwargs):
        raise AssertionError(f"Lamina computes on the CPU: there is no {what}. Ask is_available() first.")

    return unavailable


class NoContext:
    """A context manager that changes nothing."""

    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


def false(*args, **kwargs):
    """False: the device is not here."""
    return False


def zero(*args, **kwargs):
    """0: the device is not here, and has nothing."""
    return 0


def nothing(*args, **kwargs):
    """Does nothing: the device is not here."""


def table(*args, **kwargs):
    """An empty table: the device is not here."""
    return {}

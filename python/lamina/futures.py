"""Results that come later. Source: torch.futures."""

import threading as _threading

__all__ = ["Future", "collect_all", "wait_all"]


class Future:
    """A result that another thread sets: wait for it, or chain what to do with it."""

    def __class_getitem__(cls, item):
        return cls

    def __init__(self, *, devices=None):
        self._ready = _threading.Event()
        self._lock = _threading.Lock()
        self._callbacks = []
        self._value = self._error = None

    def done(self):
        """Whether a result or an exception is there."""
        return self._ready.is_set()

    def wait(self):
        """The result, once it is there; raises the exception that was set instead."""
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self._value

    value = wait

    def set_result(self, result):
        """Sets the result, once."""
        self._finish(result, None)

    def set_exception(self, result):
        """Sets an exception instead of a result, once."""
        if not isinstance(result, Exception):
            raise AssertionError(f"{result} is of type {type(result)}, not an Exception.")
        self._finish(None, result)

    def _finish(self, value, error):
        with self._lock:
            if self._ready.is_set():
                raise RuntimeError("Future can only be marked completed once: a result is there already")
            self._value, self._error = value, error
            self._ready.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)

    def add_done_callback(self, callback):
        """Calls callback(self) once the result is there."""
        with self._lock:
            if not self._ready.is_set():
                self._callbacks.append(callback)
                return
        callback(self)

    def then(self, callback):
        """The future of callback(self)."""
        following = Future()

        def run(future):
            try:
                following.set_result(callback(future))
            except Exception as error:
                following.set_exception(error)

        self.add_done_callback(run)
        return following


def collect_all(futures):
    """A future of the list of futures, done when all of them are."""
    futures, every, lock = list(futures), Future(), _threading.Lock()
    left = [len(futures)]

    def one_done(future):
        with lock:
            left[0] -= 1
            last = left[0] == 0
        if last:
            every.set_result(futures)

    if not futures:
        every.set_result(futures)
    for future in futures:
        future.add_done_callback(one_done)
    return every


def wait_all(futures):
    """The results of all futures."""
    return [future.wait() for future in collect_all(futures).wait()]

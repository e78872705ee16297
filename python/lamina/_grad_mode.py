"""no_grad and its like: context managers that are decorators too."""

from lamina._C import _set_grad_enabled, _set_inference_mode, is_grad_enabled, is_inference_mode_enabled

__all__ = ["no_grad", "enable_grad", "set_grad_enabled", "inference_mode"]

_IS_GENERATOR = 0x20  # inspect.CO_GENERATOR; inspect itself is slow to import


class _Mode:
    """A context manager that decorates functions, generator functions and, by their methods, nothing else."""

    def clone(self):
        return type(self)()

    def __call__(self, function):
        import functools  # here, because it would double the time that `import lamina` takes

        if getattr(getattr(function, "__code__", None), "co_flags", 0) & _IS_GENERATOR:
            return functools.wraps(function)(self._around_generator(function))

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            with self.clone():
                return function(*args, **kwargs)

        return wrapper

    def _around_generator(self, function):
        # the mode holds while the generator runs, not while its caller has the value
        def wrapper(*args, **kwargs):
            generator = function(*args, **kwargs)
            send, value = generator.send, None
            while True:
                try:
                    with self.clone():
                        item = send(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    send, value = generator.send, (yield item)
                except GeneratorExit:
                    with self.clone():
                        generator.close()
                    raise
                except BaseException as error:
                    send, value = generator.throw, error

        return wrapper


class _NoArgumentMode(_Mode):
    """Takes no argument, so that @no_grad without parentheses works."""

    def __new__(cls, function=None):
        self = super().__new__(cls)
        return self if function is None else self(function)


class no_grad(_NoArgumentMode):
    """Operations are not recorded; results do not require grad. Per thread."""

    def __enter__(self):
        self._before = is_grad_enabled()
        _set_grad_enabled(False)

    def __exit__(self, *error):
        _set_grad_enabled(self._before)


class enable_grad(_NoArgumentMode):
    """Operations are recorded, inside a no_grad() too. Per thread."""

    def __enter__(self):
        self._before = is_grad_enabled()
        _set_grad_enabled(True)

    def __exit__(self, *error):
        _set_grad_enabled(self._before)


class set_grad_enabled(_Mode):
    """Sets recording on or off at once; as a context manager, until the end of the block. Per thread."""

    def __init__(self, mode):
        self.mode = bool(mode)
        self._before = is_grad_enabled()
        _set_grad_enabled(self.mode)

    def __call__(self, function):
        _set_grad_enabled(self._before)  # a decorator changes nothing where it stands
        return super().__call__(function)

    def __enter__(self):
        _set_grad_enabled(self.mode)

    def __exit__(self, *error):
        _set_grad_enabled(self._before)

    def clone(self):
        return type(self)(self.mode)


class inference_mode(_Mode):
    """No recording, and results that may never enter a graph. Per thread."""

    def __new__(cls, mode=True):
        self = super().__new__(cls)
        if callable(mode):  # @inference_mode without parentheses
            self.__init__()
            return self(mode)
        return self

    def __init__(self, mode=True):
        self.mode = mode

    def __enter__(self):
        self._before = is_grad_enabled(), is_inference_mode_enabled()
        _set_inference_mode(self.mode)
        if self.mode:
            _set_grad_enabled(False)

    def __exit__(self, *error):
        grad, inference = self._before
        _set_grad_enabled(grad)
        _set_inference_mode(inference)

    def clone(self):
        return type(self)(self.mode)

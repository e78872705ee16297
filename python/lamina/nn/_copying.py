"""What pickle and copy call for modules. The names here stand in pickled files."""

from lamina._C import _nn


def _rebuild(cls, config):
    """A ready module of a class, without its __init__ and without random numbers; its state follows."""
    return _nn._rebuild(cls, config)


def _restore_tables(module, state):
    _nn.Module.__setstate__(module, state)


class Tables:
    """The parameters, buffers and children of a module whose class has a __getstate__ or __setstate__ of its own."""

    def __init__(self, module):
        self.module = module

    def __reduce__(self):
        state = _nn.Module.__getstate__(self.module)
        plain = self.module.__dict__
        return _restore_tables, (self.module, {name: value for name, value in state.items() if name not in plain})

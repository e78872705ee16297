"""A module's tables as mappings: views of what C++ holds, for scripts that reach into them."""

from collections.abc import Iterable, Mapping, MutableMapping, MutableSet

from lamina._C import _nn as _C


class Table(MutableMapping):
    """`module._parameters`, `module._buffers` or `module._modules`: reading and writing go to the module."""

    __slots__ = ("_module", "_table")

    def __init__(self, module, table):
        self._module = module
        self._table = table

    def __getitem__(self, name):
        return _C._table_get(self._module, self._table, name)

    def __setitem__(self, name, value):
        _C._table_put(self._module, self._table, name, value)

    def __delitem__(self, name):
        _C._table_remove(self._module, self._table, name)

    def __iter__(self):
        return iter(_C._table_keys(self._module, self._table))

    def __reversed__(self):
        return reversed(_C._table_keys(self._module, self._table))

    def __len__(self):
        return len(_C._table_keys(self._module, self._table))

    def __contains__(self, name):
        return _C._table_contains(self._module, self._table, name)

    def __eq__(self, other):
        return dict(self) == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __repr__(self):
        return repr(dict(self))

    def __or__(self, other):
        return dict(self) | dict(other)

    def __reduce__(self):
        return dict, (dict(self),)

    def __copy__(self):
        return dict(self)

    def copy(self):
        return dict(self)

    def move_to_end(self, name, last=True):
        value = self.pop(name)
        others = [] if last else list(self.items())
        for other, _ in others:
            del self[other]
        self[name] = value
        self.update(others)

    def _replace(self, mapping):
        entries = dict(mapping)
        for name in list(self):
            del self[name]
        self.update(entries)


class NonPersistentBuffers(MutableSet):
    """`module._non_persistent_buffers_set`: the buffers that state_dict leaves out."""

    __slots__ = ("_module",)

    def __init__(self, module, table):
        self._module = module

    @classmethod
    def _from_iterable(cls, names):
        return set(names)

    def __contains__(self, name):
        return not _C._buffer_persistent(self._module, name)

    def __iter__(self):
        return iter([name for name in self._module._buffers if name in self])

    def __len__(self):
        return sum(1 for _ in self)

    def add(self, name):
        _C._set_buffer_persistent(self._module, name, False)

    def discard(self, name):
        _C._set_buffer_persistent(self._module, name, True)

    def __repr__(self):
        return repr(set(self))

    def _replace(self, names: Iterable[str]):
        names = set(names)
        for name in self._module._buffers:
            _C._set_buffer_persistent(self._module, name, name not in names)

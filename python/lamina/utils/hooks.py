"""What registering a hook returns, and how hooks are wrapped. Source: torch.utils.hooks."""

import weakref
from collections import OrderedDict


class RemovableHandle:
    """Removes a hook again: by remove(), or at the end of a `with` block. It does not keep the module alive."""

    next_id = 0

    def __init__(self, hooks_dict, *, extra_dict=()):
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        self._tables = [weakref.ref(table) for table in (hooks_dict, *_listed(extra_dict))]

    def remove(self):
        for reference in self._tables:
            table = reference()
            if table is not None:
                table.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()

    def __getstate__(self):
        return self.id, [reference() for reference in self._tables]

    def __setstate__(self, state):
        self.id, tables = state
        RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)
        self._tables = [weakref.ref(OrderedDict() if table is None else table) for table in tables]


def _listed(tables):
    return (tables,) if isinstance(tables, dict) else tables or ()


class WithModule:
    """A hook that is called with its module first."""

    def __init__(self, hook, module):
        self.hook = hook
        self.module = weakref.ref(module)

    def __call__(self, *args):
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args)

    def __getstate__(self):
        return self.hook, self.module()

    def __setstate__(self, state):
        self.hook, module = state
        self.module = weakref.ref(module)


class InPlace:
    """A state_dict hook that changes the dictionary in place and returns None."""

    def __init__(self, hook):
        self.hook = hook

    def __call__(self, *args):
        if self.hook(*args) is not None:
            raise RuntimeError("state_dict post-hook must return None")

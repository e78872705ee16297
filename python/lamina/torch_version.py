"""Versions that compare by their numbers. Source: torch.torch_version."""

import itertools as _itertools

import lamina as _lamina

__all__ = ["TorchVersion"]


def _key(version):
    """2.13.0+lamina → (2, 13, 0), release before local part."""
    release = str(version).partition("+")[0]
    return tuple(int("".join(_itertools.takewhile(str.isdigit, part)) or 0) for part in release.split("."))


class TorchVersion(str):
    """A version that compares with texts and tuples by its numbers."""

    def _compare(self, other):
        mine, theirs = _key(self), tuple(other) if isinstance(other, (tuple, list)) else _key(other)
        length = max(len(mine), len(theirs))
        pad = lambda v: v + (0,) * (length - len(v))  # noqa: E731
        return pad(mine), pad(tuple(int(p) for p in theirs))

    def __lt__(self, other):
        a, b = self._compare(other)
        return a < b

    def __le__(self, other):
        a, b = self._compare(other)
        return a <= b

    def __gt__(self, other):
        a, b = self._compare(other)
        return a > b

    def __ge__(self, other):
        a, b = self._compare(other)
        return a >= b


__version__ = TorchVersion(_lamina.__version__)

"""Numbers that a compiler traces: the types are here for isinstance, and plain numbers are used. Source: torch."""

import math as _math


class SymInt:
    """An int while a program is traced: nothing is one."""


class SymFloat:
    """A float while a program is traced: nothing is one."""


class SymBool:
    """A bool while a program is traced: nothing is one."""


def sym_int(a):
    """int(a)."""
    return int(a)


def sym_float(a):
    """float(a)."""
    return float(a)


def sym_not(a):
    """not a."""
    return not a


def sym_max(a, b):
    """The greater one; a float when one of them is."""
    return float(max(a, b)) if isinstance(a, float) or isinstance(b, float) else max(a, b)


def sym_min(a, b):
    """The smaller one; a float when one of them is."""
    return float(min(a, b)) if isinstance(a, float) or isinstance(b, float) else min(a, b)


def sym_sqrt(a):
    """√a."""
    return _math.sqrt(a)


def sym_sum(args):
    """Their sum."""
    return sum(args)


def sym_ite(b, t, f):
    """t when b, else f."""
    return t if b else f

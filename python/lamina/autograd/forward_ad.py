"""Derivatives carried forward: there are none. Source: torch.autograd.forward_ad."""

from collections import namedtuple as _namedtuple

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]

UnpackedDualTensor = _namedtuple("UnpackedDualTensor", ["primal", "tangent"])


def unpack_dual(tensor, *, level=None):
    """(tensor, None): no tensor carries a derivative."""
    return UnpackedDualTensor(tensor, None)


def make_dual(tensor, tangent, *, level=None):
    """Refused (NotImplementedError): use torch.autograd.functional.jvp."""
    raise NotImplementedError("Lamina has no forward mode: use torch.autograd.functional.jvp")


enter_dual_level = exit_dual_level = dual_level = make_dual

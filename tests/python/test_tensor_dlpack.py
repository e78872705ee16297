"""DLPack: memory shared with NumPy, and with PyTorch when it is there, both ways and without a copy."""
import gc
import weakref

import lamina
import numpy as np
import pytest

try:
    import torch
except ImportError:
    torch = None

TYPES = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


@pytest.mark.parametrize("name", TYPES)
def test_numpy_both_ways(name):
    x = lamina.arange(12).reshape(3, 4).to(getattr(lamina, name))
    array = np.from_dlpack(x.T[1:])
    assert array.dtype == name and array.tolist() == x.T[1:].tolist()
    given = np.arange(12).reshape(3, 4).astype(name)
    y = lamina.from_dlpack(given[:, ::2])
    assert y.dtype == getattr(lamina, name) and y.tolist() == given[:, ::2].tolist()
    y.zero_()
    assert not given[:, ::2].any() and (given[1:, 1].any())
    x[0, 1] = 0
    assert array[0, 0] == 0


@pytest.mark.skipif(torch is None, reason="needs PyTorch")
@pytest.mark.parametrize("name", TYPES + ["bfloat16"])
def test_torch_both_ways(name):
    x = lamina.arange(6).reshape(2, 3).to(getattr(lamina, name))
    theirs = torch.from_dlpack(x.T)
    assert theirs.dtype == getattr(torch, name) and theirs.tolist() == x.T.tolist() and theirs.stride() == (1, 3)
    theirs.fill_(1)
    assert x.tolist() == theirs.T.tolist()
    ours = lamina.from_dlpack(theirs)
    assert ours.data_ptr() == theirs.data_ptr() == x.data_ptr()
    assert lamina.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(theirs)).tolist() == theirs.tolist()
    assert torch.utils.dlpack.from_dlpack(lamina.utils.dlpack.to_dlpack(x)).tolist() == x.tolist()


def test_empty_and_without_dimensions():
    for x in (lamina.zeros(0, 3), lamina.tensor(2.5)):
        assert lamina.from_dlpack(x).shape == x.shape
        assert np.from_dlpack(x).shape == tuple(x.shape)


def test_the_memory_lives_as_long_as_somebody_uses_it():
    class Array(np.ndarray):
        pass

    array = np.arange(4.0).view(Array)
    gone = weakref.ref(array)
    x = lamina.from_dlpack(array)
    del array
    gc.collect()
    assert x.tolist() == [0, 1, 2, 3]
    y = np.from_dlpack(x)
    del x
    gc.collect()
    assert y.tolist() == [0, 1, 2, 3]
    del y
    gc.collect()
    assert gone() is None


def test_what_is_refused():
    with pytest.raises(RuntimeError, match="detach"):
        lamina.ones(2, requires_grad=True).__dlpack__()
    capsule = lamina.ones(2).__dlpack__()
    lamina.from_dlpack(capsule)
    with pytest.raises(RuntimeError, match="once"):
        lamina.from_dlpack(capsule)
    with pytest.raises(TypeError):
        lamina.from_dlpack([1, 2])
    assert lamina.ones(2).__dlpack_device__() == (1, 0)


def test_copies_when_asked():
    given = np.zeros(3)
    x = lamina.from_dlpack(given, copy=True)
    x.fill_(1)
    assert given.tolist() == [0, 0, 0]
    x = lamina.zeros(2)
    lamina.from_dlpack(x.__dlpack__(copy=True, max_version=(1, 0))).fill_(5)
    assert x.tolist() == [0, 0]


def test_a_capsule_that_nobody_takes_is_freed():
    before = lamina.memory_stats()["in_use"]
    for version in (None, (1, 0)):
        lamina.ones(1000).__dlpack__(max_version=version)
    gc.collect()
    assert lamina.memory_stats()["in_use"] <= before

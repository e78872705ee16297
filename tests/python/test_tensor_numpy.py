"""NumPy both ways without a copy."""

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest

import lamina as torch


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"])
def test_every_dtype_shares_memory_both_ways(dtype):
    a = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    t = torch.from_numpy(a)
    assert t.dtype is getattr(torch, dtype) and t.tolist() == a.tolist() and t.data_ptr() == a.ctypes.data
    b = t.numpy()
    assert b.dtype == a.dtype and b.ctypes.data == a.ctypes.data and b.flags.writeable
    a[0, 0] = 1
    assert t[0, 0].item() == 1 and b[0, 0] == 1
    assert torch.zeros(2, dtype=getattr(torch, dtype)).numpy().dtype == dtype


def test_strides_and_offsets():
    a = np.arange(24.0).reshape(2, 3, 4)
    for view in (a.transpose(2, 0, 1), a[:, 1:, ::2], a[1], np.broadcast_to(a[0, 0], (5, 4)), a[:0], np.array(3.0)):
        t = torch.from_numpy(view)
        assert t.shape == view.shape and t.tolist() == view.tolist()
        assert t.numpy().tolist() == view.tolist()
    x = torch.arange(6.0).view(2, 3)
    assert x.t().numpy().strides == (4, 12) and x[:, 1].numpy().tolist() == [1.0, 4.0]


def test_each_keeps_the_other_alive():
    a = np.ones(1000)
    gone = weakref.ref(a)
    t = torch.from_numpy(a)
    del a
    gc.collect()
    assert gone() is not None and t.sum().item() == 1000
    view = t[:10]
    del t
    gc.collect()
    assert view.sum().item() == 10
    del view
    gc.collect()
    assert gone() is None
    x = torch.ones(1000)
    b = x.numpy()
    x.data = torch.zeros(3)  # the array keeps the memory that it shows
    del x
    gc.collect()
    assert b.sum() == 1000


def test_read_only_arrays():
    a = np.ones(3)
    a.flags.writeable = False
    t = torch.from_numpy(a)
    assert (t + 1).tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(RuntimeError, match="read-only"):
        t.add_(1)
    with pytest.raises(RuntimeError, match="read-only"):
        t[0] = 1
    assert not t.numpy().flags.writeable and a.tolist() == [1.0, 1.0, 1.0]
    c = torch.tensor(a)
    c.add_(1)
    assert a.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("array, kind, says", [
    (np.ones(3)[::-1], ValueError, "negative"),
    (np.ones(2, dtype=">f4"), ValueError, "byte order"),
    (np.ones(2, dtype=np.uint16), TypeError, "uint16"),
    (np.ones(2, dtype=np.complex64), TypeError, "complex64"),
    (np.array(["a"]), TypeError, "<U1"),
    (np.array([None]), TypeError, "object"),
    (np.array(["2020"], dtype="datetime64[D]"), TypeError, "datetime64"),
    (np.zeros(2, dtype=[("a", "f4"), ("b", "f4")]), TypeError, "supported"),
    ([1.0], TypeError, "np.ndarray"),
])
def test_refused(array, kind, says):
    with pytest.raises(kind, match=says):
        torch.from_numpy(array)


def test_what_numpy_may_not_see():
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="requires grad"):
        w.numpy()
    assert w.detach().numpy().tolist() == [1.0, 1.0] and w.numpy(force=True).tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="BFloat16"):
        torch.ones(2, dtype=torch.bfloat16).numpy()


def test_protocols():
    x = torch.arange(4.0).view(2, 2)
    assert np.asarray(x).ctypes.data == x.data_ptr()
    assert np.array(x).ctypes.data != x.data_ptr() and np.array(x, dtype=np.float64).dtype == np.float64
    assert np.sum(x.numpy()) == 6 and np.concatenate([x, x]).shape == (4, 2)
    assert memoryview(x).shape == (2, 2)
    assert isinstance(x * np.ones((2, 2), dtype=np.float32), torch.Tensor)
    assert isinstance(np.ones((2, 2), dtype=np.float32) * x, torch.Tensor)
    assert isinstance(np.float64(2) * x, torch.Tensor) and (np.float64(2) * x).dtype is torch.float32


def test_numpy_is_not_imported_before_it_is_used():
    script = "import sys, lamina; x = lamina.ones(2) + 1; x.tolist(); repr(x); assert 'numpy' not in sys.modules; x.numpy(); assert 'numpy' in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)

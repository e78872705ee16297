"""Permuted, sliced, offset and expanded inputs give what their contiguous copies give."""
import lamina
import numpy as np
import pytest
from support import cases


def permuted(x):
    dims = list(range(x.dim()))
    return x.permute(dims[::-1]).contiguous().permute(dims[::-1])


def sliced(x):
    if x.dim() == 0:
        return x
    wide = lamina.zeros([*x.shape[:-1], 2 * x.shape[-1] + 1], dtype=x.dtype)
    wide[..., 1::2] = x
    return wide[..., 1::2]


def offset(x):
    long = lamina.zeros([x.numel() + 3], dtype=x.dtype)
    long[3:] = x.reshape(-1)
    return long[3:].view(x.shape)


def expanded(x):
    return x[:1].expand(x.shape) if x.dim() and x.shape[0] > 0 else x


@pytest.mark.parametrize("layout", [permuted, sliced, offset, expanded], ids=lambda f: f.__name__)
@pytest.mark.parametrize("case", cases.load("layouts"), ids=lambda c: c.id)
def test_layout(case, layout):
    got = cases.run(lamina, case, lamina.float64, layout)
    want = cases.run(lamina, case, lamina.float64, lambda x: layout(x).contiguous().clone())
    problem = cases.difference(got, want, 1e-13)
    assert problem is None, f"{case}: {problem}"


def test_layouts_are_what_they_say():
    x = lamina.from_numpy(np.arange(24.0).reshape(2, 3, 4))
    for layout in (permuted, sliced):
        y = layout(x)
        assert not y.is_contiguous() and y.tolist() == x.tolist()
    assert offset(x).storage_offset() == 3 and offset(x).tolist() == x.tolist()
    assert expanded(x).stride()[0] == 0

"""Comparing tensors in tests. Source: torch.testing."""

import lamina as _lamina

__all__ = ["assert_allclose", "assert_close", "make_tensor"]

#: dtype → (rtol, atol)
_TOLERANCES = {
    _lamina.float16: (1e-3, 1e-5), _lamina.bfloat16: (1.6e-2, 1e-5), _lamina.float32: (1.3e-6, 1e-5),
    _lamina.float64: (1e-7, 1e-7),
}


def _tolerances(*dtypes):
    known = [_TOLERANCES.get(d, (0.0, 0.0)) for d in dtypes]
    return max(r for r, _ in known), max(a for _, a in known)


class _Options:
    def __init__(self, allow_subclasses, rtol, atol, equal_nan, check_dtype, check_layout, check_stride):
        if (rtol is None) != (atol is None):
            raise ValueError("rtol and atol must both be specified or both be unspecified, "
                             f"but got no {'rtol' if rtol is None else 'atol'}")
        self.allow_subclasses, self.rtol, self.atol, self.equal_nan = allow_subclasses, rtol, atol, equal_nan
        self.check_dtype, self.check_stride = check_dtype, check_stride


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, check_device=True,
                 check_dtype=True, check_layout=True, check_stride=False, msg=None):
    """AssertionError unless |actual − expected| ≤ atol + rtol·|expected| everywhere, with equal shapes and types.

    Takes tensors, what makes tensors (arrays, numbers), and sequences and mappings of them. Tolerances follow the type:
    float64 1e-7, float32 1.3e-6 and 1e-5, bfloat16 1.6e-2 and 1e-5, float16 1e-3 and 1e-5, integers 0.
    """
    options = _Options(allow_subclasses, rtol, atol, equal_nan, check_dtype, check_layout, check_stride)
    try:
        _compare(actual, expected, options, "")
    except AssertionError as error:
        if msg is None:
            raise
        raise AssertionError(msg(str(error)) if callable(msg) else msg) from None


def _compare(a, b, options, at):
    from collections.abc import Mapping, Sequence

    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if set(a) != set(b):
            raise AssertionError(f"The keys of the mappings do not match: {list(a)} and {list(b)}{_place(at)}")
        for key in a:
            _compare(a[key], b[key], options, f"{at}[{key!r}]")
    elif isinstance(a, Sequence) and isinstance(b, Sequence) and not isinstance(a, str):
        if len(a) != len(b):
            raise AssertionError(f"The length of the sequences mismatch: {len(a)} != {len(b)}{_place(at)}")
        for i, (x, y) in enumerate(zip(a, b)):
            _compare(x, y, options, f"{at}[{i}]")
    elif a is None or b is None:
        if a is not b:
            raise AssertionError(f"None mismatch: {a} is not {b}{_place(at)}")
    elif isinstance(a, bool) and isinstance(b, bool):
        if a is not b:
            raise AssertionError(f"Booleans mismatch: {a} is not {b}{_place(at)}")
    elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
        dtypes = [_lamina.float64 if isinstance(v, float) else _lamina.int64 for v in (a, b)]
        _close(_lamina.tensor(a, dtype=_lamina.float64), _lamina.tensor(b, dtype=_lamina.float64), dtypes, options,
               at, "Scalars")
    else:
        _compare_tensors(a, b, options, at)


def _as_tensor(value):
    if isinstance(value, _lamina.Tensor):
        return value
    try:
        return _lamina.as_tensor(value)
    except Exception:
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(value)}.") from None


def _compare_tensors(a, b, options, at):
    if not isinstance(a, _lamina.Tensor) and not isinstance(b, _lamina.Tensor) and type(a) is not type(b):
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(a)} and {type(b)}.")
    if not options.allow_subclasses and type(a) is not type(b):
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(a)} and {type(b)}.")
    a, b = _as_tensor(a), _as_tensor(b)
    if a.shape != b.shape:
        raise AssertionError(f"The values for attribute 'shape' do not match: {a.shape} != {b.shape}{_place(at)}.")
    if options.check_dtype and a.dtype is not b.dtype:
        raise AssertionError(f"The values for attribute 'dtype' do not match: {a.dtype} != {b.dtype}{_place(at)}.")
    if options.check_stride and a.stride() != b.stride():
        raise AssertionError(f"The values for attribute 'stride()' do not match: {a.stride()} != {b.stride()}{_place(at)}.")
    _close(a, b, (a.dtype, b.dtype), options, at, "Tensor-likes")


def _close(a, b, dtypes, options, at, what):
    rtol, atol = _tolerances(*dtypes) if options.rtol is None else (options.rtol, options.atol)
    a, b = a.detach(), b.detach()
    wide = _lamina.float64 if a.is_floating_point() or b.is_floating_point() else _lamina.int64
    a, b = a.to(wide), b.to(wide)
    good = _lamina.isclose(a, b, rtol=rtol, atol=atol, equal_nan=options.equal_nan)
    if bool(good.all()):
        return
    verdict = "equal" if rtol == atol == 0 else "close"
    if a.numel() == 1:
        raise AssertionError(f"{what if what == 'Scalars' else 'Scalars'} are not {verdict}!\n\nExpected {b.item()} but got "
                             f"{a.item()}.\nAbsolute difference: {abs(a.item() - b.item())} (up to {atol} allowed)\n"
                             f"Allowed relative difference: {rtol}{_place(at)}")
    bad = ~good
    difference = ((a - b).abs() * bad).double()
    relative = (difference / b.abs().double()).nan_to_num(nan=0.0)
    worst, worst_relative = int(difference.argmax()), int(relative.argmax())
    raise AssertionError(
        f"{what} are not {verdict}!\n\nMismatched elements: {int(bad.sum())} / {bad.numel()} "
        f"({100 * int(bad.sum()) / bad.numel():.1f}%)\n"
        f"Greatest absolute difference: {difference.flatten()[worst].item()} at index {_index(worst, a.shape)} "
        f"(up to {atol} allowed)\n"
        f"Greatest relative difference: {relative.flatten()[worst_relative].item()} at index "
        f"{_index(worst_relative, a.shape)} (up to {rtol} allowed){_place(at)}"
    )


def _index(place, shape):
    index = []
    for size in reversed(shape):
        place, i = divmod(place, size)
        index.append(i)
    return tuple(reversed(index))


def _place(at):
    return f"\n\nThe failure occurred for item {at}" if at else ""


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    """assert_close that looks neither at types nor at strides."""
    if not isinstance(actual, _lamina.Tensor):
        actual = _lamina.tensor(actual)
    if not isinstance(expected, _lamina.Tensor):
        expected = _lamina.tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        rtol, atol = _tolerances(actual.dtype, expected.dtype)
    assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)


def make_tensor(*shape, dtype, device="cpu", low=None, high=None, requires_grad=False, noncontiguous=False,
                exclude_zero=False, memory_format=None):
    """A tensor of random values: of [−9, 9) for floating-point types, [−9, 10) or [0, 10) for integers, bools."""
    shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    shape = tuple(shape)
    if noncontiguous:
        shape = (*shape, 2) if not shape else (*shape[:-1], 2 * shape[-1])
    if dtype is _lamina.bool:
        result = _lamina.randint(0, 2, shape).to(dtype)
    elif dtype.is_floating_point:
        low, high = -9.0 if low is None else low, 9.0 if high is None else high
        result = _lamina.empty(shape, dtype=dtype).uniform_(low, high)
    else:
        low, high = (0 if dtype is _lamina.uint8 else -9) if low is None else low, 10 if high is None else high
        result = _lamina.randint(int(low), int(high), shape, dtype=dtype)
    if exclude_zero:
        result = _lamina.where(result == 0, _lamina.ones_like(result), result)
    if noncontiguous:
        result = result[..., ::2] if len(shape) > 1 or result.dim() == 1 else result[..., 0]
    return result.requires_grad_() if requires_grad else result

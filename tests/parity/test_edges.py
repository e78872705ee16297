"""Activations and their gradients against mpmath, over the whole range of their types and densely where they bend: float32
within 4 units in the last place, float64 within 16; near a zero of a derivative within so many units of its largest term.
Not PyTorch's numbers: PyTorch itself errs in the tails.

A sample of the points; all of them with LAMINA_EDGES=all.
"""
import math
import os

import lamina
import numpy as np
import pytest

mp = pytest.importorskip("mpmath")
F = lamina.nn.functional
DENSE = 1 if os.environ.get("LAMINA_EDGES") == "all" else 12  # every so many points


def sigma(x):
    return 1 / (1 + mp.exp(-x))


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1000 else mp.mpf(x > 0)  # mpmath cannot go further


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def tanh_exponent(x):
    return 2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)


def tanh_slope(x):
    return 2 * mp.sqrt(2 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * x**2)


ALPHA, SCALE = mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")
#: By name: the function of lamina, its value, its derivative, and the size of the derivative's terms where they cancel.
CURVES = {
    "elu": (lambda x: F.elu(x, 1.5), lambda x: x if x > 0 else mp.mpf(1.5) * mp.expm1(x),
            lambda x: 1 if x > 0 else mp.mpf(1.5) * mp.exp(x), None),
    "selu": (F.selu, lambda x: SCALE * (x if x > 0 else ALPHA * mp.expm1(x)),
             lambda x: SCALE * (1 if x > 0 else ALPHA * mp.exp(x)), None),
    "celu": (lambda x: F.celu(x, 0.5), lambda x: x if x > 0 else mp.expm1(2 * x) / 2,
             lambda x: 1 if x > 0 else mp.exp(2 * x), None),
    "softplus": (lambda x: F.softplus(x, threshold=1e6), lambda x: mp.log1p(mp.exp(x)), sigma, None),
    "logsigmoid": (F.logsigmoid, lambda x: -mp.log1p(mp.exp(-x)), lambda x: sigma(-x), None),
    "mish": (F.mish, lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
             lambda x: mp.tanh(mp.log1p(mp.exp(x))) + x * sigma(x) * mp.sech(mp.log1p(mp.exp(x)))**2,
             lambda x: mp.tanh(mp.log1p(mp.exp(x)))),
    "softsign": (F.softsign, lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x))**2, None),
    "tanhshrink": (F.tanhshrink, lambda x: x - mp.tanh(x), lambda x: mp.tanh(x)**2, None),
    "silu": (F.silu, lambda x: x * sigma(x), lambda x: sigma(x) * (1 + x * sigma(-x)), sigma),
    "gelu": (F.gelu, lambda x: x * normal(x), lambda x: normal(x) + x * density(x), normal),
    "gelu_tanh": (lambda x: F.gelu(x, approximate="tanh"), lambda x: x * sigma(tanh_exponent(x)),
                  lambda x: sigma(tanh_exponent(x)) * (1 + x * sigma(-tanh_exponent(x)) * tanh_slope(x)),
                  lambda x: sigma(tanh_exponent(x))),
    "hardswish": (F.hardswish, lambda x: x * min(max(x + 3, mp.mpf(0)), mp.mpf(6)) / 6,
                  lambda x: 0 if x <= -3 else 1 if x >= 3 else (2 * x + 3) / 6, lambda x: mp.mpf(0.5)),
    "hardsigmoid": (F.hardsigmoid, lambda x: min(max(x + 3, mp.mpf(0)), mp.mpf(6)) / 6,
                    lambda x: mp.mpf(1) / 6 if -3 < x < 3 else 0, None),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.25), lambda x: x if x > 0 else x / 4, lambda x: 1 if x > 0 else mp.mpf(0.25), None),
}


def points(dtype):
    info = np.finfo(dtype)
    powers = np.logspace(math.log10(float(info.smallest_subnormal)) + 0.5, math.log10(float(info.max)) - 0.5, 120)
    tail = 110 if dtype == np.float32 else 760
    dense = np.concatenate([np.linspace(0, 6, 240), np.linspace(6, 45, 240), np.linspace(45, tail, 240)])
    x = np.concatenate([powers[::max(1, DENSE // 4)], dense[::DENSE], [1, 3, 20, 38.4]])
    return np.unique(np.concatenate([x, -x]).astype(dtype))


def units(got, exact, dtype, size=None):
    """How many units in the last place of `exact`, or of `size` where that is larger, the two lie apart."""
    info = np.finfo(dtype)
    scale = max(abs(exact), abs(size) if size is not None else 0)
    if scale > info.max:
        return 0 if math.isinf(got) else math.inf
    if not math.isfinite(got):
        return math.inf
    unit = mp.mpf(float(info.smallest_subnormal))
    if scale >= float(info.tiny):
        unit = mp.mpf(2) ** (int(mp.floor(mp.log(scale, 2))) - info.nmant)
    return float(abs(mp.mpf(float(got)) - exact) / unit)


def digits_lost(x):
    """What 1 + eˣ, or x − tanh x, takes from the working precision."""
    return int(min(abs(x), 400)) + int(2 * max(0, min(130, -mp.log10(abs(x)))))


@pytest.mark.parametrize("dtype, allowed", [(np.float32, 4), (np.float64, 16)], ids=["float32", "float64"])
@pytest.mark.parametrize("name", CURVES)
def test_curve(name, dtype, allowed):
    function, value, slope, term = CURVES[name]
    xs = points(dtype)
    x = lamina.from_numpy(xs).requires_grad_()
    y = function(x)
    dx, = lamina.autograd.grad(y, x, lamina.ones_like(y))
    worst = [(0, None), (0, None)]
    with mp.workdps(60):
        for at, got, got_slope in zip(xs, y.detach().numpy(), dx.numpy()):
            exact = mp.mpf(float(at))
            with mp.workdps(60 + digits_lost(exact)):
                size = None if term is None else term(exact)
                found = (units(got, mp.mpf(value(exact)), dtype), units(got_slope, mp.mpf(slope(exact)), dtype, size))
            worst = [max(w, (u, float(at)), key=lambda pair: pair[0]) for w, u in zip(worst, found)]
    assert worst[0][0] <= allowed, f"value at {worst[0][1]!r}: {worst[0][0]:.3g} units"
    assert worst[1][0] <= allowed, f"gradient at {worst[1][1]!r}: {worst[1][0]:.3g} units"


@pytest.mark.parametrize("dtype", [lamina.float32, lamina.float64, lamina.bfloat16, lamina.float16], ids=str)
@pytest.mark.parametrize("name", CURVES)
def test_limits(name, dtype):
    """At the infinities the limits, at a NaN a NaN."""
    function, value, slope, _ = CURVES[name]
    x = lamina.tensor([float("-inf"), float("inf"), float("nan")], dtype=dtype).requires_grad_()
    y = function(x)
    dx, = lamina.autograd.grad(y, x, lamina.ones_like(y))
    with mp.workdps(60):
        for i, far in enumerate((mp.mpf(-2000), mp.mpf(2000))):
            limit, bend = float(value(far)), float(slope(far))
            expected = math.copysign(math.inf, limit) if abs(limit) >= 500 else limit
            assert y[i].item() == pytest.approx(expected, abs=6e-3), f"at {far}"
            assert dx[i].item() == pytest.approx(bend, abs=6e-3), f"slope at {far}"
    assert math.isnan(y[2].item())

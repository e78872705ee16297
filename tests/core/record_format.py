"""Records format.json from PyTorch: tensors of many shapes, sizes and types with the text that it prints for them.

    python tests/core/record_format.py

A case is a dtype, a shape, perhaps strides, the values (or "nan", "inf", "-inf"), print options, and the text.
"""
import json
import math
import pathlib
import random

import torch

FLOATS = (torch.float32, torch.float32, torch.float64, torch.bfloat16, torch.float16)
WHOLES = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
DEFAULTS = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)


def case(tensor, marks="", **options):
    torch.set_printoptions(**(DEFAULTS | options))
    shown = tensor
    if "g" in marks:
        shown = tensor.detach().requires_grad_()
    if "p" in marks:
        shown = torch.nn.Parameter(tensor.detach())
    flat = torch.as_strided(tensor, [1 + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride()))], [1]) \
        if tensor.numel() else tensor.reshape(-1)
    entry = dict(dtype=str(tensor.dtype).removeprefix("torch."), shape=list(tensor.shape))
    if not tensor.is_contiguous():
        entry["strides"] = list(tensor.stride())
    entry["values"] = [(int(v) if v == int(v) and str(v) != "-0.0" else v) if math.isfinite(v) else str(v)
                       for v in flat.tolist()]
    if marks:
        entry["marks"] = marks
    if options:
        entry["options"] = {k: v if v != math.inf else 1e300 for k, v in options.items()}
    return entry | dict(text=repr(shown))


def fixed():
    """One case for each rule of the format."""
    t = torch.tensor
    yield from (case(t(v)) for v in (0.0, -0.0, 1.0, 1.5, math.nan, math.inf, -math.inf, 1e-5, 1e9, 3, True, 0.1 + 0.2))
    yield from (case(t(v)) for v in ([1.0, 2.0], [1.0, math.nan], [1.0, math.inf, -2.5], [0.0, -0.0],
                                     [math.nan, math.inf], [1e-4, 1.0], [9.9e-5, 1.0], [1e8, 1.0], [1.001e8],
                                     [1000.0, 1.0], [1001.0, 1.0], [1000.5, 1.0],
                                     [0.00005], [123456.789], [99999.99999], [-1.0, 10.0, 100.0],
                                     [True, False], [1, -100, 7], [[]], []))
    for shape in ([0], [0, 3], [2, 0, 4]):
        yield from (case(torch.zeros(shape, dtype=d)) for d in (torch.float32, torch.float64, torch.int64, torch.bool))
    yield case(torch.zeros(0, 3), "g")
    yield from (case(torch.arange(n).float()) for n in (10, 25, 1000, 1001))
    yield from (case(torch.arange(n)) for n in (30, 1000, 1001))
    yield case(torch.arange(1002.).reshape(2, 501))
    yield case(torch.arange(1200.).reshape(3, 4, 100))
    yield case(torch.arange(3000).reshape(10, 10, 30))
    yield case(torch.arange(24.).reshape(2, 3, 4) / 7, "g")
    yield case(torch.arange(24.).reshape(1, 2, 1, 3, 4), "p")
    yield case(torch.ones(20), "g")
    yield case(torch.ones(17), "g")
    yield case(torch.ones(18), "p")
    yield case(torch.ones(19, dtype=torch.float64), "g")
    yield case(torch.arange(12.).reshape(3, 4).t())
    yield case(torch.arange(40.)[::4])
    yield case(torch.arange(3.).expand(4, 3))
    for options in (dict(precision=0), dict(precision=8), dict(sci_mode=True), dict(sci_mode=False), dict(linewidth=20),
                    dict(linewidth=0), dict(threshold=5), dict(threshold=5, edgeitems=0),
                    dict(threshold=0, edgeitems=1), dict(threshold=math.inf, linewidth=200)):
        yield case(torch.arange(12.) / 7, **options)
        yield case(torch.arange(12.).reshape(3, 4), **options)
        yield case(t(2.5), **options)


def drawn(seed):
    rng, g = random.Random(seed), torch.Generator().manual_seed(seed)
    shape = [rng.choice([1, 2, 3, 5, 7]) for _ in range(rng.choice([0, 1, 2, 2, 3, 4]))]
    if math.prod(shape) > 60:
        return None
    dtype = rng.choice(FLOATS + WHOLES)
    x = torch.randn(shape, generator=g, dtype=torch.float64)
    x = x * 10.0**rng.randint(-6, 6) if rng.random() < 0.5 else x * 10**(x * rng.choice([0, 0.5, 2]))
    if rng.random() < 0.3:
        x = x.round()
    if rng.random() < 0.2:
        x[torch.rand(shape, generator=g) < 0.2] = rng.choice([math.nan, math.inf, -math.inf])
    if not dtype.is_floating_point:
        x = (x > 0) if dtype == torch.bool else torch.nan_to_num(x, 0, 0, 0).to(torch.int64)
    x = x.to(dtype)
    if len(shape) > 1 and rng.random() < 0.3:
        x = x.transpose(0, -1)
    options = {}
    if rng.random() < 0.3:
        options = dict(precision=rng.choice([1, 3, 6]), threshold=rng.choice([0, 5, 1000]),
                       edgeitems=rng.choice([0, 1, 2]), linewidth=rng.choice([20, 50, 120]),
                       sci_mode=rng.choice([None, True, False]))
    return case(x, rng.choice(["", "", "g", "p"]) if dtype.is_floating_point else "", **options)


cases = [*fixed(), *filter(None, map(drawn, range(260)))]
path = pathlib.Path(__file__).with_name("format.json")
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")

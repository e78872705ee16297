"""Records random.json from PyTorch: what each random function draws after manual_seed, and the state it leaves.

    python tests/core/record_random.py

A draw is one call on a tensor of a shape (of its strides, where it is not contiguous). Kept are the first values as hex
floats, for whoever reads a failure, and the CRC-32 of all bytes and of the generator's state afterwards.
"""
import json
import pathlib
import zlib

import torch

SIZES = (0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 100, 199, 1000, 1001, 20011)
FLOATS = ("float32", "float64", "bfloat16", "float16")
WHOLES = ("int64", "int32", "int16", "int8", "uint8", "bool")
LAYOUTS = (([5, 4], [1, 5]), ([3, 4], [8, 2]), ([2, 3, 4], [1, 8, 2]), ([4, 1, 5], [10, 3, 2]), ([7, 3], [1, 7]))


def crc(tensor):
    whole = tensor.contiguous().reshape(-1)
    return zlib.crc32(whole.view(torch.uint8).numpy().tobytes()) if whole.numel() else 0


def call(op, tensor, arguments):
    if op.endswith("_like"):
        return getattr(torch, op)(tensor, *arguments)
    if op == "randperm":
        return torch.randperm(tensor.numel(), dtype=tensor.dtype)
    if not hasattr(tensor, op):
        return getattr(torch.nn.init, op)(tensor, *arguments)
    return getattr(tensor, op)(*arguments)


def draw(op, dtype, shape, arguments=(), strides=None, seed=0):
    kind = getattr(torch, dtype)
    if strides is None:
        tensor = torch.zeros(shape, dtype=kind)
    else:
        span = 1 + sum((n - 1) * s for n, s in zip(shape, strides))
        tensor = torch.zeros(span, dtype=kind).as_strided(shape, strides)
    torch.manual_seed(seed)
    result = call(op, tensor, arguments)
    entry = dict(op=op, dtype=dtype, shape=list(shape), seed=seed, args=list(arguments))
    if strides is not None:
        entry["strides"] = list(strides)
    entry["first"] = [float(v).hex() for v in result.reshape(-1)[:3].tolist()]
    return entry | dict(crc=crc(result), state=zlib.crc32(torch.get_rng_state().numpy().tobytes()))


def draws():
    for dtype in FLOATS:
        for size in SIZES:
            yield draw("uniform_", dtype, [size], (0.0, 1.0), seed=size)
            yield draw("normal_", dtype, [size], (0.0, 1.0), seed=size)
        for size in (5, 16, 333):
            yield draw("uniform_", dtype, [size], (-0.3, 0.7), seed=42)
            yield draw("uniform_", dtype, [size], (2.0, 2.0), seed=42)
            yield draw("normal_", dtype, [size], (-1.5, 0.02), seed=42)
            yield draw("normal_", dtype, [size], (3.0, 0.0), seed=42)
            yield draw("exponential_", dtype, [size], (0.5,), seed=7)
            yield draw("trunc_normal_", dtype, [size], (0.0, 1.0, -2.0, 2.0))
            yield draw("trunc_normal_", dtype, [size], (0.5, 0.3, 1.0, 1.5))
        for shape, strides in LAYOUTS:
            for op in ("uniform_", "normal_", "rand_like", "randn_like"):
                yield draw(op, dtype, shape, strides=strides, seed=3)
        for shape in ([4, 6], [3, 5, 7], [8, 4, 3, 3]):
            for op, arguments in (("xavier_uniform_", (1.5,)), ("xavier_normal_", ()), ("kaiming_uniform_", (5**0.5,)),
                                  ("kaiming_normal_", (0.0, "fan_out", "relu"))):
                yield draw(op, dtype, shape, arguments)
        yield draw("random_", dtype, [50], (-1000, 1000))
        yield draw("sparse_", dtype, [10, 6], (0.25, 0.01))
        yield draw("eye_", dtype, [3, 5])
        yield draw("dirac_", dtype, [6, 2, 3, 3], (3,))
    yield draw("random_", "float16", [50], (0, 65504))
    yield draw("random_", "float32", [50], (0, 2**24 + 7))
    for dtype in FLOATS + WHOLES:
        yield draw("random_", dtype, [50])
        yield draw("bernoulli_", dtype, [50], (0.3,))
        yield draw("random_", dtype, [50], (0, 2))
        if dtype != "bool":
            yield draw("randperm", dtype, [100])
    for shape, strides in LAYOUTS:
        yield draw("random_", "int64", shape, (0, 100), strides=strides)
        yield draw("randint_like", "float32", shape, (-9, 100), strides=strides)
        yield draw("bernoulli_", "float32", shape, (0.5,), strides=strides)
    for low, high in ((0, 10), (-5, 2**20), (0, 2**28 - 1), (0, 2**28), (-3, 2**28 + 5), (0, 2**40), (-2**62, 2**62)):
        yield draw("random_", "int64", [50], (low, high))
    for size in (0, 1, 2, 3, 10000):
        yield draw("randperm", "int64", [size], seed=size)


def sequence():
    """Calls one after another: what each leaves behind decides what the next one draws."""
    torch.manual_seed(2026)
    calls = [("normal_", "float32", 5), ("uniform_", "float32", 3), ("normal_", "float32", 1),
             ("normal_", "float64", 4), ("normal_", "float32", 16), ("random_", "int64", 3),
             ("normal_", "float64", 7), ("bernoulli_", "float32", 9), ("randperm", "int64", 11),
             ("exponential_", "float64", 2), ("normal_", "bfloat16", 21), ("random_", "int32", 5)]
    return [dict(op=op, dtype=dtype, shape=[n], crc=crc(call(op, torch.zeros(n, dtype=getattr(torch, dtype)), ())))
            for op, dtype, n in calls]


def states():
    """Seeds with the whole state after three normal numbers, the third of which leaves its pair behind."""
    for seed in (0, 1, 2**31, 2**63 + 11, 2**64 - 1):
        torch.manual_seed(seed)
        torch.zeros(3, dtype=torch.float64).normal_()
        yield dict(seed=str(seed), bytes=torch.get_rng_state().numel(),
                   crc=zlib.crc32(torch.get_rng_state().numpy().tobytes()))


def orthogonal():
    """orthogonal_ in full: another QR decomposition rounds differently."""
    for shape in ([3, 5], [5, 3], [4, 4], [3, 2, 2], [1, 1], [20, 12]):
        torch.manual_seed(5)
        t = torch.nn.init.orthogonal_(torch.zeros(shape, dtype=torch.float64), 1.5)
        yield dict(shape=shape, gain=1.5, values=t.reshape(-1).tolist())


def lines(name, entries):
    return json.dumps(name) + ": [\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]"


path = pathlib.Path(__file__).with_name("random.json")
parts = [lines("draws", draws()), lines("sequence", sequence()), lines("states", states()),
         lines("orthogonal", orthogonal())]
path.write_text("{" + ",\n".join(parts) + "}\n")

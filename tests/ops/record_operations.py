"""Records what PyTorch gives for every operation on tensors: values, types and gradients, into operations.json.

    python tests/ops/record_operations.py        needs PyTorch; operations_test.cpp reads the file without it

A case is [operation, inputs, arguments]; an input is [kind, shape] or [kind, shape, dtype], made of the numbers that
noise() in tests/support/gradients.h gives, with the input's place as seed.
"""
import json
import math
import pathlib


import torch

F64, F32, I64, BOOL = torch.float64, torch.float32, torch.int64, torch.bool


def noise(shape, seed):
    values = []
    for i in range(math.prod(shape)):
        x = (i * 2654435761 + seed * 40503 + 12345) & 0xFFFFFFFF
        x ^= x >> 15
        x = (x * 2246822519) & 0xFFFFFFFF
        x ^= x >> 13
        values.append((x / 2147483648.0 - 1) * math.sqrt(3.0))
    return torch.tensor(values, dtype=F64).reshape(shape)


KINDS = {
    "any": lambda v: v,
    "positive": lambda v: v.abs() + 0.25,
    "inside": lambda v: v / 2,  # within ±0.87
    "above1": lambda v: v.abs() + 1.25,
    "tenths": lambda v: (v * 10).round() / 10,
    "ints": lambda v: (v * 3).floor(),  # −6 … 5
    "counts": lambda v: (v.abs() * 2).floor(),  # 0 … 3
    "ties": lambda v: v.round(),  # −2 … 2
    "zeros": lambda v: torch.where(v < -0.9, 0.0, v),
    "mask": lambda v: v > 0,
    "special": lambda v: torch.tensor([1.5, -2.5, 0.0, -0.0, math.inf, -math.inf, math.nan, 0.5, 2.0, -1e-30], dtype=F64)
    .repeat(v.numel() // 10 + 1)[: v.numel()].reshape(v.shape),
}


def make(spec, seed):
    kind, shape, *dtype = spec
    default = {"ints": "int64", "counts": "int64", "mask": "bool"}.get(kind, "float64")
    return KINDS[kind](noise(shape, seed)).to(getattr(torch, dtype[0] if dtype else default))


def numbers(t):
    return [str(v) if isinstance(v, float) and not math.isfinite(v) else v for v in t.detach().flatten().tolist()]


def pick(i):
    return lambda f: lambda *a: f(*a)[i]


def setitem(x, value, *index):
    y = x.clone()
    y[index] = value
    return y


A, P = "any", "positive"
M = [["any", [2, 3]]]
CASES = []


def case(name, inputs, args=(), call=None, second=True):
    CASES.append((name, inputs, list(args), call, second))


for name in "exp exp2 expm1 sin cos sinh cosh tanh asinh atan sigmoid erf erfc square neg abs".split():
    case(name, [[A, [3, 4]]])
for name in "log log2 log10 log1p sqrt rsqrt reciprocal".split():
    case(name, [[P, [3, 4]]])
case("tan", [["inside", [3, 4]]])
for name in "asin acos atanh".split():
    case(name, [["inside", [3, 4]]])
case("acosh", [["above1", [3, 4]]])
for name in "sign floor ceil trunc round frac".split():
    case(name, [[A, [3, 4]]], second=False)
case("round", [["tenths", [40], "float32"]], second=False)
for name in "exp sigmoid sqrt square abs sign floor neg".split():
    case(name, [["counts", [5]]])
    case(name, [["special", [10], "float32"]], second=False)
for name in "isnan isinf isfinite logical_not".split():
    case(name, [["special", [10]]])
for name in "add sub mul div".split():
    case(name, [[A, [2, 3]], [P, [2, 3]]])
    case(name, [[A, [2, 1, 3]], [P, [4, 1]]])
    case(name, [[A, [2, 3]], [P, []]])
    case(name, [["ints", [7]], ["ints", [7], "int32"]])
    case(name, [["ints", [7]], [A, [], "float32"]])
    case(name, [[A, [2, 3], "float32"], [A, [2, 3], "float64"]])
    case(name, [["any", [6], "bfloat16"], ["positive", [6], "bfloat16"]])
    case(name + "_scalar", [[A, [2, 3]]], [2.5], lambda x, s, n=name: getattr(torch, n)(x, s))
    case(name + "_scalar", [["ints", [5]]], [2.5], lambda x, s, n=name: getattr(torch, n)(x, s))
    case(name + "_scalar", [["ints", [5]]], [3], lambda x, s, n=name: getattr(torch, n)(x, s))
    case(name + "_scalar", [["any", [5], "float16"]], [0.1], lambda x, s, n=name: getattr(torch, n)(x, s))
    case("in_place_" + name, [[A, [2, 3]], [P, [3]]], [], lambda x, y, n=name: getattr(x.clone(), n + "_")(y))
case("add_alpha", [[A, [2, 3]], [A, [3]]], [-0.3], lambda x, y, s: torch.add(x, y, alpha=s))
case("sub_alpha", [[A, [2, 3]], [A, [3]]], [0.7], lambda x, y, s: torch.sub(x, y, alpha=s))
case("rsub", [[A, [2, 3]]], [2.0], lambda x, s: s - x)
case("rdiv", [[P, [2, 3]]], [2.0], lambda x, s: s / x)
for name in "floor_divide remainder fmod".split():
    f = getattr(torch, name)
    case(name, [["special", [10, 1], "float32"], ["special", [1, 10], "float32"]], [], f, False)
    case(name, [["ints", [9]], ["above1", [9], "int64"]], [], f)
    if name != "floor_divide":
        case(name, [[A, [9]], ["above1", [9]]], [], f)
for mode in ("floor", "trunc"):
    case("div_mode", [[A, [9]], ["inside", [9]]], [mode], lambda x, y, m: torch.div(x, y, rounding_mode=m), False)
    case("div_mode", [["ints", [9]], ["above1", [9], "int64"]], [mode], lambda x, y, m: torch.div(x, y, rounding_mode=m))
case("pow", [[P, [2, 3]], [A, [3]]])
case("pow", [["special", [10]], ["special", [10]]], second=False)
case("pow", [["ints", [12]], ["ints", [12]]])
for e in (2, 3, 0.5, -1, -2, -0.5, 1, 0, 1.7, 2.0):
    case("pow_scalar", [[P, [2, 3]]], [e], torch.pow, e != 0)
case("pow_scalar", [["ints", [6]]], [3], torch.pow)
case("pow_scalar", [["zeros", [6]]], [2.0], torch.pow)
case("rpow", [[A, [2, 3]]], [2.5], lambda x, s: torch.pow(s, x))
case("atan2", [[A, [2, 3]], [A, [2, 3]]])
case("hypot", [[A, [2, 3]], [A, [2, 3]]])
case("logaddexp", [[A, [2, 3]], [A, [3]]])
case("logaddexp", [["special", [10]], [A, [10]]], second=False)
case("xlogy", [["zeros", [8]], [P, [8]]])
for name in "maximum minimum".split():
    case(name, [[A, [2, 3]], [A, [3]]], second=False)
    case(name, [["ties", [12]], ["ties", [12]]], second=False)
    case(name, [["special", [10]], ["ties", [10]]], second=False)
case("addcmul", [[A, [2, 3]], [A, [3]], [A, [2, 1]]], [0.3], lambda x, a, b, v: torch.addcmul(x, a, b, value=v))
case("addcdiv", [[A, [2, 3]], [A, [3]], [P, [2, 1]]], [0.3], lambda x, a, b, v: torch.addcdiv(x, a, b, value=v))
for w in (0.3, 0.8):
    case("lerp", [[A, [2, 3]], [A, [3]]], [w], torch.lerp)
case("lerp_tensor", [[A, [2, 3]], [A, [3]], [A, [2, 1]]], [], torch.lerp)
for name in "eq ne lt le gt ge".split():
    case(name, [["special", [10]], ["ties", [10]]])
    case(name, [["ints", [10]], ["ties", [10], "float32"]])
    case(name + "_scalar", [["ints", [10]]], [0.5], lambda x, s, n=name: getattr(torch, n)(x, s))
for name in "logical_and logical_or logical_xor".split():
    case(name, [["ties", [10]], ["ints", [10]]])
for name in "bitwise_and bitwise_or bitwise_xor".split():
    case(name, [["ints", [10]], ["ints", [10], "int16"]])
    case(name, [["mask", [10]], ["mask", [2, 10]]])
for name in "bitwise_left_shift bitwise_right_shift".split():
    case(name, [["ints", [10]], ["counts", [10]]])
case("bitwise_not", [["ints", [10]]])
case("bitwise_not", [["mask", [10]]])
case("where", [["mask", [2, 3]], [A, [3]], [A, [2, 1]]])
case("where", [["mask", [2, 3]], ["ints", [3]], [A, [2, 1], "float32"]])
case("masked_fill", [[A, [2, 3]], ["mask", [3]]], [1.5], torch.masked_fill)
case("masked_fill_tensor", [[A, [2, 3]], ["mask", [3]], [A, []]], [], torch.masked_fill)
case("clamp", [["ties", [12]]], [-1.0, 1.0], torch.clamp, False)
case("clamp", [["special", [10]]], [-1.0, None], torch.clamp, False)
case("clamp", [[A, [12]]], [None, 0.4], torch.clamp, False)
case("clamp", [["ints", [12]]], [-2, 1.5], torch.clamp)
case("nan_to_num", [["special", [10], "float32"]], [], torch.nan_to_num, False)

for shape in ([6, 1], [-1, 2], [1, 2, 3], [2, -1, 1]):
    case("view", M, [shape], lambda x, s: x.view(s))
    case("reshape_t", M, [shape], lambda x, s: x.t().reshape(s))
case("flatten", [[A, [2, 3, 2]]], [1, -1], lambda x, a, b: x.flatten(a, b))
case("unflatten", [[A, [2, 6]]], [-1, [2, -1]], lambda x, d, s: x.unflatten(d, s))
case("squeeze", [[A, [1, 2, 1]]], [], torch.squeeze)
case("squeeze_dim", [[A, [1, 2, 1]]], [-1], torch.squeeze)
case("unsqueeze", M, [-2], torch.unsqueeze)
case("transpose", [[A, [2, 3, 4]]], [0, -1], torch.transpose)
case("permute", [[A, [2, 3, 4]]], [[2, 0, -2]], torch.permute)
case("movedim", [[A, [2, 3, 4]]], [[0, 1], [-1, 0]], torch.movedim)
case("expand", [[A, [2, 1]]], [[3, -1, 4]], lambda x, s: x.expand(s))
case("narrow", [[A, [5, 3]]], [0, 1, 3], torch.narrow)
case("narrow", [[A, [5, 3]]], [0, -3, 2], torch.narrow)
case("select", [[A, [5, 3]]], [1, -1], torch.select)
case("slice", [[A, [7, 2]]], [0, 1, None, 3], lambda x, d, a, b, s: x[a:b:s])
case("slice", [[A, [7, 2]]], [0, -9, -2, 2], lambda x, d, a, b, s: x[a:b:s])
case("slice", [[A, [7, 2]]], [0, 5, 2, 1], lambda x, d, a, b, s: x[a:b:s])
for i in range(3):
    case("chunk", [[A, [7, 2]]], [3, 0, i], lambda x, n, d, i: x.chunk(n, d)[i])
    case("split", [[A, [7, 2]]], [3, 0, i], lambda x, n, d, i: x.split(n, d)[i])
    case("split_sizes", [[A, [2, 7]]], [[1, 4, 2], -1, i], lambda x, s, d, i: x.split(s, d)[i])
    case("unbind", [[A, [2, 3]]], [1, i], lambda x, d, i: x.unbind(d)[i])
for offset in (0, 1, -1, 5):
    case("diagonal", [[A, [3, 2, 4]]], [offset, 0, -1], torch.diagonal)
case("unfold", [[A, [2, 7]]], [1, 3, 2], lambda x, d, n, s: x.unfold(d, n, s))
case("unfold", [[A, [5]]], [0, 3, 1], lambda x, d, n, s: x.unfold(d, n, s))
case("as_strided", [[A, [4, 3]]], [[2, 2], [1, 2], 3], torch.as_strided)

DIMS = ([], [0], [-1], [0, 2], [1], [0, 1, 2], [2, 1])
for dims in DIMS:
    for keep in (False, True):
        d = dims or None
        for name in "sum mean amax amin logsumexp".split():
            case(name, [[A, [2, 3, 4]]], [dims, keep],
                 lambda x, dims, k, n=name: getattr(torch, n)(x, dims or [0, 1, 2], keepdim=k), name not in ("amax", "amin"))
        case("var", [[A, [2, 3, 4]]], [dims, 1.0, keep], lambda x, d, c, k: x.var(d or None, correction=c, keepdim=k))
        case("std", [[A, [2, 3, 4]]], [dims, 0.5, keep], lambda x, d, c, k: x.std(d or None, correction=c, keepdim=k))
        case("norm", [[A, [2, 3, 4]]], [2.0, dims, keep], lambda x, p, d, k: torch.linalg.vector_norm(x, p, d or None, k))
        case("any", [["zeros", [2, 3, 4]]], [dims, keep], lambda x, d, k: torch.any(x, tuple(d or (0, 1, 2)), k))
        case("all", [["zeros", [2, 3, 4]]], [dims, keep], lambda x, d, k: torch.all(x, tuple(d or (0, 1, 2)), k))
for p in (0.0, 1.0, 3.0, 1.5, 0.5, "inf", "-inf"):
    case("norm", [[A, [3, 4]]], [p, [1], False], lambda x, p, d, k: torch.linalg.vector_norm(x, float(p), d, k), p in (3.0, 1.5))
for name in "prod".split():
    for dims in ([], [0], [1]):
        f = lambda x, d, k: x.prod(d[0], keepdim=k) if d else x.prod()
        case("prod", [[A, [3, 4]]], [dims, False], f)
        case("prod", [["zeros", [3, 4]]], [dims, False], f)
        case("prod", [["ints", [3, 4]]], [dims, False], f)
for name in "cumsum cumprod".split():
    for dim in (0, -1):
        case(name, [["zeros", [3, 4]]], [dim], getattr(torch, name))
        case(name, [[A, [3, 4]]], [dim], getattr(torch, name))
        case(name, [["ints", [3, 4], "int32"]], [dim], getattr(torch, name))
case("sum", [["mask", [3, 4]]], [[0], False], lambda x, d, k: x.sum(d))
case("sum", [["ints", [3, 4], "int8"]], [[], False], lambda x, d, k: x.sum())
case("sum", [[A, [0, 3]]], [[0], False], lambda x, d, k: x.sum(d))
case("mean", [[A, [2, 0]]], [[1], False], lambda x, d, k: x.mean(d), False)
case("var", [[A, [3, 1]]], [[1], 1.0, False], lambda x, d, c, k: x.var(d, correction=c), False)
case("count_nonzero", [["zeros", [3, 4]]], [[1]], lambda x, d: torch.count_nonzero(x, d))
for name in "max min".split():
    f = getattr(torch, name)
    case(name, [["ties", [3, 4]]], [], f, False)
    case(name, [["special", [10]]], [], f, False)
    for dim in (0, -1):
        for keep in (False, True):
            case(name + "_values", [["ties", [3, 4]]], [dim, keep], pick(0)(f), False)
            case(name + "_indices", [["ties", [3, 4]]], [dim, keep], pick(1)(f))
            case("arg" + name, [["ties", [3, 4]]], [dim, keep], getattr(torch, "arg" + name))
    case(name + "_values", [["special", [2, 5]]], [0, False], pick(0)(f), False)
    case("arg" + name, [["special", [10]]], [None, False], lambda x, d, k, n=name: getattr(torch, "arg" + n)(x))
    case(name + "_values", [["ints", [3, 4]]], [1, False], pick(0)(f))
case("amax", [["ties", [3, 4]]], [[0, 1], False], torch.amax, False)

case("mm", [[A, [3, 4]], [A, [4, 2]]])
case("bmm", [[A, [2, 3, 4]], [A, [2, 4, 2]]])
case("mv", [[A, [3, 4]], [A, [4]]])
case("dot", [[A, [4]], [A, [4]]])
case("outer", [[A, [3]], [A, [4]]])
for a, b in (([4], [4]), ([4], [4, 3]), ([4], [2, 4, 3]), ([3, 4], [4]), ([2, 3, 4], [4]), ([2, 3, 4], [4, 5]), ([3, 4], [2, 4, 5]),
             ([2, 1, 3, 4], [5, 4, 2]), ([0, 3, 4], [4, 2]), ([2, 3, 0], [0, 2]), ([1, 4], [3, 4, 2])):
    case("matmul", [[A, a], [A, b]])
case("matmul", [["ints", [3, 4]], ["ints", [2, 4, 5]]])
case("addmm", [[A, [2]], [A, [3, 4]], [A, [4, 2]]], [0.5, 2.0], lambda i, a, b, be, al: torch.addmm(i, a, b, beta=be, alpha=al))
case("baddbmm", [[A, [2]], [A, [2, 3, 4]], [A, [2, 4, 2]]], [0.5, 2.0], lambda i, a, b, be, al: torch.baddbmm(i, a, b, beta=be, alpha=al))

case("cat", [[A, [2, 3]], [A, [2, 1]], [A, [2, 2]]], [1], lambda *a: torch.cat(a[:-1], a[-1]))
case("cat", [[A, [2, 3]], [A, [0]], [A, [1, 3]]], [0], lambda *a: torch.cat(a[:-1], a[-1]), False)
case("cat", [[A, [2]], ["ints", [3]]], [0], lambda *a: torch.cat(a[:-1], a[-1]))
case("stack", [[A, [2, 3]], [A, [2, 3]]], [-1], lambda *a: torch.stack(a[:-1], a[-1]))
case("hstack", [[A, [2]], [A, [3]]], [], lambda *a: torch.hstack(a))
case("vstack", [[A, [3]], [A, [2, 3]]], [], lambda *a: torch.vstack(a))
case("roll", [[A, [3, 4]]], [[1], []], lambda x, s, d: x.roll(s, d or None))
case("roll", [[A, [3, 4]]], [[-1, 2], [0, 1]], torch.roll)
case("flip", [[A, [3, 4]]], [[0, -1]], torch.flip)
case("repeat", [[A, [2, 3]]], [[2, 1, 2]], lambda x, r: x.repeat(r))
case("tile", [[A, [2, 3]]], [[2]], torch.tile)
case("repeat_interleave", [[A, [2, 3]]], [2, 1], torch.repeat_interleave)
case("repeat_interleave", [[A, [2, 3]]], [2, None], lambda x, n, d: torch.repeat_interleave(x, n))
case("repeat_interleave_tensor", [[A, [5, 2]], ["counts", [5]]], [0], torch.repeat_interleave)

IDX = ["counts", [5]]
case("index_select", [[A, [4, 3]], IDX], [0], lambda x, i, d: torch.index_select(x, d, i))
case("index_select", [[A, [2, 4, 3]], IDX], [1], lambda x, i, d: torch.index_select(x, d, i))
case("gather", [[A, [4, 3]], ["counts", [2, 3]]], [0], lambda x, i, d: torch.gather(x, d, i))
case("gather", [[A, [4, 4]], ["counts", [3, 5]]], [1], lambda x, i, d: torch.gather(x, d, i))
case("take_along_dim", [[A, [4, 3]], ["counts", [2, 1]]], [0], lambda x, i, d: torch.take_along_dim(x, i, d))
case("scatter_add", [[A, [4, 3]], ["counts", [5, 2]], [A, [5, 2]]], [0], lambda x, i, s, d: x.scatter_add(d, i, s))
case("scatter_value", [[A, [4, 3]], ["counts", [2, 2]]], [0, 7.0], lambda x, i, d, v: x.scatter(d, i, v))
case("index_add", [[A, [4, 3]], IDX, [A, [5, 3]]], [0, 0.5], lambda x, i, s, d, al: x.index_add(d, i, s, alpha=al))
case("index_fill", [[A, [4, 3]], IDX], [0, 2.0], lambda x, i, d, v: x.index_fill(d, i, v))
case("masked_select", [[A, [2, 3]], ["mask", [3]]], [], torch.masked_select)
case("nonzero", [["ties", [3, 4]]], [], torch.nonzero)
case("index", [[A, [4, 3]], IDX], ["t0"], lambda x, i, s: x[i])
case("index", [[A, [4, 3]], ["mask", [4]]], ["t0"], lambda x, i, s: x[i])
case("index", [[A, [4, 3]], ["mask", [4, 3]]], ["t0"], lambda x, i, s: x[i])
case("index", [[A, [2, 4, 4]], ["counts", [2, 1]], ["counts", [3]]], [": t0 t1"], lambda x, i, j, s: x[:, i, j])
case("index", [[A, [4, 2, 4]], ["counts", [2, 1]], ["counts", [3]]], ["t0 : t1"], lambda x, i, j, s: x[i, :, j])
case("index", [[A, [4, 2, 4]], ["counts", [3]]], ["... t0 None"], lambda x, i, s: x[..., i, None])
case("index", [[A, [4, 2, 4]], ["counts", [3]]], ["1 1:2 t0"], lambda x, i, s: x[1, 1:2, i])
case("index", [[A, [4, 2, 4]], ["counts", [3]]], ["t0 : 1"], lambda x, i, s: x[i, :, 1])
case("index", [[A, [4, 3]]], ["1:3 None ::2"], lambda x, s: x[1:3, None, ::2])
case("setitem", [[A, [4, 3]], [A, [5, 3]], IDX], ["t0"], lambda x, v, i, s: torch.index_put(x, (i,), v, accumulate=True))
case("setitem_once", [[A, [4, 3]], [A, [3]], ["mask", [4]]], ["t0"], lambda x, v, i, s: setitem(x, v, i))
case("setitem_once", [[A, [4, 3, 4]], [A, []], ["counts", [2]]], ["t0 : 1"], lambda x, v, i, s: setitem(x, v, i, slice(None), 1))
case("one_hot", [["counts", [2, 3]]], [5], torch.nn.functional.one_hot)

for dim in (0, -1):
    for down in (False, True):
        case("sort_values", [[A, [3, 4]]], [dim, down], lambda x, d, r: x.sort(d, r)[0])
        case("argsort", [["ties", [3, 4]]], [dim, down], lambda x, d, r: x.sort(dim=d, descending=r, stable=True)[1])
case("sort_values", [["special", [10]]], [0, False], lambda x, d, r: x.sort(d, r)[0], False)
case("topk_values", [[A, [3, 5]]], [2, 0, True], lambda x, k, d, l: x.topk(k, d, l)[0])
case("topk_indices", [[A, [3, 5]]], [3, 1, False], lambda x, k, d, l: x.topk(k, d, l)[1])
case("median", [[A, [3, 4]]], [], torch.median)
case("median_values", [["special", [2, 5]]], [1], lambda x, d: x.median(d)[0], False)
case("kthvalue_values", [[A, [3, 5]]], [2, 1], lambda x, k, d: x.kthvalue(k, d)[0])
case("unique", [["ties", [3, 5]]], [], lambda x: x.unique().detach(), False)
case("unique_inverse", [["ties", [3, 5]]], [], lambda x: x.unique(return_inverse=True)[1])
case("unique_counts", [["ties", [3, 5]]], [], lambda x: x.unique(return_counts=True)[1])
case("bincount", [["counts", [9]]], [6], lambda x, n: torch.bincount(x, minlength=n))
for offset in (-1, 0, 2):
    case("tril", [[A, [2, 3, 4]]], [offset], torch.tril)
    case("triu", [[A, [2, 3, 4]]], [offset], torch.triu)
case("diag", [[A, [3]]], [1], torch.diag)
case("diag", [[A, [3, 4]]], [-1], torch.diag)
for equation, shapes in (
    ("ij,jk->ik", ([2, 3], [3, 4])),
    ("bij,bjk", ([2, 2, 3], [2, 3, 4])),
    ("ii->i", ([3, 3],)),
    ("ii", ([3, 3],)),
    ("ij->ji", ([2, 3],)),
    ("i,j->ij", ([2], [3])),
    ("...ij,...kj->...ik", ([2, 1, 2, 3], [3, 4, 3])),
    ("bhqd,bhkd->bhqk", ([1, 2, 3, 4], [1, 2, 2, 4])),
    ("ij,ik,jl->kl", ([2, 3], [2, 4], [3, 2])),
    ("ij,ij->", ([2, 3], [2, 3])),
    ("ij,j", ([2, 3], [3])),
    ("ij,kl->jl", ([2, 3], [4, 2])),
    ("ij,ij->ij", ([2, 3], [1, 3])),
    ("ij,ij->j", ([2, 3], [1, 3])),
):
    case("einsum", [[A, s] for s in shapes], [equation], lambda *a: torch.einsum(a[-1], *a[:-1]))
case("tensordot", [[A, [2, 3, 4]], [A, [4, 3, 2]]], [[1, 2], [1, 0]], lambda a, b, i, j: torch.tensordot(a, b, (i, j)))
case("cross", [[A, [2, 3]], [A, [1, 3]]], [-1], lambda a, b, d: torch.linalg.cross(a, b, dim=d))
for p in (1.0, 2.0, 3.0):
    case("cdist", [[A, [2, 3, 4]], [A, [2, 4]]], [p], torch.cdist)
case("trace", [[A, [3, 4]]])
case("nansum", [["special", [2, 5]]], [[1], False], lambda x, d, k: x.masked_fill(x.isinf(), 0).nansum(d))
case(
    "quantile",
    [[A, [3, 5]], ["positive", [2]]],
    [1, True],
    lambda x, q, d, k: x.quantile(q.detach() / 2.1, d, k),
    False,
)
case("diag_embed", [[A, [2, 3]]], [1, 0, -1], torch.diag_embed)
case("masked_scatter", [[A, [2, 3]], ["mask", [2, 3]], [A, [6]]], [], torch.masked_scatter)
case("fill_diagonal", [[A, [3, 2]]], [2.0], lambda x, v: x.clone().fill_diagonal_(v))
for reduce in ("sum", "mean", "amax", "amin"):
    for own in (True, False):
        case(
            "scatter_reduce",
            # without its own values torch shares a gradient with those of them that equal the result
            [["ties" if own else A, [4, 3]], ["counts", [5, 3]], ["ties", [5, 3]]],
            [0, reduce, own],
            lambda x, i, s, d, r, o: x.scatter_reduce(d, i, s, r, include_self=o),
            False,
        )
case("unsqueeze_", [[A, [2, 3]]], [1], lambda x, d: x.clone().unsqueeze_(d) * 2)
case("transpose_", [[A, [2, 3]]], [0, 1], lambda x, a, b: x.clone().transpose_(a, b) * 2)
for right in (False, True):
    case(
        "bucketize",
        [["ties", [9]]],
        [[-1.0, 0.0, 0.5, 2.0], right],
        lambda x, b, r: torch.bucketize(x.detach(), torch.tensor(b, dtype=F64), right=r),
    )
case("isin", [["ties", [9]], ["ties", [2]]], [], torch.isin)
for args in ([0, 5, 1], [1.0, 2.0, 0.3], [5, -3, -2], [2, 3.5, 1]):
    case("arange", [], args, torch.arange)
case("linspace", [], [-1.0, 2.0, 7], lambda a, b, n: torch.linspace(a, b, n, dtype=F64))
case("linspace", [], [3.0, 2.0, 1], lambda a, b, n: torch.linspace(a, b, n))
case("eye", [], [2, 3], torch.eye)


def record():
    recorded = []
    for name, specs, args, call, second in CASES:
        inputs = [make(s, 1 + i) for i, s in enumerate(specs)]
        smooth = [t.dtype == F64 for t in inputs]
        leaves = [t.clone().requires_grad_() if s else t for t, s in zip(inputs, smooth)]
        y = (call or getattr(torch, name))(*leaves, *args)
        out = {"op": name, "inputs": specs, "args": args, "dtype": str(y.dtype)[6:], "shape": list(y.shape), "values": numbers(y)}
        if y.requires_grad and y.dtype == F64:
            grads = torch.autograd.grad(y, [l for l, s in zip(leaves, smooth) if s], noise(y.shape, 999), allow_unused=True)
            it = iter(grads)
            out["grads"] = [None if not s or (g := next(it)) is None else numbers(g) for s in smooth]
            out["second"] = second
        recorded.append(out)
    return recorded


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("operations.json")
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in record())
    path.write_text("[\n" + lines + "\n]\n")
    print(f"{path}: {len(CASES)} cases from PyTorch {torch.__version__}")

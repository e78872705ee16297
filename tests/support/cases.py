"""The cases of tests/cases/*.json, put to a library that follows torch's names: lamina, or torch itself.

A file holds one family: {"Linear": [case, …], "F.linear": [case, …], …}. A case is an object:
    args      positional arguments of the constructor (of a function: what follows the inputs)
    input     one input, or `inputs`: a list of them. [2, 3] is a float tensor of that shape;
              {"shape": [2, 3], "int": [0, 10]} an int64 one with values in [0, 10); {"value": …, "dtype": "int64"} a literal;
              null is None; "scale" multiplies floats
    train     mode of the module (true)
    seed      manual_seed before every call: for layers that draw
    weights   a factor for the parameters, whose variance is 1 without: a recurrent layer of such weights is chaotic
    call      keyword arguments of the call
    raises    the exception's class and `says`, a part of its message; where nothing can be called, "at": "init"
    skip      checks that cannot apply (a gradient that is not the derivative, as at padding_idx; a formula whose difference of
              two near numbers float32 cannot hold): "gradients", "golden", "parity", "layouts", "threads", "float32", "bad_input"
    checks    further checks: "bench"
    each      {"bias": [true, false], "stride": [1, 2]} stands for a case for every combination of these options
Every other key is an option of the constructor (of the function) by name.
"""
import itertools
import json
import math
import pathlib
import zlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent
RESERVED = {"args", "input", "inputs", "train", "seed", "call", "raises", "says", "at", "skip", "checks", "weights"}


class Case:
    def __init__(self, family, layer, index, spec):
        self.family, self.layer, self.index, self.spec = family, layer, index, spec
        self.id = f"{layer}-{index}"
        self.raises, self.skip = spec.get("raises"), set(spec.get("skip", ()))
        self.inputs = spec["inputs"] if "inputs" in spec else [spec["input"]] if "input" in spec else []
        self.options = {k: literal(v) for k, v in spec.items() if k not in RESERVED}
        self.args = [literal(a) for a in spec.get("args", ())]

    def __repr__(self):
        return f"{self.layer} {json.dumps(self.spec)}"


def load(check=None, raising=False):
    """All cases that take part in `check`; those that must raise, or the others."""
    cases = []
    for path in sorted((FOLDER / "cases").glob("*.json")):
        for layer, specs in json.loads(path.read_text()).items():
            cases += [Case(path.stem, layer, i, spec) for i, one in enumerate(specs) for i, spec in combinations(i, one)]
    return [c for c in cases if bool(c.raises) == raising and check not in c.skip]


def combinations(index, spec):
    """The cases that one entry of the list stands for, with their names: 3, or 3.0, 3.1, … with `each`."""
    if "each" not in spec:
        return [(str(index), spec)]
    common = {k: v for k, v in spec.items() if k != "each"}
    products = itertools.product(*spec["each"].values())
    return [(f"{index}.{k}", common | dict(zip(spec["each"], values))) for k, values in enumerate(products)]


def literal(value):
    """JSON has no infinity and no NaN: they are written as strings. Its lists are the tuples that people write."""
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    return tuple(literal(v) for v in value) if isinstance(value, list) else value


def noise(shape, seed):
    """Numbers in [-√3, √3) (variance 1) that depend on position and seed alone, the same in every language."""
    x = (np.arange(math.prod(shape), dtype=np.uint64) * 2654435761 + (seed * 40503 + 12345)) & 0xFFFFFFFF
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(13)
    return ((x.astype(np.float64) / 2**31 - 1) * math.sqrt(3)).reshape(shape)


def array(spec, seed):
    """The NumPy array that an input of a case stands for; None for null."""
    if spec is None:
        return None
    if isinstance(spec, list):
        spec = {"shape": spec}
    if "value" in spec:
        return np.array(literal(spec["value"]) if not isinstance(spec["value"], list) else spec["value"],
                        dtype=spec.get("dtype", "float64"))
    values = noise(spec["shape"], seed)
    if "int" in spec:
        low, high = spec["int"]
        unit = (values / math.sqrt(3) + 1) / 2
        return (low + np.floor(unit * (high - low))).astype(spec.get("dtype", "int64"))
    values = values * spec.get("scale", 1) + spec.get("shift", 0)
    if spec.get("probabilities"):  # along dimension 1, or 0 of a vector
        axis = min(1, values.ndim - 1)
        e = np.exp(values)
        return e / e.sum(axis=axis, keepdims=True)
    return values.astype(spec["dtype"]) if spec.get("dtype") else values


def build(t, case, dtype, nearest=lambda values: values):
    """The callable of a case and its parameters and buffers by name, filled with noise."""
    if case.layer.startswith("F."):
        function = getattr(t.nn.functional, case.layer[2:])
        return (lambda *inputs: function(*inputs, *case.args, **case.options)), {}, {}
    module = getattr(t.nn, case.layer)(*case.args, **{k: tensor_option(t, v) for k, v in case.options.items()})
    module = module.to(dtype).train(case.spec.get("train", True))
    buffers = dict(module.named_buffers())
    for name, value in module.state_dict().items():
        if not value.is_floating_point():
            continue
        values = noise(tuple(value.shape), zlib.crc32(name.encode()) % 1000)
        if name in buffers and not name.endswith("running_mean"):  # variances and the weights of losses
            values = 0.5 + np.abs(values)
        elif name not in buffers:
            values *= case.spec.get("weights", 1)
        with t.no_grad():
            value.copy_(t.from_numpy(nearest(values)).to(value.dtype))
    return module, dict(module.named_parameters()), buffers


def tensor_option(t, value):
    """{"tensor": [1, 2, 3]} as an option stands for a float tensor (a loss's weight)."""
    return t.tensor(value["tensor"]) if isinstance(value, dict) and "tensor" in value else value


def tensors(t, case, dtype, change=lambda x: x, nearest=lambda values: values):
    """The inputs; floats in `dtype` that ask for a gradient. `change` makes another layout of each, `nearest` other numbers."""
    result = []
    for i, spec in enumerate(case.inputs):
        values = array(spec, 7 + i)
        if values is None:
            result.append(None)
            continue
        if values.dtype == np.float64:
            values = nearest(values)
        x = t.from_numpy(values.copy()) if values.ndim else t.tensor(values.item(), dtype=getattr(t, str(values.dtype)))
        if values.dtype == np.float64 and not (isinstance(spec, dict) and "dtype" in spec):
            x = change(x.to(dtype)).detach().requires_grad_()
        else:
            x = change(x)
        result.append(x)
    return result


def outputs_of(value):
    """The tensors in what a call returned."""
    if isinstance(value, (tuple, list)):
        return [o for v in value for o in outputs_of(v)]
    return [value] if hasattr(value, "shape") else []


def run(t, case, dtype, change=lambda x: x, nearest=lambda values: values):
    """Everything that a case computes, as NumPy arrays by name: outputs, gradients, buffers afterwards."""
    call, parameters, buffers = build(t, case, dtype, nearest)
    inputs = tensors(t, case, dtype, change, nearest)
    if "seed" in case.spec:
        t.manual_seed(case.spec["seed"])
    outputs = outputs_of(call(*inputs, **case.spec.get("call", {})))
    found = {f"output{i}": numpy(o) for i, o in enumerate(outputs)}
    sources = {f"input{i}": x for i, x in enumerate(inputs) if x is not None and x.requires_grad} | parameters
    differentiable = [o for o in outputs if o.requires_grad]
    if differentiable and sources:
        cotangents = [t.from_numpy(np.array(nearest(noise(tuple(o.shape), 999)))).to(dtype).reshape(o.shape) for o in differentiable]
        gradients = t.autograd.grad(differentiable, list(sources.values()), cotangents, allow_unused=True)
        found |= {f"d{name}": numpy(g) for name, g in zip(sources, gradients) if g is not None}
    return found | {name: numpy(b) for name, b in buffers.items()}


def numpy(tensor):
    return np.array(tensor.detach().contiguous().numpy())


def difference(got, want, tolerance, least=1e-30):
    """None, or the first thing that differs: largest error over largest value (`least` or more) above `tolerance`."""
    if sorted(got) != sorted(want):
        return f"got {sorted(got)}, want {sorted(want)}"
    for name in want:
        g, w = got[name], want[name]
        if g.shape != w.shape or g.dtype.kind != w.dtype.kind:
            return f"{name}: got {g.dtype} {g.shape}, want {w.dtype} {w.shape}"
        if not np.array_equal(np.isfinite(g), np.isfinite(w)):
            return f"{name}: not finite in other places: got {g}, want {w}"
        fine = np.isfinite(w)
        if not np.array_equal(g[~fine], w[~fine], equal_nan=True):
            return f"{name}: got {g[~fine]}, want {w[~fine]}"
        scale = max(np.abs(w[fine]).max(initial=0), least)
        error = np.abs(g[fine].astype(np.float64) - w[fine]).max(initial=0) / scale
        if error > tolerance:
            return f"{name}: largest error over largest value {error:.3g} > {tolerance:.3g}"
    return None

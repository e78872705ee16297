"""The samples that PyTorch keeps of every operation (op_db): values, and gradients for a random cotangent.

An operation is compared under the name that Lamina gives it: lamina.f, Tensor.f or nn.functional.f. One that Lamina does not
have is skipped; so is a sample that needs a type that Lamina refuses (complex, sparse, meta).
"""
import collections
import functools

import lamina
import numpy as np
import pytest
import torch

methods = pytest.importorskip("torch.testing._internal.common_methods_invocations")
common_utils = pytest.importorskip("torch.testing._internal.common_utils")

SAMPLES = 20  # of an operation and type
LARGEST = 20_000  # elements of a sample's tensor

#: Operations whose results differ on purpose, or have no one value to compare.
EXPECTED = {
    "bernoulli": "random",
    "cauchy": "random",
    "empty": "unset values",
    "empty_like": "unset values",
    "empty_permuted": "unset values",
    "empty_strided": "unset values",
    "exponential": "random",
    "geometric": "random",
    "log_normal": "random",
    "multinomial": "random",
    "new_empty": "unset values",
    "new_empty_strided": "unset values",
    "nn.functional.alpha_dropout": "random",
    "nn.functional.dropout": "random",
    "nn.functional.dropout2d": "random",
    "nn.functional.dropout3d": "random",
    "nn.functional.feature_alpha_dropout": "random",
    "nn.functional.feature_dropout": "random",
    "nn.functional.multi_head_attention_forward": "random: every sample has dropout",
    "nn.functional.rrelu": "random",
    "normal": "random",
    "rand_like": "random",
    "randint": "random",
    "randint_like": "random",
    "randn": "random",
    "randn_like": "random",
    "uniform": "random",
}
#: Operations that fail for some element types, and why. One that passes entirely leaves this list.
UNSETTLED = {
    "as_strided_scatter": ("float64", "PyTorch's gradient of the input is that of the places written over"),
    "special.airy_ai": ("float64", "PyTorch's is right to 1e-8 of the largest, here 1e-13"),
    "special.bessel_j0": ("float64", "PyTorch's is right to 1e-8 of the largest, here 1e-15"),
    "special.bessel_j1": ("float64", "PyTorch's is right to 1e-8 of the largest, here 1e-15"),
    "special.bessel_y0": ("float64", "PyTorch's is right to 1e-8 of the largest, here 1e-15"),
    "special.bessel_y1": ("float64", "PyTorch's is right to 1e-8 of the largest, here 1e-15"),
    "nn.functional.local_response_norm": ("int64", "PyTorch rounds the average of integers down"),
    "nn.functional.hardsigmoid": ("float64", "PyTorch's gradient holds 1/6 in float32"),
}
#: Samples that are not compared: of which operation, which of them, and why.
LEFT_OUT = {
    "nn.functional.batch_norm": (lambda sample: sample.input.dim() < 2, "an input without channels is refused"),
    "nn.functional.group_norm": (lambda sample: sample.kwargs.get("eps", 0) < 0, "a negative eps is refused"),
    "nn.functional.rms_norm": (lambda sample: sample.kwargs.get("eps", 0) < 0, "a negative eps is refused"),
    "nn.functional.layer_norm": (lambda sample: sample.kwargs.get("eps", 0) < 0, "a negative eps is refused"),
    "nn.functional.scaled_dot_product_attention": (lambda sample: sample.kwargs.get("dropout_p", 0) > 0, "random"),
}
#: How a function takes a sample whose table has the arguments in another order.
ARGUMENTS = {
    "einsum": lambda f: lambda tensors, equation: f(equation, tensors),
    "nn.functional.embedding": lambda f: lambda weight, index, **options: f(index, weight, **options),
    "nn.functional.embedding_bag": lambda f: lambda weight, index, **options: f(index, weight, **options),
    "polygamma": lambda f: lambda x, n: f(n, x),
    "special.polygamma": lambda f: lambda x, n: f(n, x),
    "where": lambda f: lambda x, condition, other: f(condition, x, other),
    "zero_": lambda f: lambda x: f(x.clone()),
}
#: The same for a variant of a table entry, which is a function of its own there.
VARIANTS = {
    "linalg.lstsq.grad_oriented": lambda f: lambda a, b, driver: f(a, b, driver=driver)[:2],
    "linalg.pinv.singular": lambda f: lambda a, b: f(a @ b.mT),
}
#: Which of equal elements is found is nobody's promise: stable=True settles it, or the places are compared by what stands there.
STABLE = {"argsort", "sort"}
BY_VALUE = {"kthvalue": 1, "mode": 0, "topk": 1}  # which argument, after the input, is the dimension
#: Decompositions are unique up to signs: compared is what the sample itself says that is unique.
UP_TO_SIGNS = {"linalg.eigh", "linalg.svd", "svd"}
#: Operations that draw the numbers that PyTorch draws.
SEEDED = {"nn.functional.fractional_max_pool2d", "nn.functional.fractional_max_pool3d"}
NAMES = set(dir(lamina))
DTYPES = {"float64": torch.float64, "int64": torch.int64, "bool": torch.bool}


class Refused(Exception):
    """A sample of something that Lamina does not have."""


def converted(value, tensor, library):
    """`value` with tensor(t) in place of every torch tensor, in tuples, lists and dictionaries too."""
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, (torch.dtype, torch.device, torch.layout, torch.memory_format)):
        if library is torch:
            return value
        name = str(value).removeprefix("torch.")
        if not hasattr(lamina, name):
            raise Refused(name)
        return getattr(lamina, name)
    if isinstance(value, torch.nn.Module) and library is lamina:
        if not hasattr(lamina.nn, type(value).__name__):
            raise Refused(type(value).__name__)
        return getattr(lamina.nn, type(value).__name__)()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(converted(v, tensor, library) for v in value))
    if isinstance(value, (tuple, list)):
        return type(value)(converted(v, tensor, library) for v in value)
    if isinstance(value, dict):
        return {k: converted(v, tensor, library) for k, v in value.items()}
    return value


def theirs(t):
    return t.detach().clone().requires_grad_(t.requires_grad)


def ours(t):
    if t.is_complex() or t.layout != torch.strided or t.device.type != "cpu" or t.is_quantized:
        raise Refused("complex, sparse, quantized")
    if t.dtype not in (torch.bfloat16, torch.float16) and t.numpy(force=True).dtype.name not in NAMES:
        raise Refused(str(t.dtype))
    plain = t.detach()
    if plain.dtype in (torch.bfloat16, torch.float16):
        copy = lamina.tensor(plain.float().numpy()).to(getattr(lamina, str(t.dtype).removeprefix("torch.")))
    else:
        copy = lamina.from_numpy(plain.numpy().copy())
    return copy.requires_grad_(t.requires_grad)


def function_of(op, library):
    """The operation in a library: f, Tensor.f or nn.functional.f; None where it is not there."""
    for path in (op.name, "Tensor." + op.name):
        at = library
        for part in path.split("."):
            at = getattr(at, part, None)
            if at is None:
                break
        else:
            if not isinstance(at, lamina.dtype):
                found = at if callable(at) else functools.partial(attribute, op.name)  # T, mT, …
                variant = VARIANTS.get(f"{op.name}.{op.variant_test_name}")
                if variant:
                    return variant(found)
                return ARGUMENTS[op.name](found) if op.name in ARGUMENTS else found
    return None


def seeded(op, function):
    """Lamina's function, from the seed that PyTorch's table gives its own where it draws numbers."""
    if op.name not in SEEDED:
        return function

    def call(*arguments, **options):
        lamina.manual_seed(42)
        return function(*arguments, **options)
    return call


def attribute(name, t):
    return getattr(t, name)


def is_tensor(value):
    return isinstance(value, (torch.Tensor, lamina.Tensor))


def leaves(value):
    """The tensors and numbers of a result, in order."""
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in leaves(value[key])]
    return [value]


def array(value):
    if value is None:
        return np.zeros(0)
    if not is_tensor(value):
        return np.asarray(value)
    if isinstance(value, torch.Tensor):
        value = value.detach().resolve_conj().resolve_neg()
    else:
        value = value.detach()
    if str(value.dtype).endswith(("bfloat16", "float16")):
        value = value.float()
    return value.numpy()


def difference(what, mine, reference):
    """How an array differs from the reference, in words; None within 1e-9 of the largest number."""
    if mine.shape != reference.shape:
        return f"{what}: shape {mine.shape}, expected {reference.shape}"
    if mine.dtype != reference.dtype:
        return f"{what}: {mine.dtype}, expected {reference.dtype}"
    if mine.dtype == np.float64:
        scale = max([1.0, *np.abs(reference[np.isfinite(reference)]).flat])
        close = np.isclose(mine, reference, rtol=1e-9, atol=1e-9 * min(scale, 1e3), equal_nan=True)
    elif mine.dtype == np.float32:
        close = np.isclose(mine, reference, rtol=1e-5, atol=1e-5, equal_nan=True)
    else:
        close = mine == reference
    if close.all():
        return None
    place = tuple(int(i) for i in np.argwhere(~close)[0])
    return f"{what}{list(place)}: {mine[place]}, expected {reference[place]}; {(~close).sum()} of {close.size} differ"


def cotangent(shape, index):
    return np.random.default_rng(index).standard_normal(shape)


def computed(library, function, sample, tensor, differentiate):
    """The results of a sample and its gradients as arrays, by name."""
    sources = []

    def counted(t):
        copy = tensor(t)
        if copy.requires_grad:
            sources.append(copy)
        return copy

    convert = functools.partial(converted, tensor=counted, library=library)
    arguments = [convert(v) for v in (sample.input, *sample.args)]
    options = {k: convert(v) for k, v in sample.kwargs.items() if k != "device"}
    outputs = leaves(sample.output_process_fn_grad(function(*arguments, **options)))
    found = {f"output {i}": array(o) for i, o in enumerate(outputs)}
    if differentiate and sources:
        wanted = [o for o in outputs if is_tensor(o) and o.requires_grad and "float64" in str(o.dtype)]
        if wanted:
            dys = [library.from_numpy(np.asarray(cotangent(tuple(o.shape), i))) for i, o in enumerate(wanted)]
            dxs = library.autograd.grad(wanted, sources, dys, allow_unused=True)
            for i, (dx, source) in enumerate(zip(dxs, sources)):
                found[f"gradient {i}"] = np.zeros(tuple(source.shape)) if dx is None else array(dx)
    return found


def settle_ties(sample, argument, *found):
    """The values at the places, along the sample's dimension, instead of the places (output 1)."""
    x = sample.input.detach().numpy()
    dim = sample.args[argument] if len(sample.args) > argument else -1
    for results in found:
        places = results["output 1"]
        if x.ndim == 0:
            continue
        flat = places.ndim < x.ndim  # keepdim=False
        at = np.expand_dims(places, dim) if flat else places
        values = np.take_along_axis(x, at, dim)
        results["output 1"] = np.squeeze(values, dim) if flat else values


def small(sample):
    sizes = [t.numel() for t in leaves([sample.input, *sample.args, *sample.kwargs.values()]) if isinstance(t, torch.Tensor)]
    return max(sizes, default=0) <= LARGEST


def prepare(op, sample):
    if op.name in STABLE:
        sample.kwargs["stable"] = True
    if op.name not in UP_TO_SIGNS:
        sample.output_process_fn_grad = lambda outputs: outputs


def names():
    seen = collections.Counter()
    for op in methods.op_db:
        if function_of(op, lamina) is None:
            continue
        for name, dtype in DTYPES.items():
            if dtype in op.dtypes:
                variant = f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name
                seen[variant, name] += 1
                if seen[variant, name] == 1:
                    types, reason = UNSETTLED.get(variant, ("", ""))
                    marks = [pytest.mark.xfail(reason=reason, strict=True)] if name in types.split() else []
                    yield pytest.param(op, dtype, id=f"{variant}-{name}", marks=marks)


@pytest.fixture(autouse=True)
def no_stack(monkeypatch):
    """op_db walks the whole call stack for each operation, to name the test in its own reports: half the time of this file."""
    monkeypatch.setattr(common_utils, "extract_test_fn", lambda: None)


@pytest.mark.parametrize("op, dtype", list(names()))
def test_samples(op, dtype):
    if op.name in EXPECTED:
        pytest.skip(EXPECTED[op.name])
    function = seeded(op, function_of(op, lamina))
    differentiate = dtype == torch.float64 and op.supports_autograd
    left_out, _ = LEFT_OUT.get(op.name, (lambda sample: False, ""))
    problems, refused, agreed = [], 0, 0
    torch.default_generator.manual_seed(0)
    for index, sample in enumerate(op.sample_inputs("cpu", dtype, requires_grad=differentiate)):
        if index == SAMPLES:
            break
        if not small(sample) or "out" in sample.kwargs or left_out(sample):
            continue
        prepare(op, sample)
        try:
            reference = computed(torch, op, sample, theirs, differentiate)
        except Exception:  # what PyTorch itself cannot compute
            continue
        if any(np.iscomplexobj(a) for a in reference.values()):
            continue
        try:
            mine = computed(lamina, function, sample, ours, differentiate)
        except Refused:
            refused += 1
            continue
        except Exception as error:
            if "torch.channels_last" in str(error):  # the one memory format is contiguous
                refused += 1
                continue
            problems.append(f"sample {index} {sample.summary()}: {type(error).__name__}: {error}")
            continue
        if mine.keys() != reference.keys():
            problems.append(f"sample {index} {sample.summary()}: {list(mine)}, expected {list(reference)}")
            continue
        if op.name in BY_VALUE:
            settle_ties(sample, BY_VALUE[op.name], mine, reference)
        found = [d for name in reference if (d := difference(name, mine[name], reference[name]))]
        problems += [f"sample {index} {sample.summary()}: {d}" for d in found]
        agreed += not found
    assert not problems, f"{len(problems)} problems, {agreed} agree\n" + "\n".join(problems[:4])
    if not agreed:
        pytest.skip("no sample that Lamina could take")

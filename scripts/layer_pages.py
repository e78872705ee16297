"""docs/layers/: a page for every layer, from its declaration, with an example that is run while the page is made.

    python scripts/layer_pages.py            writes the pages
    python scripts/layer_pages.py --check    exits with 1 when a page is not what it would write

The examples are ordinary PyTorch code: the first case of the layer in tests/cases/*.json that fits on a page, or one of
EXAMPLES below. Run with PyTorch instead they print the same.
"""
import argparse
import contextlib
import io
import json
import pathlib
import re
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "layers"
RESERVED = {"args", "input", "inputs", "train", "seed", "call", "skip", "checks", "weights", "each"}

# Of layers without cases, or whose first case says little.
EXAMPLES = {
    "Module": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return torch.relu(self.fc(x))

net = Net()
print(net)
print(net(torch.ones(1, 3)))""",
    "Sequential": """net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
print(net)
print(net(torch.ones(1, 3)))""",
    "ModuleList": """layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(2))
x = torch.ones(1, 3)
for layer in layers:
    x = layer(x)
print(x)""",
    "ModuleDict": """layers = nn.ModuleDict({"in": nn.Linear(3, 2), "act": nn.ReLU()})
print(layers["act"](layers["in"](torch.ones(1, 3))))""",
    "ParameterList": """values = nn.ParameterList([torch.ones(2), torch.zeros(1)])
print(values)""",
    "ParameterDict": """values = nn.ParameterDict({"left": torch.ones(2), "right": torch.zeros(1)})
print(values)""",
    "Identity": """layer = nn.Identity(54, unused=True)
print(layer(torch.ones(2)))""",
    "Upsample": """layer = nn.Upsample(scale_factor=2, mode="bilinear")
print(layer(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])))""",
    "BCELoss": """loss = nn.BCELoss()
print(loss(torch.tensor([0.9, 0.2]), torch.tensor([1.0, 0.0])))""",
    "Dropout": """layer = nn.Dropout(0.5)
layer.eval()
print(layer(torch.ones(4)))""",
    "Dropout1d": """layer = nn.Dropout1d(0.5)
print(layer(torch.ones(2, 3, 4)).shape)
layer.eval()
print(layer(torch.ones(2, 3, 4)))""",
    "Dropout2d": """layer = nn.Dropout2d(0.5)
print(layer(torch.ones(1, 2, 2, 2)).shape)
layer.eval()
print(layer(torch.ones(1, 2, 2, 2)))""",
    "Dropout3d": """layer = nn.Dropout3d(0.5)
print(layer(torch.ones(1, 2, 1, 2, 2)).shape)
layer.eval()
print(layer(torch.ones(1, 2, 1, 2, 2)))""",
    "AlphaDropout": """layer = nn.AlphaDropout(0.5)
print(layer(torch.ones(4)).shape)
layer.eval()
print(layer(torch.ones(4)))""",
    "FeatureAlphaDropout": """layer = nn.FeatureAlphaDropout(0.5)
print(layer(torch.ones(2, 3, 2)).shape)
layer.eval()
print(layer(torch.ones(2, 3, 2)))""",
    "Container": """parts = nn.Container(fc=nn.Linear(3, 2))
print(parts)""",
    "RNNBase": """print(isinstance(nn.LSTM(3, 2), nn.RNNBase))""",
    "RNNCellBase": """print(isinstance(nn.LSTMCell(3, 2), nn.RNNCellBase))""",
    "TripletMarginWithDistanceLoss": """loss = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(-1))
print(loss(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 1.5]])))""",
    "AdaptiveLogSoftmaxWithLoss": """layer = nn.AdaptiveLogSoftmaxWithLoss(4, 10, [2, 5])
output, loss = layer(torch.randn(3, 4), torch.tensor([0, 3, 9]))
print(output.shape, layer.predict(torch.randn(2, 4)).shape)""",
    "TransformerEncoder": """layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True)
encoder = nn.TransformerEncoder(layer, num_layers=2).eval()
print(encoder(torch.randn(1, 3, 8)).shape)""",
    "TransformerDecoder": """layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True)
decoder = nn.TransformerDecoder(layer, num_layers=2).eval()
print(decoder(torch.randn(1, 3, 8), torch.randn(1, 5, 8)).shape)""",
    "Transformer": """model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True).eval()
print(model(torch.randn(1, 3, 8), torch.randn(1, 2, 8)).shape)""",
    "TransformerEncoderLayer": """layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
print(layer(torch.randn(1, 3, 8)).shape)""",
    "TransformerDecoderLayer": """layer = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True).eval()
print(layer(torch.randn(1, 3, 8), torch.randn(1, 5, 8)).shape)""",
}
HIDDEN = {"NonDynamicallyQuantizableLinear"}  # the class of MultiheadAttention's out_proj, no layer of its own
LAZY = {  # arguments, shape of the input
    "Linear": ("4", "2, 3"), "Conv1d": ("4, 2", "2, 3, 5"), "Conv2d": ("4, 2", "2, 3, 5, 5"), "Conv3d": ("4, 2", "2, 3, 4, 4, 4"),
    "ConvTranspose1d": ("4, 2", "2, 3, 5"), "ConvTranspose2d": ("4, 2", "2, 3, 5, 5"),
    "ConvTranspose3d": ("4, 2", "2, 3, 4, 4, 4"), "BatchNorm1d": ("", "2, 3"), "BatchNorm2d": ("", "2, 3, 4, 4"),
    "BatchNorm3d": ("", "2, 3, 2, 4, 4"), "InstanceNorm1d": ("", "2, 3, 4"), "InstanceNorm2d": ("", "2, 3, 4, 4"),
    "InstanceNorm3d": ("", "2, 3, 2, 4, 4"),
}


def value_text(value):
    """A value of a case as Python code."""
    if isinstance(value, dict) and "tensor" in value:
        return f"torch.tensor({value['tensor']})"
    if isinstance(value, list):
        return "(" + ", ".join(map(value_text, value)) + ("," if len(value) == 1 else "") + ")"
    if value in ("inf", "-inf", "nan"):
        return f'float("{value}")'
    return repr(value)


def input_text(spec):
    """An input of a case as Python code; None when it is not of a kind that is short to write."""
    if spec is None:
        return "None"
    if isinstance(spec, list):
        spec = {"shape": spec}
    if set(spec) - {"shape", "int", "value", "dtype"}:
        return None
    if "value" in spec and ('"' in json.dumps(spec["value"]) or spec.get("dtype", "int64") != "int64"):
        return None
    if "value" in spec:
        dtype = f", dtype=torch.{spec['dtype']}" if "dtype" in spec else ""
        return f"torch.tensor({spec['value']}{dtype})"
    shape = "(" + ", ".join(map(str, spec["shape"])) + ("," if len(spec["shape"]) == 1 else "") + ")"
    if "int" in spec:
        low, high = spec["int"]
        return f"torch.randint({low}, {high}, {shape})" if "dtype" not in spec else None
    if "dtype" in spec:
        return None
    return "torch.randn" + (shape.replace(",)", ")") if spec["shape"] else "(())")


def case_code(name, spec):
    """The example that a case stands for; None when it is of no use on a page."""
    inputs = spec["inputs"] if "inputs" in spec else [spec["input"]] if "input" in spec else []
    texts = [input_text(i) for i in inputs]
    sizes = [i if isinstance(i, list) else (i or {}).get("shape", []) for i in inputs]
    if spec.get("raises") or not texts or None in texts or any(0 in size or sum(size) > 40 for size in sizes):
        return None
    options = [value_text(a) for a in spec.get("args", ())]
    options += [f"{k}={value_text(v)}" for k, v in spec.items() if k not in RESERVED]
    lines = [f"layer = nn.{name}({', '.join(options)})"]
    names = ["x"] if len(texts) == 1 else ["input", "target"] if "Loss" in name and len(texts) == 2 else \
        [f"x{i}" for i in range(1, len(texts) + 1)]
    lines += [f"{variable} = {text}" for variable, text in zip(names, texts)]
    call = [*names, *(f"{k}={value_text(v)}" for k, v in spec.get("call", {}).items())]
    return "\n".join([*lines, f"y = layer({', '.join(call)})", "show(y)"])


def example(name, cases):
    if name in EXAMPLES:
        return EXAMPLES[name]
    if name.removeprefix("Lazy") in LAZY and name.startswith("Lazy"):
        arguments, shape = LAZY[name.removeprefix("Lazy")]
        return f"layer = nn.{name}({arguments})\nprint(layer)\ny = layer(torch.randn({shape}))\nprint(layer)\nprint(y.shape)"
    for spec in cases.get(name, ()):
        if code := case_code(name, spec):
            return code
    return f"layer = nn.{name}()\nprint(layer(torch.tensor([-2.0, -0.5, 0.0, 3.0])))" if name in cases else None


def tensors_in(value):
    return [t for v in value for t in tensors_in(v)] if isinstance(value, tuple) else [value]


def settle_show(code, namespace):
    """The code with its `show(y)` written as what prints y in a few lines."""
    if "show(y)" not in code:
        return code
    setup = dict(namespace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(code.replace("show(y)", ""), setup)
    outputs = tensors_in(setup["y"])
    if len(outputs) > 1:
        return code.replace("show(y)", "print([part.shape for part in y])" if all(
            hasattr(o, "shape") for o in setup["y"]) else "print(y[0].shape)")
    if outputs[0].numel() <= 12:
        return code.replace("show(y)", "print(y)")
    return code.replace("show(y)", "print(y.shape)\nprint(y.flatten()[:4])")


def run(code, torch, nn):
    """What the code prints."""
    namespace = {"torch": torch, "nn": nn}
    torch.manual_seed(0)
    code = settle_show(code, namespace)
    torch.manual_seed(0)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(code, namespace)
    return code, printed.getvalue().rstrip()


def section(text, name):
    """What stands under a heading of a docstring, and the text without it."""
    match = re.search(rf"^{name}:[ \n]?(.*?)(?:\n\n|\Z)", text, re.S | re.M)
    return (match[1].rstrip(), text[: match.start()] + text[match.end():]) if match else ("", text)


def arguments_table(text):
    rows = ["| argument | type | default | |", "|---|---|---|---|"]
    for line in text.splitlines():
        match = re.match(r"\s*(\w+) \((.*)\): (.*)", line)
        if not match:
            continue
        kind, _, default = match[2].partition(", default ")
        cells = [f"`{match[1]}`", f"`{kind}`".replace("|", r"\|"), f"`{default}`" if default else "", match[3]]
        rows.append("| " + " | ".join(c.replace("|", r"\|") if i == 3 else c for i, c in enumerate(cells)) + " |")
    return "\n".join(rows)


def page(name, cls, code, printed):
    text = cls.__doc__ or ""
    arguments, text = section(text, "Arguments")
    shape, text = section(text, "Shape")
    source, text = section(text, "Source")
    formula, _, notes = text.strip().partition("\n\n")
    parts = [f"# nn.{name}", f"```\n{formula}\n```" if arguments or shape else formula, notes.strip()]
    if arguments:
        parts += ["## Arguments", arguments_table(arguments)]
    if shape:
        parts += ["## Shape", shape]
    if code:
        start = "import lamina as torch\nimport lamina.nn as nn\n\ntorch.manual_seed(0)\n"
        parts += ["## Example", f"```python\n{start}{code}\n```\n```text\n{printed}\n```"]
    if source:
        parts += [f"Source: {source}"]
    return "\n\n".join(p for p in parts if p) + "\n"


def pages():
    """The text of every page by its file's name."""
    import lamina
    import lamina.nn as nn

    cases = {}
    for path in sorted((ROOT / "tests" / "cases").glob("*.json")):
        cases |= json.loads(path.read_text())
    found, index = {}, []
    for name in sorted(dir(nn)):
        cls = getattr(nn, name)
        if name.startswith("_") or name in HIDDEN or not isinstance(cls, type) or not (
                issubclass(cls, nn.Module) or hasattr(cls, "members")):
            continue
        code, printed = example(name, cases), ""
        if code:
            try:
                code, printed = run(code, lamina, nn)
            except Exception as error:
                raise RuntimeError(f"the example of {name} fails:\n{code}") from error
        found[f"{name}.md"] = page(name, cls, code, printed)
        summary = (cls.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        index.append(f"| [{name}]({name}.md) | " + summary.replace("|", r"\|") + " |")
    heading = "# The layers\n\nMade by `scripts/layer_pages.py` from the declarations; every example was run.\n\n| layer | |\n|---|---|\n"
    found["README.md"] = heading + "\n".join(index) + "\n"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a page is out of date")
    check = parser.parse_args().check
    wanted = pages()
    there = {p.name for p in PAGES.glob("*.md")}
    stale = [name for name, text in wanted.items()
             if name not in there or (PAGES / name).read_text() != text] + sorted(there - set(wanted))
    if check:
        if stale:
            print(f"docs/layers: {len(stale)} pages are out of date ({', '.join(stale[:8])} …): run scripts/layer_pages.py")
        return int(bool(stale))
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (PAGES / name).write_text(text)
    for name in there - set(wanted):
        (PAGES / name).unlink()
    print(f"docs/layers: {len(wanted)} pages, {len(stale)} of them changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

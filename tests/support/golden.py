"""Golden values: what PyTorch computes for every case, in float64, kept as a few numbers a tensor.

    python tests/support/golden.py          records tests/golden/*.json anew; needs torch 2.13, nothing else does
"""
import json
import math
import sys

import numpy as np

try:
    from support import cases
except ImportError:  # run as a program
    import cases

FOLDER = cases.FOLDER / "golden"


def summary(values):
    """Shape, the first values, the sum of sizes, and two products with noise: together they fix order and values."""
    flat = values.astype(np.float64).reshape(-1)
    finite = np.where(np.isfinite(flat), flat, 0)
    return {"shape": list(values.shape), "head": [repr(float(v)) for v in flat[:6]], "size": float(np.abs(finite).sum()),
            "products": [float(finite @ cases.noise(flat.shape, seed)) for seed in (31, 32)],
            "not_finite": int((~np.isfinite(flat)).sum())}


def difference(found, golden, tolerance):
    """None, or what differs between arrays by name and their recorded summaries."""
    if sorted(found) != sorted(golden):
        return f"got {sorted(found)}, recorded {sorted(golden)}"
    for name, want in golden.items():
        got = summary(found[name])
        if got["shape"] != want["shape"] or got["not_finite"] != want["not_finite"]:
            return f"{name}: got {got}, recorded {want}"
        scale = max(want["size"], 1e-30)
        pairs = list(zip(map(float, got["head"]), map(float, want["head"])))
        pairs += list(zip(got["products"], want["products"])) + [(got["size"], want["size"])]
        for g, w in pairs:
            if not (math.isnan(g) and math.isnan(w)) and g != w and not abs(g - w) <= tolerance * scale:
                return f"{name}: got {g!r}, recorded {w!r}"
    return None


def record():
    import torch
    torch.set_num_threads(1)
    families = {}
    for case in cases.load("golden"):
        found = cases.run(torch, case, torch.float64)
        families.setdefault(case.family, {})[case.id] = {"spec": case.spec, "values": {k: summary(v) for k, v in found.items()}}
    FOLDER.mkdir(exist_ok=True)
    for family, entries in families.items():
        lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items())
        (FOLDER / f"{family}.json").write_text("{\n" + lines + "\n}\n")
    print(f"recorded {sum(map(len, families.values()))} cases of {len(families)} families")


if __name__ == "__main__":
    sys.exit(record())

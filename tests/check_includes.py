"""Which folder of lamina/ may include which: the list, and a check of every file against it.

    python tests/check_includes.py          prints each include that breaks a rule; exits with 1 if there is one
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# From the lowest to the highest. What a folder does not name it may not include; its own files it may.
ALLOWED = {
    "core": [],
    "kernels": ["core/types.h", "core/threads.h", "core/generator.h", "core/allocator.h"],  # never a Tensor
    "graph": ["core"],
    "ops": ["kernels", "graph", "core"],
    "autograd": ["ops", "graph", "core"],
    "nn": ["autograd", "ops", "graph", "core"],
    "optim": ["ops", "kernels", "graph", "core"],
    "data": ["ops", "graph", "core"],
    "io": ["nn", "optim", "ops", "graph", "core"],
    "inspect": ["io", "nn", "optim", "autograd", "ops", "graph", "core"],
    "training": ["nn", "optim", "data", "io", "autograd", "ops", "graph", "core"],
}
# lamina/lamina.h is the library's front door, and python/, cli/, tests/ and examples/ come in through it or beside it.
FRONT = {"lamina.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<](lamina|Python\.h|nanobind|torch)(/[^">]+)?[">]')


def violations(root=ROOT):
    found = []
    for path in sorted((root / "lamina").rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        inside = path.relative_to(root / "lamina")
        if str(inside) in FRONT:
            continue
        folder = inside.parts[0]
        if folder not in ALLOWED or len(inside.parts) != 2:
            found.append(f"{path.relative_to(root)}: the library has no such folder; tests/check_includes.py lists them")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            if match[1] != "lamina":
                found.append(f"{path.relative_to(root)}:{number}: the library knows no {match[1]}")
                continue
            target = match[2][1:]
            allowed = [folder, *ALLOWED[folder]]
            if target not in allowed and target.split("/")[0] not in allowed:
                found.append(f"{path.relative_to(root)}:{number}: {folder} may not include lamina/{target}; "
                             f"it may include {', '.join(allowed)}")
    return found


if __name__ == "__main__":
    problems = violations()
    print("\n".join(problems) if problems else "  includes: every folder keeps to its list")
    sys.exit(bool(problems))

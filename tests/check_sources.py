"""Rules for every source file that no other tool checks: length, words, and how a header opens.

    python tests/check_sources.py           prints each line that breaks a rule; exits with 1 if there is one
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 600
CODE = {".h", ".cpp", ".py", ".txt", ".cmake", ".sh", ""}
# A class of one character keeps a pattern from finding itself.
WORDS = [
    (r"\b(TO[D]O|FIX[M]E|XX[X])\b", "an open end: finish it or leave it out"),
    (r"#if [0]\b", "code that is switched off: delete it"),
    (r"\.sum\(\)\.backwar[d]\(\)", "after a normalisation this gradient is zero: use a random cotangent"),
    (r"(/ho[m]e/|/roo[t]/|/w[o]rk/)", "a path of one machine"),
    (r"(pypi\.[o]rg|deb\.[d]ebian|pythonhoste[d]|download\.pytorc[h])", "the host of a registry"),
    (r"\t", "a tab: this project indents with spaces"),
    (r" $", "a space at the end of the line"),
]


def tracked(root=ROOT):
    """The files that git knows or would take; of a tree without git, all but what is built."""
    if not (root / ".git").exists() or not shutil.which("git"):
        return [p for p in root.rglob("*") if p.is_file() and not {"build", ".venv", ".git", "__pycache__"} & set(p.parts)]
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True,
                            check=True).stdout
    return [root / name for name in listed.splitlines()]


def problems(root=ROOT):
    found = []
    for path in tracked(root):
        if path.suffix not in CODE | {".md", ".json", ".toml", ".yaml"} or not path.is_file():
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        name = path.relative_to(root)
        if name.name == "LICENSE":
            continue
        if path.suffix in CODE and len(lines) > LONGEST:
            found.append(f"{name}: {len(lines)} lines, more than {LONGEST}: it holds more than one idea")
        for number, line in enumerate(lines, 1):
            found += [f"{name}:{number}: {why}" for pattern, why in WORDS if re.search(pattern, line)]
        if path.suffix == ".h" and name.parts[0] == "lamina":
            if not lines or not lines[0].startswith("// "):
                found.append(f"{name}:1: a header opens with a comment that says what it is for")
            if "#pragma once" not in lines and not name.stem.endswith(("_methods", "-inl")):
                found.append(f"{name}: no #pragma once")
    return found


if __name__ == "__main__":
    lines = problems()
    print("\n".join(lines) if lines else "  sources: lengths, words and headers are as they should be")
    sys.exit(bool(lines))

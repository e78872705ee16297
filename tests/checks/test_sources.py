"""The rules of the house hold: who includes whom, how long a file is, which words it must not hold."""
import importlib.util
import pathlib

TESTS = pathlib.Path(__file__).resolve().parent.parent


def script(name):
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_includes_go_down_only():
    assert script("check_includes").violations() == []


def test_includes_that_go_up_are_found(tmp_path):
    for folder, line in (("kernels", '#include "lamina/core/tensor.h"'), ("ops", '#include "lamina/nn/linear.h"'),
                         ("core", "#include <Python.h>"), ("utils", "")):
        (tmp_path / "lamina" / folder).mkdir(parents=True)
        (tmp_path / "lamina" / folder / "bad.cpp").write_text(line)
    (tmp_path / "lamina" / "ops" / "good.cpp").write_text('#include "lamina/core/tensor.h"\n#include "lamina/ops/view.h"\n')
    found = script("check_includes").violations(tmp_path)
    assert [line.split(":")[0] for line in found] == [f"lamina/{f}/bad.cpp" for f in ("core", "kernels", "ops", "utils")]


def test_sources():
    assert script("check_sources").problems() == []

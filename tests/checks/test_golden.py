"""Every case against what PyTorch 2.13 computed for it, in float64 to 1e-9."""
import functools
import json

import lamina
import pytest
from support import cases, golden


@functools.cache
def recorded(family):
    path = golden.FOLDER / f"{family}.json"
    return json.loads(path.read_text()) if path.exists() else {}


@pytest.mark.parametrize("case", cases.load("golden"), ids=lambda c: c.id)
def test_golden(case):
    entry = recorded(case.family).get(case.id)
    assert entry and entry["spec"] == case.spec, "not recorded: run tests/support/golden.py with torch"
    problem = golden.difference(cases.run(lamina, case, lamina.float64), entry["values"], 1e-9)
    assert problem is None, f"{case}: {problem}"

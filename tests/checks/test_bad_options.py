"""Every option of every layer in turn gets values that it can hardly have: one clear exception, or a layer that works."""
import inspect
import re

import lamina
import pytest
from support import cases

BAD = [-1, 0, -(2**63), 2**62, 2**63 - 1, 2**64, float("nan"), float("inf"), -0.5, 1e300, "text", "", None, True, [], [1, 2, 3, 4, 5],
       [-1], [0], ["text"], [2**62, 2**62], {}, object()]
LAYERS = {}
for one in cases.load():
    LAYERS.setdefault(one.layer, one)


def options(case):
    """The options of a layer or function by name, and the values that its case gives them."""
    if case.layer.startswith("F."):
        signature = getattr(lamina.nn.functional, case.layer[2:]).__nb_signature__[0][0]
        names = re.findall(r"(\w+): ", signature)[len(case.inputs):]
    else:
        names = list(inspect.signature(getattr(lamina.nn, case.layer)).parameters)
    given = {k: cases.tensor_option(lamina, v) for k, v in case.options.items()}
    return [n for n in names if n not in ("device", "args", "kwargs")], dict(zip(names, case.args)) | given


@pytest.mark.parametrize("bad", BAD, ids=lambda b: "object" if type(b) is object else repr(b)[:24])
@pytest.mark.parametrize("case", LAYERS.values(), ids=lambda c: c.layer)
def test_bad_option(case, bad):
    names, given = options(case)
    title = case.layer.removeprefix("F.")
    inputs = cases.tensors(lamina, case, lamina.float32)
    for name in names:
        try:
            if case.layer.startswith("F."):
                result = getattr(lamina.nn.functional, title)(*inputs, **given | {name: bad})
            else:
                result = getattr(lamina.nn, title)(**given | {name: bad})(*inputs, **case.spec.get("call", {}))
        except (lamina.Error, TypeError) as error:
            assert title in str(error), f"{name}={bad!r}: the message does not name it: {error}"
            assert len(str(error)) < 800, f"{name}={bad!r}: {len(str(error))} characters say it: {error}"
            continue
        for y in cases.outputs_of(result):
            assert len(y.reshape(-1).tolist()) == y.numel()

"""What Lamina answers to expressions.txt is what PyTorch 2.13 answered, as recorded in expressions.json.

    python tests/python/test_expressions.py     records anew, with PyTorch
"""

import builtins
import json
import pathlib
import warnings

import numpy as np
import pytest

HERE = pathlib.Path(__file__).parent


def names(torch):
    i = torch.tensor([[3, 1, 2], [5, 5, 0]])
    v = torch.tensor([1.0, -2.0, 0.5])
    return {"torch": torch, "np": np, "x": torch.arange(6.0).view(2, 3), "i": i, "b": i > 2, "v": v}


def expressions():
    lines = (HERE / "expressions.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def answers():
    return json.loads((HERE / "expressions.json").read_text())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", expressions())
def test_answer(expression):
    import lamina

    expected = answers()[expression]
    if "raises" in expected:
        with pytest.raises(getattr(builtins, expected["raises"])):
            eval(expression, names(lamina))
    else:
        assert repr(eval(expression, names(lamina))) == expected["repr"]


def record():
    import torch

    def answer(expression):
        try:
            return {"repr": repr(eval(expression, names(torch)))}
        except Exception as error:
            kind = next(t for t in type(error).__mro__ if t.__module__ == "builtins")
            return {"raises": kind.__name__}

    warnings.simplefilter("ignore")
    rows = [f"{json.dumps(line)}: {json.dumps(answer(line))}" for line in expressions()]
    (HERE / "expressions.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    record()

"""The example on every page of docs/layers/ prints the same in PyTorch."""
import contextlib
import io
import pathlib
import re
import warnings

import pytest
import torch

PAGES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "layers"


@pytest.mark.parametrize("page", sorted(p.name for p in PAGES.glob("*.md") if p.name != "README.md"))
def test_example(page):
    match = re.search(r"```python\n(.*?)```\n```text\n(.*?)\n```", (PAGES / page).read_text(), re.S)
    assert match, "the page has no example"
    code = match[1].replace("import lamina as torch", "import torch").replace("import lamina.nn", "import torch.nn")
    torch.set_default_dtype(torch.float32)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(code, {})
    assert without_names(printed.getvalue()) == without_names(match[2])


def without_names(text):
    """Nodes of the graph have names of their own where Lamina computes at once what PyTorch composes."""
    return re.sub(r"grad_fn=<\w+>", "grad_fn=", text).rstrip()

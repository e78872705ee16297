"""The programs of examples/ and the README run, and print what they promise."""
import os
import pathlib
import re
import subprocess
import sys

import lamina
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(lamina.__path__[0]).parents[1]  # the package lies in <build>/python/lamina
README = (ROOT / "README.md").read_text()
# What examples/seed.py prints under PyTorch 2.13; what drop(x) prints is checked apart.
SEED_SHAPES = ["torch.Size([64, 128])", "torch.Size([64])", "torch.Size([8, 32, 32, 32])", "torch.Size([3, 128])"]
ONES = "tensor([[1., 1., 1., 1., 1., 1., 1., 1.],\n" + "        [1., 1., 1., 1., 1., 1., 1., 1.],\n" * 2 + \
    "        [1., 1., 1., 1., 1., 1., 1., 1.]])\n"


def output(*command):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def program(name):
    path = BUILD / "examples" / name
    if not path.exists():
        pytest.skip(f"{name} is not built: configure with -DLAMINA_EXAMPLES=ON")
    return path


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def check_dropped(text):
    """Four rows of zeros and twos, printed as PyTorch prints them."""
    assert re.fullmatch(r"tensor\(\[(\[[02]\.(, [02]\.){7}\](,\n        )?){4}\]\)\n", text), text


def test_seed_as_a_torch_script():
    lines = output(sys.executable, "-m", "lamina", "examples/seed.py")
    shapes, dropped, kept = lines[:lines.index("tensor")], *re.split(r"(?<=\)\n)", lines[lines.index("tensor"):])[:2]
    assert shapes.splitlines() == SEED_SHAPES
    check_dropped(dropped)
    assert kept == ONES


def test_seed_in_cpp():
    lines = output(program("seed"))
    assert lines.startswith("(64, 128)\n(64,)\n(8, 32, 32, 32)\n(3, 128)\n")
    check_dropped(lines[lines.index("tensor"):lines.rindex("tensor")])
    assert lines.endswith(ONES)


@pytest.mark.parametrize("run", [lambda: output(sys.executable, "examples/multiply.py"), lambda: output(program("multiply"))],
                         ids=["python", "cpp"])
def test_the_network_of_the_readme_learns(run):
    assert abs(float(run().split()[-1]) + 1.5) < 0.3


@pytest.mark.parametrize("network", ["rows", "attention"])
def test_digits_are_read_to_the_same_bits_in_both_languages(network):
    if not (ROOT / ".cache" / "mnist_5k.bin").exists():
        pytest.skip("the digits are not here: python examples/digits/fetch.py")
    ours = output(sys.executable, f"examples/{network}/train.py")
    assert ours == output(program(f"{network}_train"))
    assert int(re.findall(r": (\d+) of 1000", ours)[-1]) > 950


def test_the_readme_shows_the_examples():
    assert (ROOT / "examples" / "multiply.py").read_text() in blocks("python")
    assert (ROOT / "examples" / "multiply.cpp").read_text() in blocks("cpp")


def test_the_error_of_the_readme():
    session, = (b for b in blocks("") if ">>> " in b)
    statements = re.findall(r"^>>> (.*)$", session, re.MULTILINE)
    names = {"nn": lamina.nn, "torch": lamina}
    for statement in statements[:-1]:
        exec(statement, names)
    with pytest.raises(lamina.ShapeError) as caught:
        exec(statements[-1], names)
    assert str(caught.value) in session


def test_own_function():
    expected = "tensor([ 0.5000, -1.2500,  2.0000])\n"
    assert output(program("own_function")) == expected
    assert output(sys.executable, "examples/own_function.py") == expected

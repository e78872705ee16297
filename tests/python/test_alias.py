"""`python -m lamina script.py`: torch is lamina, also in child processes. Every test starts its own interpreter."""

import os
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("lamina")
PATH = os.pathsep.join(os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p)


def run(folder, *arguments, code=None, stdin=None, environment=None):
    if code is not None:
        (folder / "script.py").write_text(textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": PATH, **(environment or {})},
    )
    return done.returncode, done.stdout, done.stderr


def as_torch(folder, code, *arguments, **keywords):
    status, out, err = run(folder, "-m", "lamina", "script.py", *arguments, code=code, **keywords)
    assert status == 0, err
    return out


def test_the_same_modules(tmp_path):
    out = as_torch(
        tmp_path,
        """
        import torch, lamina, importlib.util, importlib.metadata, sys
        import torch.optim
        from torch import optim
        import torch.utils.data
        from torch.utils.data import DataLoader
        print(torch is lamina, optim is lamina.optim, torch.utils.data is lamina.utils.data)
        print(lamina.__name__, lamina.__spec__.name)
        print(optim.__name__, optim.__spec__.name, optim.__package__)
        print(importlib.util.find_spec("torch") is not None, importlib.util.find_spec("torch.onnx"))
        print(importlib.metadata.version("torch") == lamina.__version__ == torch.__version__)
        print(torch.__version__.startswith("2.13"))
        """,
    )
    assert out.split("\n")[:-1] == [
        "True True True",
        "lamina lamina",
        "lamina.optim lamina.optim lamina.optim",
        "True None",
        "True",
        "True",
    ]


def test_what_the_script_sees(tmp_path):
    out = as_torch(
        tmp_path,
        """
        '''doc'''
        import sys, os
        print(__name__, os.path.relpath(__file__), os.path.isabs(__file__), __doc__, sys.argv)
        print(os.path.realpath(sys.path[0]) == os.getcwd(), sys.modules["__main__"].__dict__ is globals())
        print(sorted(k for k in globals() if not k.startswith("__")))
        """,
        "--lr",
        "1",
    )
    assert out == "__main__ script.py True doc ['script.py', '--lr', '1']\nTrue True\n['os', 'sys']\n"


def test_module_code_and_standard_input(tmp_path):
    (tmp_path / "tool.py").write_text(
        "import torch, sys, os; print(torch.__name__, __name__, os.path.basename(sys.argv[0]), sys.argv[1:])"
    )
    assert run(tmp_path, "-m", "lamina", "-m", "tool", "a", "b")[:2] == (0, "lamina __main__ tool.py ['a', 'b']\n")
    code = "import torch, sys; print(torch.__name__, __name__, sys.argv, sys.path[0])"
    assert run(tmp_path, "-m", "lamina", "-c", code, "a")[:2] == (0, "lamina __main__ ['-c', 'a'] \n")
    assert run(tmp_path, "-m", "lamina", "-", "a", stdin=code)[:2] == (0, "lamina __main__ ['-', 'a'] \n")
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "__main__.py").write_text("import torch; print(torch.__name__, __name__)")
    assert run(tmp_path, "-m", "lamina", "app")[:2] == (0, "lamina __main__\n")


def test_wins_over_an_installed_torch(tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise RuntimeError('the other torch')")
    assert as_torch(tmp_path, "import torch; print(torch.__name__)") == "lamina\n"
    assert (
        as_torch(
            tmp_path,
            "import torch.optim; print(torch.__name__)",
            environment={"PYTHONPATH": os.pathsep.join([str(tmp_path), PATH])},
        )
        == "lamina\n"
    )


def test_child_processes(tmp_path):
    out = as_torch(
        tmp_path,
        """
        import multiprocessing, subprocess, sys
        import torch

        def work(x):
            import torch, torch.optim
            return torch.__name__, torch.optim.__name__, x

        if __name__ == "__main__":
            for method in ("spawn", "fork", "forkserver"):
                with multiprocessing.get_context(method).Pool(1) as pool:
                    print(method, pool.map(work, [1]))
            child = "import torch.optim as o, torch, sys; print(torch.__name__, o.__name__); import torch.onnx"
            done = subprocess.run([sys.executable, "-c", child], cwd="/", capture_output=True, text=True)
            print(done.stdout.strip(), done.returncode, done.stderr.strip().splitlines()[-1])
        """,
    )
    assert out.splitlines() == [f"{m} [('lamina', 'lamina.optim', 1)]" for m in ("spawn", "fork", "forkserver")] + [
        "lamina lamina.optim 1 ModuleNotFoundError: lamina has no 'torch.onnx'; "
        "its models move as weights: save_safetensors and load_safetensors"
    ]


@pytest.mark.parametrize(
    "statement, says",
    [
        (
            "import torch.distributed.rpc as rpc",
            "lamina has no 'torch.distributed.rpc'; it trains in one process, on all its cores",
        ),
        ("from torch import onnx", "lamina has no 'torch.onnx'; its models move as weights"),
        ("import torch.cuda.nccl", "lamina has no 'torch.cuda.nccl'; it runs on the CPU"),
        ("import torch.profiler", "lamina has no 'torch.profiler'; use Python's cProfile"),
        ("from torch.nosuch import x", "lamina has no 'torch.nosuch'; docs/differences.md lists"),
        ("import torchvision", "lamina cannot run 'torchvision', which is built for PyTorch's own library"),
    ],
)
def test_missing_parts(tmp_path, statement, says):
    status, out, err = run(tmp_path, "-m", "lamina", "script.py", code=statement)
    assert status == 1 and err.splitlines()[-1].startswith("ModuleNotFoundError: " + says), err
    guarded = f"try:\n    {statement}\nexcept ImportError:\n    print('guarded')"
    assert as_torch(tmp_path, guarded) == "guarded\n"


def test_exit_codes_and_tracebacks(tmp_path):
    for statement, status in (
        ("raise SystemExit(3)", 3),
        ("import sys; sys.exit('no')", 1),
        ("pass", 0),
        ("import sys; sys.exit()", 0),
    ):
        assert run(tmp_path, "-m", "lamina", "script.py", code=statement)[0] == status
    failing = "def f():\n    raise ValueError('here')\nf()\n"
    ours = run(tmp_path, "-m", "lamina", "script.py", code=failing)
    assert ours == run(tmp_path, "script.py")
    assert run(tmp_path, "-m", "lamina", "script.py", code="x = (\n") == run(tmp_path, "script.py")
    status, _, err = run(tmp_path, "-m", "lamina", "absent.py")
    assert status == 2 and "can't open file" in err and "[Errno 2]" in err
    assert run(tmp_path, "-m", "lamina")[0] == 2
    assert run(tmp_path, "-m", "lamina", "-x")[0] == 2
    assert run(tmp_path, "-m", "lamina", "-c")[0] == 2
    assert "usage" in run(tmp_path, "-m", "lamina", "--help")[1]


def test_names_live_until_the_end(tmp_path):
    assert (
        as_torch(
            tmp_path,
            """
        import atexit, threading, time
        value = 7
        atexit.register(lambda: print("exit", value))
        threading.Thread(target=lambda: (time.sleep(0.2), print("thread", value))).start()
        """,
        )
        == "thread 7\nexit 7\n"
    )


def test_notebooks(tmp_path):
    status, out, err = run(
        tmp_path,
        "script.py",
        code="""
        import lamina
        assert lamina.as_torch() is lamina
        import torch, torch.optim as optim
        print(torch is lamina, optim is lamina.optim, lamina.as_torch() is torch)
        """,
    )
    assert (status, out) == (0, "True True True\n"), err
    (tmp_path / "torch.py").write_text("")
    status, out, err = run(tmp_path, "script.py", code="import torch, lamina; lamina.as_torch()")
    assert status == 1 and "torch is imported already" in err


def test_a_script_without_torch_pays_nothing(tmp_path):
    out = as_torch(
        tmp_path, "import sys; print([m for m in ('numpy', 'importlib.metadata', 'inspect') if m in sys.modules])"
    )
    assert out == "[]\n"

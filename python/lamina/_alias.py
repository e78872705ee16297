"""`torch` as a name of this package: what `python -m lamina` and `lamina.as_torch()` install.

`import torch.nn` then gives the module object lamina.nn itself, so that a script which says `import torch` runs
unchanged, also where PyTorch is installed. Child processes get the alias by way of PYTHONPATH, whose first folder holds
a small `torch`.
"""

import importlib
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_as_torch")

# What to do instead, for the parts of torch that programs ask for most. Longest name first where two fit.
_INSTEAD = {
    "ao": "it has no quantized layers: export the weights with save_safetensors and quantize them elsewhere",
    "cuda": "it runs on the CPU: use torch.device('cpu')",
    "distributed": "it trains in one process, on all its cores",
    "export": "its models move as weights: save_safetensors and load_safetensors",
    "_inductor": "its layers are compiled already: remove the call",
    "fft": "use numpy.fft on x.numpy()",
    "nested": "pad the sequences to one length",
    "onnx": "its models move as weights: save_safetensors and load_safetensors",
    "optim.lr_scheduler": "write optimizer.param_groups[0]['lr'] between epochs",
    "profiler": "use Python's cProfile, or perf",
    "quantization": "it has no quantized layers: export the weights with save_safetensors and quantize them elsewhere",
    "sparse": "its tensors are dense: use to_dense() before",
    "utils.cpp_extension": "link a C++ program with the library Lamina instead",
    "utils.tensorboard": "write the numbers with csv, or install tensorboardX",
}
# Packages whose compiled parts call PyTorch's own library.
_BUILT_FOR_TORCH = {"torchvision", "torchaudio", "torchtext", "torchdata"}


def _refusal(name):
    """The error for `torch.distributed.rpc`: what is missing and what to do instead, in one line."""
    if name in _BUILT_FOR_TORCH:
        text = (
            f"lamina cannot run {name!r}, which is built for PyTorch's own library; run the script with python itself"
        )
        return ModuleNotFoundError(text, name=name)
    parts = name.split(".")[1:]
    for n in range(len(parts), 0, -1):
        if instead := _INSTEAD.get(".".join(parts[:n])):
            return ModuleNotFoundError(f"lamina has no {name!r}; {instead}", name=name)
    return ModuleNotFoundError(
        f"lamina has no {name!r}; docs/differences.md lists what differs from PyTorch", name=name
    )


def _find(name):
    """The module `lamina.…`, imported; None where there is none."""
    if name in sys.modules:
        return sys.modules[name]
    parent, _, child = name.rpartition(".")
    owner = _find(parent) if parent else None
    if owner is None and parent:
        return None
    found = getattr(owner, child, None)
    if isinstance(found, ModuleType) and found.__name__.partition(".")[0] == "lamina":
        return found
    if PathFinder.find_spec(name, getattr(owner, "__path__", None) if parent else None) is None:
        return None
    return importlib.import_module(name)


def _only_asks():
    """Whether the finder was called by importlib.util.find_spec, which expects None for what is not there."""
    caller = sys._getframe(3)
    return caller.f_code.co_name == "find_spec" and caller.f_globals.get("__name__") == "importlib.util"


def _from_import_asks():
    """Whether the finder was called for a name after `from torch import`."""
    frame = sys._getframe(3)
    while frame is not None and frame.f_globals.get("__name__") == "importlib._bootstrap":
        if frame.f_code.co_name == "_handle_fromlist":
            return True
        frame = frame.f_back
    return False


class _Loader:
    """Hands out a module that exists; the import system's marks on it are taken back."""

    _MARKS = ("__spec__", "__loader__", "__name__", "__package__", "__path__", "__file__", "__cached__")

    def __init__(self, module):
        self.module = module

    def create_module(self, spec):
        if not hasattr(self.module, "__path__"):
            # so that `import torch.cuda.amp` comes to the finder, which says what to do instead
            self.module.__path__ = []
        self.marks = {k: getattr(self.module, k) for k in self._MARKS if hasattr(self.module, k)}
        return self.module

    def exec_module(self, module):
        for name, value in self.marks.items():
            setattr(module, name, value)


class _Finder:
    @staticmethod
    def find_spec(fullname, path=None, target=None):
        top, _, rest = fullname.partition(".")
        if top == "torch":
            module = _find("lamina." + rest if rest else "lamina")
            if module is not None:
                spec = ModuleSpec(fullname, _Loader(module), is_package=True)
                spec.submodule_search_locations = list(getattr(module, "__path__", ()))
                return spec
            if not _only_asks():
                raise _refusal(fullname)
        elif top in _BUILT_FOR_TORCH:
            if not rest and not _only_asks():
                raise _refusal(fullname)
        elif top == "lamina" and _from_import_asks() and PathFinder.find_spec(fullname, path) is None:
            raise _refusal("torch." + rest)  # `from torch import distributed` asks for a part of the module's real name
        return None

    @staticmethod
    def find_distributions(context=None):
        """importlib.metadata.version("torch")."""
        name = getattr(context, "name", None)
        if name is not None and name.lower() != "torch":
            return
        from importlib.metadata import Distribution

        class Torch(Distribution):
            def read_text(self, filename):
                import lamina

                if filename in ("METADATA", "PKG-INFO"):
                    return f"Metadata-Version: 2.1\nName: torch\nVersion: {lamina.__version__}\n"

            def locate_file(self, path):
                return os.path.join(_FOLDER, path)

        yield Torch()


def install():
    """Makes `torch` mean lamina in this process, and in the Python processes that it starts."""
    import lamina

    known = sys.modules.get("torch")
    of_child = os.path.join(_FOLDER, "torch", "__init__.py")  # being imported, by a child process
    if known is not None and known is not lamina and getattr(known, "__file__", None) != of_child:
        raise RuntimeError("torch is imported already: call lamina.as_torch() before anything imports torch")
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
    sys.modules["torch"] = lamina
    if _FOLDER not in sys.path:  # spawned processes take over this list
        sys.path.insert(1, _FOLDER)
    inherited = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    if _FOLDER not in inherited:
        os.environ["PYTHONPATH"] = os.pathsep.join([_FOLDER, *inherited])
    return lamina


def as_torch():
    """Makes `import torch` give lamina from here on, for notebooks; `python -m lamina` does it for scripts.

    Returns lamina.

    RuntimeError when PyTorch itself is imported already.
    """
    return install()

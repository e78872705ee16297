"""Models from the net: nothing is fetched. Source: torch.hub."""

import os as _os
import re as _re

__all__ = ["download_url_to_file", "get_dir", "help", "list", "load", "load_state_dict_from_url", "set_dir"]

#: The digest that a file's name carries: resnet18-bfd8deac.pth.
HASH_REGEX = _re.compile(r"-([a-f0-9]*)\.")

_folder = None


def get_dir():
    """The folder for fetched files: set_dir's, $TORCH_HOME/hub, or ~/.cache/torch/hub."""
    if _folder is not None:
        return _folder
    cache = _os.getenv("XDG_CACHE_HOME", "~/.cache")
    home = _os.path.expanduser(_os.getenv("TORCH_HOME", _os.path.join(cache, "torch")))
    return _os.path.join(home, "hub")


def set_dir(d):
    """Sets the folder for fetched files."""
    global _folder
    _folder = _os.path.expanduser(d)


def _refused(what, url):
    raise NotImplementedError(
        f"Lamina fetches nothing from the net: get {url} yourself, and {what}"
    )


def load_state_dict_from_url(url, model_dir=None, map_location=None, progress=True, check_hash=False, file_name=None,
                             weights_only=False):
    """The checkpoint of this address when its file lies in model_dir (get_dir()/checkpoints); else refused.

    NotImplementedError when the file is not there: nothing is fetched from the net.
    """
    from urllib.parse import urlparse

    import lamina

    folder = model_dir or _os.path.join(get_dir(), "checkpoints")
    path = _os.path.join(folder, file_name or _os.path.basename(urlparse(url).path))
    if not _os.path.exists(path):
        _refused(f"put it to {path}", url)
    if path.endswith(".safetensors"):
        return lamina.load_safetensors(path)
    return lamina.load(path, map_location=map_location, weights_only=weights_only)


def download_url_to_file(url, dst, hash_prefix=None, progress=True):
    """Refused (NotImplementedError): nothing is fetched from the net."""
    _refused(f"put it to {dst}", url)


def load(repo_or_dir, model, *args, source="github", **kwargs):
    """Calls `model` of the hubconf.py in a folder (source="local"); repositories of the net are refused."""
    if source != "local":
        _refused('pass its folder with source="local"', repo_or_dir)
    kwargs = {k: v for k, v in kwargs.items() if k not in ("trust_repo", "force_reload", "verbose", "skip_validation")}
    entry = getattr(_hubconf(repo_or_dir), model, None)
    if not callable(entry):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return entry(*args, **kwargs)


def list(github, source="github", **kwargs):  # noqa: A001
    """The functions of a folder's hubconf.py (source="local")."""
    if source != "local":
        _refused('pass its folder with source="local"', github)
    return [name for name, f in vars(_hubconf(github)).items() if callable(f) and not name.startswith("_")]


def help(github, model, source="github", **kwargs):  # noqa: A001
    """The docstring of one of them."""
    if source != "local":
        _refused('pass its folder with source="local"', github)
    return getattr(_hubconf(github), model).__doc__


def _hubconf(folder):
    import importlib.util
    import sys

    spec = importlib.util.spec_from_file_location("hubconf", _os.path.join(folder, "hubconf.py"))
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    return module

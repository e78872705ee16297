"""Tensors by name in safetensors files, the format in which PyTorch's world exchanges weights."""

import os

from lamina import _C


def save_safetensors(obj, path, metadata=None):
    """Saves tensors by name.

    Args:
        obj: a module (its state_dict is saved), or a dict of tensors by name
        path (str, os.PathLike or a file open for writing bytes): the file appears as a whole or not at all
        metadata (dict of str by str): texts that the file carries beside the tensors, such as {"format": "pt"}

    Raises TypeError for anything else than tensors, ValueError for names that the format has no room for.
    The files are the same byte for byte as those of the package `safetensors`.
    """
    tensors = obj.state_dict() if hasattr(obj, "state_dict") else obj
    if not isinstance(tensors, dict):
        raise TypeError(f"save_safetensors takes a module or a dict of tensors, got {type(obj).__name__}")
    if hasattr(path, "write"):
        path.write(_C._to_safetensors(tensors, metadata or {}))
        return
    path = os.fsencode(path)
    os.stat(os.path.dirname(path) or b".")  # FileNotFoundError
    _C._save_safetensors(tensors, path, metadata or {})


def load_safetensors(path):
    """The tensors of a file by name, in the order in which they lie there.

    Args:
        path (str, os.PathLike, or a file open for reading bytes)

    The file is mapped into memory: nothing is read before it is used, and writing to a tensor does not change the file.
    Raises FileNotFoundError, and LoadError (a RuntimeError) that says what is wrong with which tensor.

        model.load_state_dict(lamina.load_safetensors("digits.safetensors"))
    """
    if hasattr(path, "read"):
        return _C._from_safetensors(path.read())
    return _C._load_safetensors(_existing(path))


def load_safetensors_metadata(path):
    """The texts that a file carries beside its tensors."""
    return _C._safetensors_metadata(_existing(path))


def _existing(path):
    path = os.fsencode(path)
    os.stat(path)  # FileNotFoundError
    return path

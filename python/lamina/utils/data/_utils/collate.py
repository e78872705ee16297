"""A list of samples as one batch. Source: torch.utils.data.default_collate."""

import copy
import sys
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence

import lamina

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

_REFUSAL = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def _is_numpy(value):
    numpy = sys.modules.get("numpy")  # who has no NumPy loaded has no such values
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def _collate_numpy(batch, collate_fn_map):
    numpy = sys.modules["numpy"]
    if batch[0].dtype.kind in "SUOV":
        raise TypeError(_REFUSAL.format(batch[0].dtype))
    if isinstance(batch[0], numpy.generic):
        return lamina.as_tensor(numpy.array(batch))
    return collate([lamina.as_tensor(b) for b in batch], collate_fn_map=collate_fn_map)


#: How values of a type become a batch: f(batch, *, collate_fn_map). Scripts may add to it.
default_collate_fn_map = {
    lamina.Tensor: lambda batch, *, collate_fn_map=None: lamina.stack(batch, 0),
    float: lambda batch, *, collate_fn_map=None: lamina.tensor(batch, dtype=lamina.float64),
    int: lambda batch, *, collate_fn_map=None: lamina.tensor(batch),
    str: lambda batch, *, collate_fn_map=None: batch,
    bytes: lambda batch, *, collate_fn_map=None: batch,
}


def _rebuilt(old, make_mutable, plain):
    """A container of old's kind, with whatever else it carries; `plain` where its class cannot be made so."""
    try:
        if isinstance(old, (MutableMapping, MutableSequence)):
            clone = copy.copy(old)
            make_mutable(clone)
            return clone
        return type(old)(plain)
    except TypeError:  # no copy, no assignment, or another constructor
        return plain


def _update_list(clone, values):
    for i, value in enumerate(values):
        clone[i] = value


def collate(batch, *, collate_fn_map=None):
    """Samples of any structure as a batch of the same structure; collate_fn_map's functions join the leaves."""
    first = batch[0]
    if collate_fn_map is not None:
        function = collate_fn_map.get(type(first))
        if function is None:
            function = next((f for kind, f in collate_fn_map.items() if isinstance(first, kind)), None)
        if function is not None:
            return function(batch, collate_fn_map=collate_fn_map)
        if _is_numpy(first):
            return _collate_numpy(batch, collate_fn_map)
    if isinstance(first, Mapping):
        made = {key: collate([sample[key] for sample in batch], collate_fn_map=collate_fn_map) for key in first}
        return _rebuilt(first, lambda clone: clone.update(made), made)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(collate(samples, collate_fn_map=collate_fn_map) for samples in zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        made = [collate(samples, collate_fn_map=collate_fn_map) for samples in zip(*batch)]
        return made if isinstance(first, tuple) else _rebuilt(first, lambda clone: _update_list(clone, made), made)
    raise TypeError(_REFUSAL.format(type(first)))


def default_collate(batch):
    """Joins samples: tensors and arrays are stacked, numbers become tensors (floats of float64), texts stay in a list;
    dicts, lists, tuples (as lists) and named tuples are walked. RuntimeError for lists of different lengths, TypeError
    for anything else.
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)


def default_convert(data):
    """NumPy arrays as tensors, in containers of any depth; everything else stays. For a DataLoader without batches."""
    if isinstance(data, lamina.Tensor):
        return data
    if _is_numpy(data):
        return data if data.dtype.kind in "SUOV" else lamina.as_tensor(data)
    if isinstance(data, Mapping):
        made = {key: default_convert(value) for key, value in data.items()}
        return _rebuilt(data, lambda clone: clone.update(made), made)
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(value) for value in data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        made = [default_convert(value) for value in data]
        return _rebuilt(data, lambda clone: _update_list(clone, made), made)
    return data

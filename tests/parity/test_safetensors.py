"""Files of the reference implementation are read here, ours are read there, and both are the same bytes."""

import lamina
import safetensors.torch
import torch

TYPES = ["float32", "float64", "bfloat16", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def test_both_ways(tmp_path):
    theirs = {
        f"layer.{i}.{name}": torch.arange(6).reshape(2, 3).to(getattr(torch, name)) for i, name in enumerate(TYPES)
    }
    theirs |= {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4)}
    a, b = tmp_path / "theirs.safetensors", tmp_path / "ours.safetensors"
    safetensors.torch.save_file(theirs, a, metadata={"format": "pt"})
    ours = lamina.load_safetensors(a)
    assert set(ours) == set(theirs)
    for name, t in theirs.items():
        mine = ours[name]
        assert str(mine.dtype) == str(t.dtype) and mine.tolist() == t.tolist() and tuple(mine.shape) == tuple(t.shape)
    lamina.save_safetensors(ours, b, metadata={"format": "pt"})
    assert a.read_bytes() == b.read_bytes()
    for name, t in safetensors.torch.load_file(b).items():
        assert torch.equal(t, theirs[name]) and t.dtype == theirs[name].dtype

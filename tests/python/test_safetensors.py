"""safetensors files from Python."""

import io
import json
import os
import pathlib
import random
import struct

import pytest

lamina = pytest.importorskip("lamina")
REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "io" / "reference.safetensors"
TYPES = ["float32", "float64", "bfloat16", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def every_type():
    return {name: lamina.tensor([[0, 1, 3], [2, 0, 1]], dtype=getattr(lamina, name)) for name in TYPES}


def same(a, b):
    assert list(a) == list(b)
    for name in a:
        assert (
            a[name].dtype == b[name].dtype and a[name].shape == b[name].shape and a[name].tolist() == b[name].tolist()
        ), name


def test_reference_file(tmp_path):
    tensors = lamina.load_safetensors(REFERENCE)
    assert lamina.load_safetensors_metadata(str(REFERENCE)) == {"format": "pt"}
    assert len(tensors) == 14 and tensors['ein "Name"\n\\ ß €'].tolist() == [1.5] and tensors["empty"].shape == (0, 3)
    for name in TYPES:
        assert tensors["of " + name].dtype == getattr(lamina, name)
        assert tensors["of " + name].tolist() == every_type()[name].tolist()
    path = tmp_path / "again.safetensors"
    lamina.save_safetensors(tensors, path, metadata={"format": "pt"})
    assert path.read_bytes() == REFERENCE.read_bytes()
    assert os.listdir(tmp_path) == ["again.safetensors"]


def test_files_streams_and_views(tmp_path):
    tensors = every_type()
    path = tmp_path / "a.safetensors"
    lamina.save_safetensors(tensors, str(path))
    loaded = lamina.load_safetensors(path)
    same({name: loaded[name] for name in tensors}, tensors)
    loaded["float32"].fill_(7)
    assert lamina.load_safetensors(path)["float32"].tolist() == tensors["float32"].tolist()
    lamina.save_safetensors(loaded, path)  # over the file that is mapped
    assert lamina.load_safetensors(path)["float32"].tolist() == [[7, 7, 7], [7, 7, 7]]
    stream = io.BytesIO()
    lamina.save_safetensors({"t": tensors["int32"].t()}, stream)
    stream.seek(0)
    assert lamina.load_safetensors(stream)["t"].tolist() == [[0, 2], [1, 0], [3, 1]]


def test_a_module_and_training_on_what_was_loaded(tmp_path):
    path = tmp_path / "m.safetensors"
    net = lamina.nn.Sequential(lamina.nn.Linear(3, 4), lamina.nn.Linear(4, 2))
    lamina.save_safetensors(net, path)
    other = lamina.nn.Sequential(lamina.nn.Linear(3, 4), lamina.nn.Linear(4, 2))
    other.load_state_dict(lamina.load_safetensors(path))
    x = lamina.randn(5, 3)
    assert net(x).tolist() == other(x).tolist()


def test_refusals(tmp_path):
    t = lamina.tensor([1.0])
    with pytest.raises(FileNotFoundError):
        lamina.load_safetensors(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        lamina.save_safetensors({"t": t}, tmp_path / "absent" / "a")
    with pytest.raises(TypeError, match='"t" is a float'):
        lamina.save_safetensors({"t": 1.0}, tmp_path / "a")
    with pytest.raises(TypeError, match="a module or a dict of tensors, got list"):
        lamina.save_safetensors([t], tmp_path / "a")
    with pytest.raises(TypeError, match="the name of a tensor must be a str, got int"):
        lamina.save_safetensors({1: t}, tmp_path / "a")
    with pytest.raises(TypeError, match="a metadata value must be a str, got int"):
        lamina.save_safetensors({"t": t}, tmp_path / "a", metadata={"epoch": 3})
    with pytest.raises(ValueError, match="__metadata__"):
        lamina.save_safetensors({"__metadata__": t}, tmp_path / "a")
    assert os.listdir(tmp_path) == []
    (tmp_path / "bad").write_bytes(b"not a checkpoint at all")
    with pytest.raises(lamina.LoadError, match='cannot load ".*bad": not a safetensors file: its header would take'):
        lamina.load_safetensors(tmp_path / "bad")
    header = json.dumps({"w": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "bad").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    with pytest.raises(
        RuntimeError, match='tensor "w": its shape \\(1099511627776,\\) of float32 takes 4398046511104 bytes'
    ):
        lamina.load_safetensors(tmp_path / "bad")
    (tmp_path / "bad").write_bytes(REFERENCE.read_bytes()[:-1])
    with pytest.raises(lamina.LoadError, match="leave the file"):
        lamina.load_safetensors(tmp_path / "bad")


def test_fuzz_headers_and_truncations():
    good = REFERENCE.read_bytes()
    end = 8 + struct.unpack("<Q", good[:8])[0]
    rng = random.Random(0)
    refused = 0
    for _ in range(int(os.environ.get("LAMINA_FUZZ_EXAMPLES", 500))):
        bad = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            bad[rng.randrange(end)] = rng.choice([rng.randrange(256), *b'{}[]",:0129'])
        if rng.random() < 0.2:
            del bad[rng.randrange(len(bad)) :]
        try:
            lamina.load_safetensors(io.BytesIO(bad))
        except lamina.LoadError as error:
            assert str(error)
            refused += 1
    assert refused > 0

"""Published checkpoints give the values that were recorded from PyTorch 2.13.

minilm's safetensors file is read by Lamina, the other files by PyTorch.
"""
import pathlib

import lamina
import numpy as np
import pytest
import torch
from support import real_models

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "build" / "models"
TOLERANCE = {"float64": 2e-11, "float32": 2e-5}


def state_of(name):
    path = real_models.fetch(name, FOLDER)
    if path.suffix == ".safetensors":
        return lamina.load_safetensors(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    state = state.get("model_state", state)
    return {key: lamina.from_numpy(value.numpy()) for key, value in state.items()}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", real_models.BUILD)
def test_values(name, dtype):
    build, inputs = real_models.BUILD[name]
    model = build(lamina).eval()
    model.load_state_dict(state_of(name), strict=True)
    model.to(getattr(lamina, dtype))
    with lamina.no_grad():
        outputs = model(*inputs(lamina, getattr(lamina, dtype)))
    expected = real_models.MODELS[name]["outputs"][dtype]
    assert len(outputs) == len(expected)
    for output, want in zip(outputs, expected):
        assert list(output.shape) == want["shape"]
        values = output.double().numpy()
        np.testing.assert_allclose(values.ravel()[:8], want["first"], rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] / 10)
        np.testing.assert_allclose(values.sum(), want["sum"], rtol=TOLERANCE[dtype] * 10,
                                   atol=TOLERANCE[dtype] * values.size ** 0.5)

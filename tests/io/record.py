"""Writes reference.safetensors with the reference implementation: every type, odd names, no elements, no dimensions.

python tests/io/record.py        (needs torch and safetensors)
"""

import pathlib

import torch
from safetensors.torch import save_file

TYPES = [
    torch.float32,
    torch.float64,
    torch.bfloat16,
    torch.float16,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
]
tensors = {f"of {str(t).removeprefix('torch.')}": torch.tensor([0, 1, 3, 2, 0, 1]).to(t).reshape(2, 3) for t in TYPES}
tensors |= {
    'ein "Name"\n\\ ß €': torch.tensor([1.5]),
    "empty": torch.zeros(0, 3),
    "scalar": torch.tensor(7, dtype=torch.int16),
    "odd": torch.tensor([1, 2, 3], dtype=torch.uint8),
}
save_file(tensors, str(pathlib.Path(__file__).with_name("reference.safetensors")), metadata={"format": "pt"})

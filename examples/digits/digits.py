"""The digits that fetch.py wrote, and a checksum of weights: what the programs that read them share."""
import numpy as np

import fetch
import lamina as torch


def digits():
    """Pixels (5000, 1, 28, 28) from 0 to 1, and the digit of each, (5000)."""
    records = np.fromfile(fetch.fetch(), dtype=np.uint8).reshape(-1, 785)
    images = torch.from_numpy(records[:, :784].copy()).float() / 255
    return images.reshape(-1, 1, 28, 28), torch.from_numpy(records[:, 784].copy()).long()


def checksum(state):
    """FNV-1a (64 bits) over the bytes of all weights, as digits.h computes it."""
    value = 0xCBF29CE484222325
    for tensor in state.values():
        for byte in tensor.numpy().tobytes():
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"

"""Sequences of different lengths for recurrent layers: padded to one length, or packed. Source: torch.nn.utils.rnn."""

from typing import NamedTuple, Optional

import lamina
from lamina._C import _rnn

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpad_sequence",
    "pack_sequence",
    "unpack_sequence",
]


class PackedSequence_(NamedTuple):
    data: "lamina.Tensor"
    batch_sizes: "lamina.Tensor"
    sorted_indices: Optional["lamina.Tensor"]
    unsorted_indices: Optional["lamina.Tensor"]


class PackedSequence(PackedSequence_):
    """The rows of every time one after another, the longest sequence first; batch_sizes says how many each time has.

    Made by pack_padded_sequence and pack_sequence, taken and given by LSTM, GRU and RNN.
    """

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:  # PackedSequence((data, batch_sizes))
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs):
        """The same with data.to(...); itself when that changes nothing."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def cpu(self, *args, **kwargs):
        return self

    def double(self):
        return self.to(dtype=lamina.float64)

    def float(self):
        return self.to(dtype=lamina.float32)

    def half(self):
        return self.to(dtype=lamina.float16)

    def long(self):
        return self.to(dtype=lamina.int64)

    def int(self):
        return self.to(dtype=lamina.int32)

    def short(self):
        return self.to(dtype=lamina.int16)

    def char(self):
        return self.to(dtype=lamina.int8)

    def byte(self):
        return self.to(dtype=lamina.uint8)

    @property
    def is_cuda(self):
        return False

    def is_pinned(self):
        return False


def invert_permutation(permutation):
    """The permutation that undoes this one; None for None."""
    return None if permutation is None else _rnn._invert_permutation(permutation)


def _lengths(lengths):
    if isinstance(lengths, lamina.Tensor):
        return lengths.to(dtype=lamina.int64)
    return lamina.tensor(lengths, dtype=lamina.int64)


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """Packs a padded batch (T, B, …), or (B, T, …) with batch_first.

    lengths are a tensor or a list, one for each sequence. Unless enforce_sorted, sequences of any order are taken, and
    pad_packed_sequence gives them back in it.
    """
    return PackedSequence(*_rnn._pack_padded_sequence(input, _lengths(lengths), batch_first, enforce_sorted))


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """Undoes pack_padded_sequence: the padded batch, of total_length times if given, and the lengths."""
    return _rnn._pad_packed_sequence(sequence, batch_first, padding_value, total_length)


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Tensors (L, …) of different L as one batch (T, B, …), or (B, T, …), padded at the "right" or "left" end."""
    try:
        sequences = tuple(sequences)
    except TypeError:
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        ) from None
    return _rnn._pad_sequence(sequences, batch_first, padding_value, padding_side)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """Undoes pad_sequence: a list of the sequences."""
    return _rnn._unpad_sequence(padded_sequences, lengths, batch_first)


def pack_sequence(sequences, enforce_sorted=True):
    """Packs a list of tensors (L, …) of different L."""
    lengths = lamina.tensor([v.size(0) for v in sequences], dtype=lamina.int64)
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """Undoes pack_sequence: a list of the sequences."""
    padded_sequences, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded_sequences, lengths, batch_first=True)

// Sequences of different lengths as one tensor without padding, as recurrent layers take them: the rows of every time one
// after another, the longest sequence first. Source: torch.nn.utils.rnn.
//   PackedSequence packed = pack_padded_sequence(batch, lengths);  auto [output, state] = lstm(packed);
#pragma once
#include <string_view>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::ops {

struct PackedSequence {
  Tensor data;         // (rows, …)
  Tensor batch_sizes;  // (longest) of int64: how many sequences are still there at each time; never rising
  Tensor
      sorted_indices;  // (batch) of int64: the sequence that became number i; undefined when the order is the caller's
  Tensor unsorted_indices;  // its inverse
};
struct PaddedSequence {
  Tensor output, lengths;  // (T, B, …) or (B, T, …); (B) of int64
};

/// The rows of each time that lie within their sequence's length. input (T, B, …), or (B, T, …) with batch_first;
/// lengths (B) of int64. Unless `enforce_sorted`, the sequences are first sorted by length, the longest first; with it an
/// order that is not that is an OptionError. Errors: OptionError for a length below 1, ShapeError.
PackedSequence pack_padded_sequence(const Tensor& input, const Tensor& lengths, bool batch_first = false,
                                    bool enforce_sorted = true);
/// Back to a batch in the first order, missing rows filled; `total_length` 0 is that of the longest sequence.
PaddedSequence pad_packed_sequence(const PackedSequence& sequence, bool batch_first = false, double padding_value = 0,
                                   int64_t total_length = 0);
/// Tensors (L_i, …) as one batch (T, B, …) or (B, T, …), T the largest L, filled at padding_side "right" or "left".
Tensor pad_sequence(const Tensors& sequences, bool batch_first = false, double padding_value = 0,
                    std::string_view padding_side = "right");
/// The inverse: the first lengths[i] rows of every sequence.
Tensors unpad_sequence(const Tensor& padded, const Tensor& lengths, bool batch_first = false);
/// pad_sequence, then pack_padded_sequence.
PackedSequence pack_sequence(const Tensors& sequences, bool enforce_sorted = true);
/// The sequences again, in the first order.
Tensors unpack_sequence(const PackedSequence& sequence);
/// The permutation p with p[permutation[i]] = i.
Tensor invert_permutation(const Tensor& permutation);

/// batch_sizes as numbers. ShapeError or OptionError unless they fit data's rows and only fall.
std::vector<int64_t> checked_batch_sizes(const PackedSequence& sequence);

}  // namespace lamina::ops

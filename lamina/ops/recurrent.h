// Recurrent networks over sequences: LSTM, GRU, and RNN with tanh or relu, any number of layers in one direction or both;
// and their cells, one step of a single layer. With W, b of the input and U, d of the state, ⊙ the product by elements:
//   LSTM: i, f, o = σ(W·x + b + U·h + d), g = tanh(W·x + b + U·h + d), c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c'), or R·(o ⊙ tanh(c'))
//   GRU:  r, z = σ(W·x + b + U·h + d), n = tanh(W·x + b + r ⊙ (U·h + d)), h' = (1 − z) ⊙ n + z ⊙ h
//   RNN:  h' = tanh(W·x + b + U·h + d), or max(·, 0)
// The rows of W, U, b, d are those of i, f, g, o, or of r, z, n, after one another.
// Source: Hochreiter, Schmidhuber 1997; Cho et al. 2014 (arXiv:1406.1078); Sak et al. 2014 (arXiv:1402.1128); torch.nn.LSTM.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/tensor.h"
#include "lamina/ops/packed_sequence.h"
#include "lamina/ops/recurrent_layer.h"

namespace lamina::ops {

/// What a recurrent network is made of. Defaults are PyTorch's.
struct RecurrentOptions {
  Recurrence kind = Recurrence::Lstm;
  int64_t input_size = 0, hidden_size = 0, num_layers = 1;
  bool bias = true, batch_first = false;
  double dropout = 0;
  bool bidirectional = false;
  int64_t proj_size = 0;

  int64_t directions() const { return bidirectional ? 2 : 1; }
  int64_t out() const { return proj_size > 0 ? proj_size : hidden_size; }
  /// How many weights a layer has in each direction: weight_ih, weight_hh[, bias_ih, bias_hh][, weight_hr].
  size_t weights_each() const { return 2 + (bias ? 2 : 0) + (proj_size > 0 ? 1 : 0); }
};

/// A weight of a network: "weight_hh_l1_reverse" and its shape. In the order of the layers, the forward direction first.
struct RecurrentWeight {
  std::string name;
  Shape shape;
};
std::vector<RecurrentWeight> recurrent_weights(const RecurrentOptions& options);

/// OptionError for sizes or numbers that no network can have: below 1, a dropout that is not in [0, 1], proj_size out of
/// [0, hidden_size).
void check_recurrent_options(const RecurrentOptions& options);

struct RecurrentResult {
  Tensor output, h, c;  // c of LSTM
};
struct PackedRecurrentResult {
  PackedSequence output;
  Tensor h, c;
};

/// The outputs of the last layer and the last states of all.
///   input (L, N, input_size), or (N, L, input_size) with batch_first, or (L, input_size) → output (L, N, D·out) likewise,
///   h0 (layers·D, N, out), c0 (layers·D, N, hidden_size), without N for an input without; undefined: zeros
///   weights: as recurrent_weights lists them
/// Between layers values are dropped with probability `dropout` where `training`. 16-bit floats are computed in float32.
/// Errors: ShapeError, DTypeError.
RecurrentResult recurrent(const RecurrentOptions& options, const Tensor& input, const Tensor& h0, const Tensor& c0,
                          const Tensors& weights, bool training);
/// The same for sequences of different lengths. The states come and go in the order of the sequences before packing.
PackedRecurrentResult recurrent(const RecurrentOptions& options, const PackedSequence& input, const Tensor& h0,
                                const Tensor& c0, const Tensors& weights, bool training);

/// One step: input (N, input_size) or (input_size), h and c (N, hidden_size) or (hidden_size), undefined: zeros.
///   weight_ih (G·hidden_size, input_size), weight_hh (G·hidden_size, hidden_size), biases (G·hidden_size) or undefined,
///   G = 4 gates of LSTM, 3 of GRU, else 1 → the next h and, of LSTM, c
/// Errors: ShapeError, DTypeError.
RecurrentResult recurrent_cell(Recurrence kind, const Tensor& input, const Tensor& h, const Tensor& c,
                               const Tensor& weight_ih, const Tensor& weight_hh, const Tensor& bias_ih = {},
                               const Tensor& bias_hh = {});

/// "LSTM", "GRU", "RNN".
const char* recurrence_name(Recurrence kind);
/// That of an RNN with this nonlinearity; OptionError unless it is "tanh" or "relu".
Recurrence recurrence_of(std::string_view nonlinearity);
/// How many rows of weights each value of the state has: 4 of LSTM, 3 of GRU, else 1.
int64_t gate_count(Recurrence kind);

}  // namespace lamina::ops

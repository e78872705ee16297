// LSTM, GRU and RNN: recurrent networks of several layers over sequences. Formulas and shapes stand in ops/recurrent.h.
//   nn::LSTM lstm(28, 128, {.num_layers = 2, .batch_first = true});
//   auto [output, state] = lstm(x);                 // x (N, L, 28): output (N, L, 128), state.h and state.c (2, N, 128)
//   auto [more, last] = lstm(next, state);
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/recurrent.h"

namespace lamina::nn {

using ops::PackedSequence;

/// What LSTM takes by name. Defaults and order are PyTorch's.
struct LSTMOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  Scalar dropout = 0.0;
  bool bidirectional = false;
  int64_t proj_size = 0;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// What GRU takes by name. Defaults and order are PyTorch's.
struct GRUOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  Scalar dropout = 0.0;
  bool bidirectional = false;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// What RNN takes by name. Defaults and order are PyTorch's.
struct RNNOptions {
  int64_t num_layers = 1;
  std::string nonlinearity = "tanh";  // or "relu"
  bool bias = true;
  bool batch_first = false;
  Scalar dropout = 0.0;
  bool bidirectional = false;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// The states of an LSTM: h (layers·directions, N, out), c (layers·directions, N, hidden_size), without N for an input
/// without; undefined stands for zeros.
struct LSTMState { Tensor h, c; };
template <class Sequence>
struct LSTMOutput {
  Sequence output;
  LSTMState state;
};
/// The output of GRU and RNN, and their last states (layers·directions, N, hidden_size).
template <class Sequence>
struct RecurrentOutput {
  Sequence output;
  Tensor state;
};

/// What the three have in common: their weights, named weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0,
/// those of the other direction ending in _reverse. Source: torch.nn.RNNBase.
class RecurrentImpl : public Module {
 public:
  std::string extra_repr() const override;
  /// Uniform in ±1/√hidden_size, in the order of the weights.
  void reset_parameters() override;
  /// The output alone, from zero states: what a Sequential passes on.
  Tensor forward(const Tensor& input) override;
  /// Nothing: the weights need no common memory here.
  void flatten_parameters() {}
  /// The names of the weights of each layer and direction.
  std::vector<std::vector<std::string>> weight_names() const;
  /// What ops::recurrent is asked for; from the options as they are now.
  virtual ops::RecurrentOptions plan() const = 0;

  int64_t input_size, hidden_size;

 protected:
  /// Throws OptionError for a plan that no network can have.
  RecurrentImpl(const ops::RecurrentOptions& plan, std::optional<DType> dtype);
  ops::RecurrentResult run(const Tensor& input, const Tensor& h, const Tensor& c) const;
  ops::PackedRecurrentResult run(const PackedSequence& input, const Tensor& h, const Tensor& c) const;

 private:
  Tensors weights_;  // each the value of a slot, in the order of ops::recurrent_weights
};

/// Long short-term memory.
/// Shape: (L, N, input_size) → (L, N, D·H), (N, L, …) with batch_first, or without N; D directions, H = proj_size or
/// hidden_size. Throws OptionError, ShapeError, DTypeError. Dropout acts between layers in training.
/// Source: Hochreiter, Schmidhuber 1997; Sak et al. 2014 (arXiv:1402.1128); torch.nn.LSTM.
class LSTMImpl : public RecurrentImpl {
 public:
  LSTMImpl(int64_t input_size, int64_t hidden_size, LSTMOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  ops::RecurrentOptions plan() const override;
  using RecurrentImpl::forward;
  LSTMOutput<Tensor> forward(const Tensor& input, const LSTMState& state) const;
  LSTMOutput<PackedSequence> forward(const PackedSequence& input, const LSTMState& state = {}) const;
  /// forward with the hooks of a call on input and output; an Error that escapes learns this module's name.
  LSTMOutput<Tensor> operator()(const Tensor& input, const LSTMState& state = {});
  LSTMOutput<PackedSequence> operator()(const PackedSequence& input, const LSTMState& state = {});

  LSTMOptions options;
};

/// A network whose state is h alone.
class OneStateImpl : public RecurrentImpl {
 public:
  using RecurrentImpl::forward;
  RecurrentOutput<Tensor> forward(const Tensor& input, const Tensor& state) const;
  RecurrentOutput<PackedSequence> forward(const PackedSequence& input, const Tensor& state = {}) const;
  /// As LSTM's.
  RecurrentOutput<Tensor> operator()(const Tensor& input, const Tensor& state = {});
  RecurrentOutput<PackedSequence> operator()(const PackedSequence& input, const Tensor& state = {});

 protected:
  using RecurrentImpl::RecurrentImpl;
};

/// Gated recurrent units. Shape: as LSTM, H = hidden_size.
/// Source: Cho et al. 2014 (arXiv:1406.1078); torch.nn.GRU.
class GRUImpl : public OneStateImpl {
 public:
  GRUImpl(int64_t input_size, int64_t hidden_size, GRUOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  ops::RecurrentOptions plan() const override;

  GRUOptions options;
};

/// The simple recurrent network h' = tanh(W·x + b + U·h + d), or with relu. Shape: as LSTM, H = hidden_size.
/// Source: Elman 1990; torch.nn.RNN.
class RNNImpl : public OneStateImpl {
 public:
  RNNImpl(int64_t input_size, int64_t hidden_size, RNNOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  ops::RecurrentOptions plan() const override;

  RNNOptions options;
};

class LSTM : public ModuleHolder<LSTMImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  LSTM(int64_t input_size, int64_t hidden_size, LSTMOptions options = {})
      : ModuleHolder(std::in_place, input_size, hidden_size, options) {}
  template <class Sequence>
  LSTMOutput<Sequence> operator()(const Sequence& input, const LSTMState& state = {}) const {
    return (**this)(input, state);
  }
};

class GRU : public ModuleHolder<GRUImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  GRU(int64_t input_size, int64_t hidden_size, GRUOptions options = {})
      : ModuleHolder(std::in_place, input_size, hidden_size, options) {}
};

class RNN : public ModuleHolder<RNNImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  RNN(int64_t input_size, int64_t hidden_size, RNNOptions options = {})
      : ModuleHolder(std::in_place, input_size, hidden_size, std::move(options)) {}
};

namespace utils::rnn {
using ops::pack_padded_sequence;
using ops::pack_sequence;
using ops::PackedSequence;
using ops::pad_packed_sequence;
using ops::pad_sequence;
using ops::unpack_sequence;
using ops::unpad_sequence;
}  // namespace utils::rnn

}  // namespace lamina::nn

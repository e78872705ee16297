// LSTMCell, GRUCell and RNNCell: one step of a recurrent layer, for loops of one's own. Formulas stand in ops/recurrent.h.
//   nn::LSTMCell cell(28, 128);  nn::LSTMState state;
//   for (const Tensor& x : rows) state = cell(x, state);          // x (N, 28): state.h and state.c (N, 128)
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/nn/recurrent.h"

namespace lamina::nn {

/// What LSTMCell and GRUCell take by name. Defaults and order are PyTorch's.
struct CellOptions {
  bool bias = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// What RNNCell takes by name. Defaults and order are PyTorch's.
struct RNNCellOptions {
  bool bias = true;
  std::string nonlinearity = "tanh";  // or "relu"
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// What the three have in common. Source: torch.nn.RNNCellBase.
class CellImpl : public Module {
 public:
  /// Uniform in ±1/√hidden_size, in the order of the weights.
  void reset_parameters() override;
  /// The next h, from zero states.
  Tensor forward(const Tensor& input) override;

  int64_t input_size, hidden_size;
  Tensor weight_ih, weight_hh;  // (G·hidden_size, input_size), (G·hidden_size, hidden_size)
  Tensor bias_ih, bias_hh;      // (G·hidden_size), undefined without the option

 protected:
  CellImpl(ops::Recurrence kind, int64_t input_size, int64_t hidden_size, bool bias, std::optional<DType> dtype);
  virtual ops::Recurrence kind() const = 0;
  ops::RecurrentResult step(const Tensor& input, const Tensor& h, const Tensor& c) const;
};

/// Shape: (N, input_size) or (input_size) → h and c (N, hidden_size) or (hidden_size). Throws ShapeError, DTypeError.
/// Source: torch.nn.LSTMCell.
class LSTMCellImpl : public CellImpl {
 public:
  LSTMCellImpl(int64_t input_size, int64_t hidden_size, CellOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  using CellImpl::forward;
  LSTMState forward(const Tensor& input, const LSTMState& state) const;
  LSTMState operator()(const Tensor& input, const LSTMState& state = {});

  CellOptions options;

 protected:
  ops::Recurrence kind() const override { return ops::Recurrence::Lstm; }
};

/// A cell whose state is h alone.
class OneStateCellImpl : public CellImpl {
 public:
  using CellImpl::forward;
  Tensor forward(const Tensor& input, const Tensor& state) const;
  Tensor operator()(const Tensor& input, const Tensor& state = {});

 protected:
  using CellImpl::CellImpl;
};

/// Shape: (N, input_size) or (input_size) → h (N, hidden_size) or (hidden_size). Throws ShapeError, DTypeError.
/// Source: torch.nn.GRUCell.
class GRUCellImpl : public OneStateCellImpl {
 public:
  GRUCellImpl(int64_t input_size, int64_t hidden_size, CellOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }

  CellOptions options;

 protected:
  ops::Recurrence kind() const override { return ops::Recurrence::Gru; }
};

/// Shape: (N, input_size) or (input_size) → h (N, hidden_size) or (hidden_size). Throws ShapeError, DTypeError; OptionError
/// on a call with another nonlinearity. Source: torch.nn.RNNCell.
class RNNCellImpl : public OneStateCellImpl {
 public:
  RNNCellImpl(int64_t input_size, int64_t hidden_size, RNNCellOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }

  RNNCellOptions options;

 protected:
  ops::Recurrence kind() const override { return ops::recurrence_of(options.nonlinearity); }
};

class LSTMCell : public ModuleHolder<LSTMCellImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  LSTMCell(int64_t input_size, int64_t hidden_size, CellOptions options = {})
      : ModuleHolder(std::in_place, input_size, hidden_size, options) {}
  LSTMState operator()(const Tensor& input, const LSTMState& state = {}) const { return (**this)(input, state); }
};

class GRUCell : public ModuleHolder<GRUCellImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  GRUCell(int64_t input_size, int64_t hidden_size, CellOptions options = {})
      : ModuleHolder(std::in_place, input_size, hidden_size, options) {}
};

class RNNCell : public ModuleHolder<RNNCellImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  RNNCell(int64_t input_size, int64_t hidden_size, RNNCellOptions options = {})
      : ModuleHolder(std::in_place, input_size, hidden_size, std::move(options)) {}
};

}  // namespace lamina::nn

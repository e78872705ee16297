#include "lamina/nn/recurrent_cells.h"

#include <cmath>

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

using ops::Recurrence;

CellImpl::CellImpl(Recurrence kind, int64_t input_size, int64_t hidden_size, bool bias, std::optional<DType> given)
    : input_size(input_size), hidden_size(hidden_size) {
  const DType dtype = given.value_or(default_dtype());
  checked_numel({hidden_size, input_size});
  const int64_t gates = ops::gate_count(kind) * hidden_size;
  bind_parameter("weight_ih", weight_ih, empty({gates, input_size}, dtype));
  bind_parameter("weight_hh", weight_hh, empty({gates, hidden_size}, dtype));
  bind_parameter("bias_ih", bias_ih, bias ? empty({gates}, dtype) : Tensor());
  bind_parameter("bias_hh", bias_hh, bias ? empty({gates}, dtype) : Tensor());
}

void CellImpl::reset_parameters() {
  const double bound = hidden_size > 0 ? 1 / std::sqrt(double(hidden_size)) : 0;
  for (const Tensor& weight : parameters(false)) init::uniform_(weight, -bound, bound);
}

ops::RecurrentResult CellImpl::step(const Tensor& input, const Tensor& h, const Tensor& c) const {
  return ops::recurrent_cell(kind(), input, h, c, weight_ih, weight_hh, bias_ih, bias_hh);
}
Tensor CellImpl::forward(const Tensor& input) { return step(input, {}, {}).h; }

LSTMCellImpl::LSTMCellImpl(int64_t input_size, int64_t hidden_size, CellOptions options)
    : CellImpl(Recurrence::Lstm, input_size, hidden_size, options.bias, options.dtype), options(options) {
  initialize();
}
LSTMState LSTMCellImpl::forward(const Tensor& input, const LSTMState& state) const {
  ops::RecurrentResult r = step(input, state.h, state.c);
  return {std::move(r.h), std::move(r.c)};
}
LSTMState LSTMCellImpl::operator()(const Tensor& input, const LSTMState& state) {
  try {
    return forward(input, state);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

Tensor OneStateCellImpl::forward(const Tensor& input, const Tensor& state) const { return step(input, state, {}).h; }
Tensor OneStateCellImpl::operator()(const Tensor& input, const Tensor& state) {
  try {
    return forward(input, state);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

GRUCellImpl::GRUCellImpl(int64_t input_size, int64_t hidden_size, CellOptions options)
    : OneStateCellImpl(Recurrence::Gru, input_size, hidden_size, options.bias, options.dtype), options(options) {
  initialize();
}

RNNCellImpl::RNNCellImpl(int64_t input_size, int64_t hidden_size, RNNCellOptions given)
    : OneStateCellImpl(Recurrence::Tanh, input_size, hidden_size, given.bias, given.dtype), options(std::move(given)) {
  initialize();
}

// ---- declarations --------------------------------------------------------------------------------------------------

namespace {

template <class L, class O>
Declaration declare_cell(const char* name, const char* formula, const char* source, const char* notes) {
  Declare<L, O> d;
  d.name = name, d.formula = formula, d.source = source;
  d.shape =
      "(N, input_size) or (input_size) → (N, hidden_size) or (hidden_size), as the states; without states from zeros";
  d.notes = std::string(
                "All weights start uniform in ±1/√hidden_size: weight_ih (G·hidden_size, input_size), weight_hh "
                "(G·hidden_size, "
                "hidden_size), bias_ih and bias_hh (G·hidden_size). ") +
            notes;
  d.required = {{"input_size", &L::input_size, "features of the input", Show::Positional},
                {"hidden_size", &L::hidden_size, "features of the state", Show::Positional}};
  std::vector<Option<L, O>> options{{"bias", &O::bias, "learn the biases", Show::IfNotDefault}};
  if constexpr (requires { &O::nonlinearity; })
    options.push_back({"nonlinearity", &O::nonlinearity, "\"tanh\" or \"relu\"", Show::IfNotDefault});
  options.push_back({"device", &O::device, "where the weights live", Show::Never});
  options.push_back({"dtype", &O::dtype, "type of the weights", Show::Never});
  d.options = std::move(options);
  d.construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); };
  return d;
}

}  // namespace

const Declaration& LSTMCellImpl::declared() {
  static const Declaration d = declare_cell<LSTMCellImpl, CellOptions>(
      "LSTMCell", "i, f, o = σ(W·x + b + U·h + d), g = tanh(W·x + b + U·h + d), c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c')",
      "torch.nn.LSTMCell", "G = 4: i, f, g, o. Takes (h, c) and returns the next.");
  return d;
}
const Declaration& GRUCellImpl::declared() {
  static const Declaration d = declare_cell<GRUCellImpl, CellOptions>(
      "GRUCell", "r, z = σ(W·x + b + U·h + d), n = tanh(W·x + b + r ⊙ (U·h + d)), h' = (1 − z) ⊙ n + z ⊙ h",
      "torch.nn.GRUCell", "G = 3: r, z, n.");
  return d;
}
const Declaration& RNNCellImpl::declared() {
  static const Declaration d = declare_cell<RNNCellImpl, RNNCellOptions>(
      "RNNCell", "h' = tanh(W·x + b + U·h + d), or max(·, 0)", "torch.nn.RNNCell", "G = 1.");
  return d;
}

}  // namespace lamina::nn

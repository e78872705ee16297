#include "lamina/nn/recurrent.h"

#include <cmath>

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

using ops::Recurrence;

namespace {

// A probability as PyTorch keeps it: a float, never a bool.
template <class Options>
Options settled(Options options) {
  if (options.dropout.kind() == Scalar::Kind::Bool)
    throw OptionError(
        str("dropout should be a number in range [0, 1] representing the probability of an element being "
            "zeroed, got ",
            options.dropout));
  options.dropout = options.dropout.to_double();
  return options;
}

template <class Options>
ops::RecurrentOptions plan_of(Recurrence kind, int64_t input_size, int64_t hidden_size, const Options& o) {
  ops::RecurrentOptions plan{.kind = kind,
                             .input_size = input_size,
                             .hidden_size = hidden_size,
                             .num_layers = o.num_layers,
                             .bias = o.bias,
                             .batch_first = o.batch_first,
                             .dropout = settled(o).dropout.to_double(),
                             .bidirectional = o.bidirectional,
                             .proj_size = 0};
  if constexpr (requires { o.proj_size; }) plan.proj_size = o.proj_size;
  return plan;
}

// call(input) between the hooks of a call.
template <class Call>
auto with_hooks(Module& module, const Tensor& input, Call call) {
  try {
    if (!module.hooks()) return call(input);
    HookedCall hooked(module, input);
    try {
      auto result = call(hooked.input());
      hooked.finish(result.output);
      return result;
    } catch (...) {
      hooked.fail();
      throw;
    }
  } catch (Error& e) {
    module.note_failure(e);
    throw;
  }
}

template <class Call>
auto named(const Module& module, Call call) {
  try {
    return call();
  } catch (Error& e) {
    module.note_failure(e);
    throw;
  }
}

}  // namespace

// ---- what all have in common ---------------------------------------------------------------------------------------

RecurrentImpl::RecurrentImpl(const ops::RecurrentOptions& plan, std::optional<DType> dtype)
    : input_size(plan.input_size), hidden_size(plan.hidden_size) {
  ops::check_recurrent_options(plan);
  const std::vector<ops::RecurrentWeight> all = ops::recurrent_weights(plan);
  weights_.resize(all.size());
  for (size_t i = 0; i < all.size(); ++i)
    bind_parameter(all[i].name, weights_[i], empty(all[i].shape, dtype.value_or(default_dtype())));
  initialize();
}

void RecurrentImpl::reset_parameters() {
  const double bound = 1 / std::sqrt(double(hidden_size));
  for (const Tensor& weight : parameters(false)) init::uniform_(weight, -bound, bound);
}

std::string RecurrentImpl::extra_repr() const {
  const ops::RecurrentOptions o = plan();
  std::string out = str(input_size, ", ", hidden_size);
  if (o.proj_size != 0) out += str(", proj_size=", o.proj_size);
  if (o.num_layers != 1) out += str(", num_layers=", o.num_layers);
  if (!o.bias) out += ", bias=False";
  if (o.batch_first) out += ", batch_first=True";
  if (o.dropout != 0) out += str(", dropout=", o.dropout);
  if (o.bidirectional) out += ", bidirectional=True";
  return out;
}

std::vector<std::vector<std::string>> RecurrentImpl::weight_names() const {
  const ops::RecurrentOptions o = plan();
  std::vector<std::vector<std::string>> out;
  for (const ops::RecurrentWeight& weight : ops::recurrent_weights(o)) {
    if (out.empty() || out.back().size() == o.weights_each()) out.emplace_back();
    out.back().push_back(weight.name);
  }
  return out;
}

ops::RecurrentResult RecurrentImpl::run(const Tensor& input, const Tensor& h, const Tensor& c) const {
  return ops::recurrent(plan(), input, h, c, weights_, training);
}
ops::PackedRecurrentResult RecurrentImpl::run(const PackedSequence& input, const Tensor& h, const Tensor& c) const {
  return ops::recurrent(plan(), input, h, c, weights_, training);
}
Tensor RecurrentImpl::forward(const Tensor& input) { return run(input, {}, {}).output; }

// ---- LSTM ----------------------------------------------------------------------------------------------------------

LSTMImpl::LSTMImpl(int64_t input_size, int64_t hidden_size, LSTMOptions given)
    : RecurrentImpl(plan_of(Recurrence::Lstm, input_size, hidden_size, given), given.dtype), options(settled(given)) {}

ops::RecurrentOptions LSTMImpl::plan() const { return plan_of(Recurrence::Lstm, input_size, hidden_size, options); }

LSTMOutput<Tensor> LSTMImpl::forward(const Tensor& input, const LSTMState& state) const {
  ops::RecurrentResult r = run(input, state.h, state.c);
  return {std::move(r.output), {std::move(r.h), std::move(r.c)}};
}
LSTMOutput<PackedSequence> LSTMImpl::forward(const PackedSequence& input, const LSTMState& state) const {
  ops::PackedRecurrentResult r = run(input, state.h, state.c);
  return {std::move(r.output), {std::move(r.h), std::move(r.c)}};
}
LSTMOutput<Tensor> LSTMImpl::operator()(const Tensor& input, const LSTMState& state) {
  return with_hooks(*this, input, [&](const Tensor& x) { return forward(x, state); });
}
LSTMOutput<PackedSequence> LSTMImpl::operator()(const PackedSequence& input, const LSTMState& state) {
  return named(*this, [&] { return forward(input, state); });
}

// ---- GRU and RNN ---------------------------------------------------------------------------------------------------

RecurrentOutput<Tensor> OneStateImpl::forward(const Tensor& input, const Tensor& state) const {
  ops::RecurrentResult r = run(input, state, {});
  return {std::move(r.output), std::move(r.h)};
}
RecurrentOutput<PackedSequence> OneStateImpl::forward(const PackedSequence& input, const Tensor& state) const {
  ops::PackedRecurrentResult r = run(input, state, {});
  return {std::move(r.output), std::move(r.h)};
}
RecurrentOutput<Tensor> OneStateImpl::operator()(const Tensor& input, const Tensor& state) {
  return with_hooks(*this, input, [&](const Tensor& x) { return forward(x, state); });
}
RecurrentOutput<PackedSequence> OneStateImpl::operator()(const PackedSequence& input, const Tensor& state) {
  return named(*this, [&] { return forward(input, state); });
}

GRUImpl::GRUImpl(int64_t input_size, int64_t hidden_size, GRUOptions given)
    : OneStateImpl(plan_of(Recurrence::Gru, input_size, hidden_size, given), given.dtype), options(settled(given)) {}

ops::RecurrentOptions GRUImpl::plan() const { return plan_of(Recurrence::Gru, input_size, hidden_size, options); }

RNNImpl::RNNImpl(int64_t input_size, int64_t hidden_size, RNNOptions given)
    : OneStateImpl(plan_of(ops::recurrence_of(given.nonlinearity), input_size, hidden_size, given), given.dtype),
      options(settled(given)) {}

ops::RecurrentOptions RNNImpl::plan() const {
  return plan_of(ops::recurrence_of(options.nonlinearity), input_size, hidden_size, options);
}

// ---- declarations --------------------------------------------------------------------------------------------------

namespace {

const char kShape[] =
    "(L, N, input_size) → (L, N, D·H), with batch_first (N, L, …), or without N; D directions. The states are "
    "(num_layers·D, N, H) whatever batch_first is. Also a PackedSequence";
const char kNotes[] =
    "All weights start uniform in ±1/√hidden_size: weight_ih_l0 (G·hidden_size, input_size), weight_hh_l0 "
    "(G·hidden_size, H), bias_ih_l0 and bias_hh_l0 (G·hidden_size), then those of the other direction, which end in "
    "_reverse, then those of the next layer. ";

template <class L, class O>
Declaration declare_network(const char* name, const char* formula, const char* source, const char* notes) {
  Declare<L, O> d;
  d.name = name, d.formula = formula, d.source = source;
  d.shape = kShape;
  d.notes = std::string(kNotes) + notes;
  d.required = {{"input_size", &L::input_size, "features of the input", Show::Positional},
                {"hidden_size", &L::hidden_size, "features of the state", Show::Positional}};
  std::vector<Option<L, O>> options{{"num_layers", &O::num_layers, "networks stacked on one another"}};
  if constexpr (requires { &O::nonlinearity; })
    options.push_back({"nonlinearity", &O::nonlinearity, "\"tanh\" or \"relu\""});
  options.push_back({"bias", &O::bias, "learn the biases"});
  options.push_back({"batch_first", &O::batch_first, "input and output are (N, L, …); the states are not"});
  options.push_back({"dropout", &O::dropout, "probability to drop a value between two layers, in training"});
  options.push_back({"bidirectional", &O::bidirectional, "also run from the end to the start, and join both outputs"});
  if constexpr (requires { &O::proj_size; })
    options.push_back({"proj_size", &O::proj_size, "project h to this size, by weight_hr_l0; 0: do not"});
  options.push_back({"device", &O::device, "where the weights live", Show::Never});
  options.push_back({"dtype", &O::dtype, "type of the weights", Show::Never});
  d.options = std::move(options);
  d.construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); };
  return d;
}

}  // namespace

const Declaration& LSTMImpl::declared() {
  static const Declaration d = declare_network<LSTMImpl, LSTMOptions>(
      "LSTM", "i, f, o = σ(W·x + b + U·h + d), g = tanh(W·x + b + U·h + d), c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c')",
      "Hochreiter, Schmidhuber 1997; Sak et al. 2014 (arXiv:1402.1128); torch.nn.LSTM",
      "G = 4: i, f, g, o. Returns (output, (h_n, c_n)).");
  return d;
}
const Declaration& GRUImpl::declared() {
  static const Declaration d = declare_network<GRUImpl, GRUOptions>(
      "GRU", "r, z = σ(W·x + b + U·h + d), n = tanh(W·x + b + r ⊙ (U·h + d)), h' = (1 − z) ⊙ n + z ⊙ h",
      "Cho et al. 2014 (arXiv:1406.1078); torch.nn.GRU", "G = 3: r, z, n. Returns (output, h_n).");
  return d;
}
const Declaration& RNNImpl::declared() {
  static const Declaration d = declare_network<RNNImpl, RNNOptions>(
      "RNN", "h' = tanh(W·x + b + U·h + d), or max(·, 0)", "Elman 1990; torch.nn.RNN", "G = 1. Returns (output, h_n).");
  return d;
}

}  // namespace lamina::nn

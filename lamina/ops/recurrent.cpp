#include "lamina/ops/recurrent.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

const char* recurrence_name(Recurrence kind) {
  return kind == Recurrence::Lstm ? "LSTM" : kind == Recurrence::Gru ? "GRU" : "RNN";
}

Recurrence recurrence_of(std::string_view nonlinearity) {
  if (nonlinearity == "tanh") return Recurrence::Tanh;
  if (nonlinearity == "relu") return Recurrence::Relu;
  throw OptionError(str("Unknown nonlinearity '", nonlinearity, "'. Select from 'tanh' or 'relu'."));
}

int64_t gate_count(Recurrence kind) { return kernels::gate_count(kind); }

// ---- options and weights -------------------------------------------------------------------------------------------

void check_recurrent_options(const RecurrentOptions& o) {
  if (!(o.dropout >= 0 && o.dropout <= 1))
    throw OptionError(
        str("dropout should be a number in range [0, 1] representing the probability of an element being "
            "zeroed, got ",
            o.dropout));
  for (const auto& [what, size] :
       {std::pair{"input_size", o.input_size}, {"hidden_size", o.hidden_size}, {"num_layers", o.num_layers}})
    if (size <= 0) throw OptionError(str(what, " must be greater than zero, got ", size));
  if (o.proj_size < 0)
    throw OptionError(str("proj_size should be a positive integer or zero to disable projections, got ", o.proj_size));
  if (o.proj_size >= o.hidden_size)
    throw OptionError(str("proj_size has to be smaller than hidden_size=", o.hidden_size, ", got ", o.proj_size));
  constexpr int64_t kBytes = 8;  // of a weight: a double
  const int64_t gates = kernels::gate_count(o.kind);
  checked_numel({gates, o.hidden_size}, kBytes);  // so that what follows does not overflow
  checked_numel({o.num_layers, o.directions(), gates * o.hidden_size, std::max(o.input_size, 2 * o.hidden_size)},
                kBytes);
}

std::vector<RecurrentWeight> recurrent_weights(const RecurrentOptions& o) {
  std::vector<RecurrentWeight> all;
  const int64_t gates = kernels::gate_count(o.kind) * o.hidden_size;
  for (int64_t layer = 0; layer < o.num_layers; ++layer)
    for (int64_t d = 0; d < o.directions(); ++d) {
      const std::string suffix = str("_l", layer, d == 1 ? "_reverse" : "");
      all.push_back({"weight_ih" + suffix, {gates, layer == 0 ? o.input_size : o.out() * o.directions()}});
      all.push_back({"weight_hh" + suffix, {gates, o.out()}});
      if (o.bias) all.push_back({"bias_ih" + suffix, {gates}});
      if (o.bias) all.push_back({"bias_hh" + suffix, {gates}});
      if (o.proj_size > 0) all.push_back({"weight_hr" + suffix, {o.proj_size, o.hidden_size}});
    }
  return all;
}

namespace {

bool fits(const Tensor& t, const Shape& shape, DType dtype) {
  return t.defined() && t.dtype() == dtype && t.shape() == shape;
}

// Names and shapes are made only when something is wrong.
void check_weights(const RecurrentOptions& o, const Tensor& input, const Tensors& weights) {
  const int64_t gates = kernels::gate_count(o.kind) * o.hidden_size;
  bool good = weights.size() == size_t(o.num_layers * o.directions()) * o.weights_each();
  for (size_t i = 0; good && i < weights.size(); i += o.weights_each()) {
    const bool first = i < size_t(o.directions()) * o.weights_each();
    good =
        fits(weights[i], {gates, first ? o.input_size : o.out() * o.directions()}, input.dtype()) &&
        fits(weights[i + 1], {gates, o.out()}, input.dtype()) &&
        (!o.bias || (fits(weights[i + 2], {gates}, input.dtype()) && fits(weights[i + 3], {gates}, input.dtype()))) &&
        (o.proj_size == 0 || fits(weights[i + o.weights_each() - 1], {o.proj_size, o.hidden_size}, input.dtype()));
  }
  if (good) return;
  const std::vector<RecurrentWeight> expected = recurrent_weights(o);
  if (weights.size() != expected.size())
    throw Error(str("got ", weights.size(), " weights, expected ", expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    const char* what = expected[i].name.c_str();
    check_defined(what, weights[i]);
    check_same_dtype(input, {{what, &weights[i]}});
    if (weights[i].shape() != expected[i].shape)
      throw ShapeError(str(what, " ", weights[i].shape(), " must be ", expected[i].shape));
  }
}

void check_features(const RecurrentOptions& o, const Tensor& input) {
  if (input.size(-1) == o.input_size) return;
  throw ShapeError(str("input ", input.shape(), " must end in input_size=", o.input_size),
                   str("Did you mean ", recurrence_name(o.kind), "(", input.size(-1), ", ", o.hidden_size, ")?"));
}

void check_input(const RecurrentOptions& o, const Tensor& input) {
  if (input.rank() != 2 && input.rank() != 3)
    throw ShapeError(str("input ", input.shape(), " must be ",
                         o.batch_first ? "(N, L, input_size)" : "(L, N, input_size)", " or (L, input_size), 2D or 3D"));
  check_features(o, input);
  if (input.size(input.rank() == 3 && o.batch_first ? 1 : 0) == 0)
    throw ShapeError(str("input ", input.shape(), " has no time steps: expected a sequence of length 1 or more"));
}

// What the states of a batch must be; batch −1: an input without a batch dimension.
void check_states(const RecurrentOptions& o, const Tensor& input, int64_t batch, const Tensor& h0, const Tensor& c0) {
  for (const Tensor* state : {&h0, &c0}) {
    if (!state->defined()) continue;
    const char* what = o.kind != Recurrence::Lstm ? "hx" : state == &h0 ? "h_0" : "c_0";
    Shape expected{o.num_layers * o.directions()};
    if (batch >= 0) expected.push_back(batch);
    expected.push_back(state == &h0 ? o.out() : o.hidden_size);
    if (state->shape() != expected)
      throw ShapeError(
          str(what, " ", state->shape(), " must be ", expected, ": (num_layers·directions", batch >= 0 ? ", batch" : "",
              state == &h0 && o.proj_size > 0 ? ", proj_size" : ", hidden_size", ") beside input ", input.shape()));
    check_same_dtype(input, {{what, state}});
  }
}

// ---- layers --------------------------------------------------------------------------------------------------------

// The weights of one layer, with undefined ones where it has none.
Tensors layer_weights(const RecurrentOptions& o, const Tensors& all, int64_t layer) {
  Tensors out(size_t(o.directions()) * kLayerWeights);
  for (size_t d = 0; d < size_t(o.directions()); ++d) {
    const size_t from = (size_t(layer * o.directions()) + d) * o.weights_each(), to = d * kLayerWeights;
    for (size_t k = 0; k < (o.bias ? 4u : 2u); ++k) out[to + k] = all[from + k];
    if (o.proj_size > 0) out[to + 4] = all[from + o.weights_each() - 1];
  }
  return out;
}

// All layers over rows packed by time. `states` is the shape of their h after the first dimension, without the last one.
RecurrentResult run(const RecurrentOptions& o, const Times& times, const Tensor& input, const Shape& states,
                    const Tensor& h0, const Tensor& c0, const Tensors& weights, bool training) {
  const int64_t directions = o.directions();
  RecurrentShapes shapes{true, input.shape(), Shape{directions} + states + Shape{o.out()},
                         Shape{directions} + states + Shape{o.hidden_size}};
  shapes.y[-1] = directions * o.out();
  const auto part = [&](const Tensor& state, int64_t layer) {
    return !state.defined() || o.num_layers == 1 ? state : narrow(state, 0, layer * directions, directions);
  };
  Tensors hs, cs;
  Tensor x = input;
  for (int64_t layer = 0; layer < o.num_layers; ++layer) {
    LayerResult r =
        recurrent_layer(o.kind, times, shapes, x, part(h0, layer), part(c0, layer), layer_weights(o, weights, layer));
    x = std::move(r.y);
    if (layer + 1 < o.num_layers) x = dropout(x, o.dropout, training);
    hs.push_back(std::move(r.h));
    cs.push_back(std::move(r.c));
  }
  if (o.num_layers == 1) return {x, hs[0], cs[0]};
  return {x, cat(hs, 0), o.kind == Recurrence::Lstm ? cat(cs, 0) : Tensor()};
}

Tensor widened(const Tensor& t) { return t.defined() ? to(t, kFloat32) : t; }
Tensors widened(const Tensors& all) {
  Tensors out;
  for (const Tensor& t : all) out.push_back(widened(t));
  return out;
}
Tensor narrowed(const Tensor& t, DType dtype) { return t.defined() ? to(t, dtype) : t; }

}  // namespace

RecurrentResult recurrent(const RecurrentOptions& o, const Tensor& input, const Tensor& h0, const Tensor& c0,
                          const Tensors& weights, bool training) {
  check_input(o, input);
  check_weights(o, input, weights);
  const bool batched = input.rank() == 3, swapped = batched && o.batch_first;
  const int64_t batch = batched ? input.size(swapped ? 0 : 1) : 1;
  check_states(o, input, batched ? batch : -1, h0, c0);
  if (is_half(input.dtype())) {
    const RecurrentResult r = recurrent(o, widened(input), widened(h0), widened(c0), widened(weights), training);
    return {to(r.output, input.dtype()), to(r.h, input.dtype()), narrowed(r.c, input.dtype())};
  }
  const Tensor x = swapped ? transpose(input, 0, 1) : input;
  RecurrentResult r = run(o, Times(x.size(0), batch), x, batched ? Shape{batch} : Shape{}, h0, c0, weights, training);
  if (swapped) r.output = transpose(r.output, 0, 1);
  return r;
}

PackedRecurrentResult recurrent(const RecurrentOptions& o, const PackedSequence& input, const Tensor& h0,
                                const Tensor& c0, const Tensors& weights, bool training) {
  const std::vector<int64_t> sizes = checked_batch_sizes(input);
  if (input.data.rank() != 2) throw ShapeError(str("packed input ", input.data.shape(), " must be (rows, input_size)"));
  check_features(o, input.data);
  check_weights(o, input.data, weights);
  const int64_t batch = sizes[0];
  check_states(o, input.data, batch, h0, c0);
  const auto ordered = [](const Tensor& state, const Tensor& order) {
    return state.defined() && order.defined() ? index_select(state, 1, order) : state;
  };
  const Tensor h = ordered(h0, input.sorted_indices), c = ordered(c0, input.sorted_indices);
  RecurrentResult r;
  if (is_half(input.data.dtype())) {
    r = run(o, Times(sizes), widened(input.data), {batch}, widened(h), widened(c), widened(weights), training);
    for (Tensor* t : {&r.output, &r.h, &r.c}) *t = narrowed(*t, input.data.dtype());
  } else {
    r = run(o, Times(sizes), input.data, {batch}, h, c, weights, training);
  }
  return {{r.output, input.batch_sizes, input.sorted_indices, input.unsorted_indices},
          ordered(r.h, input.unsorted_indices),
          ordered(r.c, input.unsorted_indices)};
}

// ---- cells ---------------------------------------------------------------------------------------------------------

namespace {

void check_cell(Recurrence kind, const Tensor& input, const Tensor& h, const Tensor& c, const Tensor& weight_ih,
                const Tensor& weight_hh, const Tensor& bias_ih, const Tensor& bias_hh) {
  check_defined("weight_ih", weight_ih);
  check_defined("weight_hh", weight_hh);
  if (bias_ih.defined() != bias_hh.defined())
    throw Error(str(bias_ih.defined() ? "bias_hh" : "bias_ih", " is missing beside the other bias"));
  if (weight_ih.rank() != 2 || weight_hh.rank() != 2)
    throw ShapeError(str("weight_ih ", weight_ih.shape(), " and weight_hh ", weight_hh.shape(), " must be matrices"));
  const int64_t hidden = weight_hh.size(1), gates = kernels::gate_count(kind) * hidden, in = weight_ih.size(1);
  if (input.rank() != 1 && input.rank() != 2)
    throw ShapeError(str("input ", input.shape(), " must be (N, input_size) or (input_size), 1D or 2D"));
  if (input.size(-1) != in)
    throw ShapeError(str("input ", input.shape(), " must end in input_size=", in),
                     str("Did you mean ", recurrence_name(kind), "Cell(", input.size(-1), ", ", hidden, ")?"));
  const auto check_shape = [](const char* what, const Tensor& t, const Shape& expected) {
    if (t.defined() && t.shape() != expected) throw ShapeError(str(what, " ", t.shape(), " must be ", expected));
  };
  check_shape("weight_ih", weight_ih, {gates, in});
  check_shape("weight_hh", weight_hh, {gates, hidden});
  check_shape("bias_ih", bias_ih, {gates});
  check_shape("bias_hh", bias_hh, {gates});
  check_same_dtype(input, {{"weight_ih", &weight_ih},
                           {"weight_hh", &weight_hh},
                           {"bias_ih", &bias_ih},
                           {"bias_hh", &bias_hh},
                           {"the hidden state", &h},
                           {"the cell state", &c}});
  Shape state = input.shape();
  state[-1] = hidden;
  for (const Tensor* t : {&h, &c})
    if (t->defined() && t->shape() != state)
      throw ShapeError(str(t == &c ? "the cell state " : "the hidden state ", t->shape(), " must be ", state,
                           " beside input ", input.shape()));
}

}  // namespace

RecurrentResult recurrent_cell(Recurrence kind, const Tensor& input, const Tensor& h, const Tensor& c,
                               const Tensor& weight_ih, const Tensor& weight_hh, const Tensor& bias_ih,
                               const Tensor& bias_hh) {
  check_cell(kind, input, h, c, weight_ih, weight_hh, bias_ih, bias_hh);
  if (is_half(input.dtype())) {
    const RecurrentResult r = recurrent_cell(kind, widened(input), widened(h), widened(c), widened(weight_ih),
                                             widened(weight_hh), widened(bias_ih), widened(bias_hh));
    return {{}, to(r.h, input.dtype()), narrowed(r.c, input.dtype())};
  }
  Shape state = input.shape();
  state[-1] = weight_hh.size(1);
  const int64_t batch = input.rank() == 2 ? input.size(0) : 1;
  LayerResult r = recurrent_layer(kind, Times(1, batch), {false, {}, state, state}, input, h, c,
                                  {weight_ih, weight_hh, bias_ih, bias_hh, Tensor()});
  return {{}, std::move(r.h), std::move(r.c)};
}

}  // namespace lamina::ops

#include "lamina/ops/recurrent_layer.h"

#include <algorithm>

#include "lamina/core/threads.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/gemm.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"

namespace lamina::ops {

Times::Times(const std::vector<int64_t>& sizes) : count_(int64_t(sizes.size())), batch_(sizes.empty() ? 0 : sizes[0]) {
  std::vector<int64_t> offsets{0};
  offsets.reserve(sizes.size() + 1);
  for (const int64_t size : sizes) offsets.push_back(offsets.back() + size);
  offsets_ = std::make_shared<const std::vector<int64_t>>(std::move(offsets));
}

namespace {

// The parts of `weights` that belong to one direction, contiguous and without history.
struct Weights {
  Tensor ih, hh, bias_ih, bias_hh, hr;
  Weights(const Tensors& all, size_t direction) {
    const auto part = [&](size_t k) {
      const Tensor& t = all[direction * kLayerWeights + k];
      return t.defined() ? contiguous(t.detach()) : t;
    };
    ih = part(0), hh = part(1), bias_ih = part(2), bias_hh = part(3), hr = part(4);
  }
};

// What a direction keeps for its backward; see kernels::RecurrentForward.
struct Kept { Tensor gates, h_before, c_before, tanh_c, hidden_n; };

// Everything about a layer that is not a value.
struct Layer {
  Recurrence kind;
  Times times;
  RecurrentShapes shapes;
  int64_t directions, in, hidden, out;
  DType dtype;

  Layer(Recurrence kind, const Times& times, const RecurrentShapes& shapes, const Tensor& input, const Tensors& weights)
      : kind(kind),
        times(times),
        shapes(shapes),
        directions(int64_t(weights.size() / kLayerWeights)),
        in(input.size(-1)),
        hidden(weights[0].size(0) / kernels::gate_count(kind)),
        out(weights[1].size(1)),
        dtype(input.dtype()) {}
  int64_t gates() const { return kernels::gate_count(kind) * hidden; }
  int64_t rows() const { return times.steps().rows(); }
  int64_t batch() const { return times.batch(); }
  bool is_lstm() const { return kind == Recurrence::Lstm; }
  bool is_gru() const { return kind == Recurrence::Gru; }
  bool projected() const { return out != hidden; }
  Tensor buffer(int64_t rows, int64_t cols) const { return empty({rows, cols}, dtype); }
  Tensor buffer_if(bool wanted, int64_t rows, int64_t cols) const { return wanted ? buffer(rows, cols) : Tensor(); }
  kernels::RecurrentShape kernel_shape(int64_t direction) const {
    return {kind, times.steps(), direction == 1, hidden, out};
  }
  // Both directions at once where a step is too small for several threads. By shape, as all cuts.
  int64_t grain() const {
    constexpr int64_t kSmallStep = 1 << 22, kWorthAThread = 1 << 18;
    const double step = double(batch()) * double(gates()) * double(out);
    return step < kSmallStep && step * double(times.steps().count) > kWorthAThread ? 1 : 2;
  }
};

Tensor filled_state(const Shape& shape, const Tensor& first, DType dtype) {
  const Tensor state = first.defined() ? empty(shape, dtype) : zeros(shape, dtype);
  if (first.defined()) copy_values(state, first);
  return state;
}

// The biases of both products together; of GRU those of n apart, because r multiplies only the second.
template <class T>
Tensor joint_bias(const Layer& l, const Weights& w) {
  const Tensor bias = zeros({l.is_gru() ? 4 * l.hidden : l.gates()}, l.dtype);
  if (!w.bias_ih.defined()) return bias;
  const T *a = w.bias_ih.data<T>(), *b = w.bias_hh.data<T>();
  T* to = bias.data<T>();
  const int64_t added = l.is_gru() ? 2 * l.hidden : l.gates();
  for (int64_t j = 0; j < added; ++j) to[j] = a[j] + b[j];
  for (int64_t j = added; j < l.gates(); ++j) to[j] = a[j], to[j + l.hidden] = b[j];
  return bias;
}

template <class T>
LayerResult forward(const Layer& l, const Tensor& input, const Tensor& h0, const Tensor& c0, const Tensors& weights,
                    std::vector<Kept>* kept) {
  const Tensor x = contiguous(input.detach());
  const int64_t rows = l.rows(), step = l.batch() * l.out, cells = l.batch() * l.hidden;
  LayerResult result{filled_state(l.shapes.h, h0, l.dtype), {}, {}};
  if (l.is_lstm()) result.c = filled_state(l.shapes.c, c0, l.dtype);
  if (l.shapes.output) result.y = empty(l.shapes.y, l.dtype);
  std::vector<kernels::RecurrentForward<T>> calls;
  std::vector<Tensor> alive;
  for (int64_t d = 0; d < l.directions; ++d) {
    const Weights w(weights, size_t(d));
    Kept k{.gates = l.buffer(rows, l.gates()),
           .h_before = l.buffer_if(kept, rows, l.out),
           .c_before = l.buffer_if(kept && l.is_lstm(), rows, l.hidden),
           .tanh_c = l.buffer_if(kept && l.is_lstm(), rows, l.hidden),
           .hidden_n = l.buffer_if(kept && l.is_gru(), rows, l.hidden)};
    const Tensor bias = joint_bias<T>(l, w);
    const Tensor scratch = l.buffer_if(l.is_gru() || l.projected(), l.batch(), l.is_gru() ? l.gates() : l.hidden);
    kernels::gemm(false, true, rows, l.gates(), l.in, T(1), x.data<T>(), l.in, w.ih.template data<T>(), l.in, T(0),
                  k.gates.template data<T>(), l.gates());
    calls.push_back({.gates = k.gates.template data<T>(),
                     .bias = bias.data<T>(),
                     .w_hidden = w.hh.template data<T>(),
                     .w_project = w.hr.template data_or_null<T>(),
                     .zero_state = !h0.defined(),
                     .h = result.h.template data<T>() + d * step,
                     .c = l.is_lstm() ? result.c.template data<T>() + d * cells : nullptr,
                     .y = l.shapes.output ? result.y.template data<T>() + d * l.out : nullptr,
                     .y_stride = l.directions * l.out,
                     .h_before = k.h_before.template data_or_null<T>(),
                     .c_before = k.c_before.template data_or_null<T>(),
                     .tanh_c = k.tanh_c.template data_or_null<T>(),
                     .hidden_n = k.hidden_n.template data_or_null<T>(),
                     .scratch = scratch.data_or_null<T>()});
    for (const Tensor& t : {w.hh, w.hr, bias, scratch, k.gates}) alive.push_back(t);
    if (kept) kept->push_back(std::move(k));
  }
  parallel_for(l.directions, l.grain(), [&](int64_t from, int64_t to) {
    for (int64_t d = from; d < to; ++d) kernels::recurrent_forward(l.kernel_shape(d), calls[size_t(d)]);
  });
  return result;
}

// What a direction's kernel leaves for the products that follow it.
struct Gradients { Tensor gates, hidden_gates, projected, dprojected; };

template <class T>
std::vector<Gradients> run_backward(const Layer& l, const Backward& g, const Tensors& weights,
                                    const std::vector<Kept>& kept, const Tensor& dh, const Tensor& dc) {
  const size_t last = l.is_lstm() ? 2 : 1;
  const Tensor dy = l.shapes.output && g.grads[last].defined() ? contiguous(g.grads[last].detach()) : Tensor();
  const int64_t rows = l.rows();
  std::vector<Gradients> out;
  std::vector<kernels::RecurrentBackward<T>> calls;
  std::vector<Tensor> alive;
  for (int64_t d = 0; d < l.directions; ++d) {
    const Weights w(weights, size_t(d));
    const Kept& k = kept[size_t(d)];
    out.push_back({.gates = l.buffer(rows, l.gates()),
                   .hidden_gates = l.buffer_if(l.is_gru(), rows, l.gates()),
                   .projected = l.buffer_if(l.projected(), rows, l.hidden),
                   .dprojected = l.buffer_if(l.projected(), rows, l.out)});
    const Tensor scratch = l.buffer_if(l.projected(), l.batch(), l.hidden);
    calls.push_back({.gates = k.gates.data<T>(),
                     .h_before = k.h_before.data<T>(),
                     .c_before = k.c_before.data_or_null<T>(),
                     .tanh_c = k.tanh_c.data_or_null<T>(),
                     .hidden_n = k.hidden_n.data_or_null<T>(),
                     .w_hidden = w.hh.template data<T>(),
                     .w_project = w.hr.template data_or_null<T>(),
                     .dy = dy.defined() ? dy.data<T>() + d * l.out : nullptr,
                     .dy_stride = l.directions * l.out,
                     .first_state = g.needs(1),
                     .dh = dh.data<T>() + d * l.batch() * l.out,
                     .dc = l.is_lstm() ? dc.data<T>() + d * l.batch() * l.hidden : nullptr,
                     .dgates = out.back().gates.template data<T>(),
                     .dhidden_gates = out.back().hidden_gates.template data_or_null<T>(),
                     .projected = out.back().projected.template data_or_null<T>(),
                     .dprojected = out.back().dprojected.template data_or_null<T>(),
                     .scratch = scratch.data_or_null<T>()});
    for (const Tensor& t : {w.hh, w.hr, scratch}) alive.push_back(t);
  }
  parallel_for(l.directions, l.grain(), [&](int64_t from, int64_t to) {
    for (int64_t d = from; d < to; ++d) kernels::recurrent_backward(l.kernel_shape(d), calls[size_t(d)]);
  });
  return out;
}

// aᵀ·b for a (rows, m) and b (rows, n), of the shape of `like`
template <class T>
Tensor weight_gradient(const Tensor& a, const Tensor& b, int64_t rows, const Tensor& like) {
  const int64_t m = like.size(0), n = like.size(1);
  const Tensor d = empty({m, n}, like.dtype());
  kernels::gemm(true, false, m, n, rows, T(1), a.data<T>(), m, b.data<T>(), n, T(0), d.data<T>(), n);
  return d;
}

template <class T>
Tensors backward(const Layer& l, const Backward& g, const Tensor& input, const Tensors& weights,
                 const std::vector<Kept>& kept) {
  const Tensor dh = filled_state(l.shapes.h, g.grads[0], l.dtype);
  const Tensor dc = l.is_lstm() ? filled_state(l.shapes.c, g.grads[1], l.dtype) : Tensor();
  const std::vector<Gradients> found = run_backward<T>(l, g, weights, kept, dh, dc);
  const Tensor x = contiguous(input.detach());
  const int64_t rows = l.rows();
  Tensors d(3 + weights.size());
  if (g.needs(0)) d[0] = empty(input.shape(), l.dtype);
  if (g.needs(1)) d[1] = dh;
  if (g.needs(2)) d[2] = dc;
  for (size_t k = 0; k < found.size(); ++k) {
    const Weights w(weights, k);
    const Gradients& f = found[k];
    const Tensor& hidden_gates = l.is_gru() ? f.hidden_gates : f.gates;
    const size_t first = 3 + k * kLayerWeights;
    if (g.needs(0))
      kernels::gemm(false, false, rows, l.in, l.gates(), T(1), f.gates.data<T>(), l.gates(), w.ih.template data<T>(),
                    l.in, T(k == 0 ? 0 : 1), d[0].template data<T>(), l.in);
    if (g.needs(first)) d[first] = weight_gradient<T>(f.gates, x, rows, w.ih);
    if (g.needs(first + 1)) d[first + 1] = weight_gradient<T>(hidden_gates, kept[k].h_before, rows, w.hh);
    if (g.needs(first + 2)) d[first + 2] = sum_to(f.gates, {l.gates()});
    if (g.needs(first + 3))
      d[first + 3] = l.is_gru() || !g.needs(first + 2) ? sum_to(hidden_gates, {l.gates()}) : clone(d[first + 2]);
    if (g.needs(first + 4)) d[first + 4] = weight_gradient<T>(f.dprojected, f.projected, rows, w.hr);
  }
  return d;
}

const char* node_name(Recurrence kind) {
  switch (kind) {
    case Recurrence::Lstm: return "LstmBackward0";
    case Recurrence::Gru: return "GruBackward0";
    case Recurrence::Relu: return "RnnReluBackward0";
    default: return "RnnTanhBackward0";
  }
}

// Makes the results outputs of one node, whose backward is f.
template <class F>
void record_results(const char* name, const LayerResult& r, const Tensors& inputs, F f) {
  Tensors outputs;
  for (const Tensor& t : {r.h, r.c, r.y})
    if (t.defined()) outputs.push_back(t);
  const NodeRef node(new FunctionNode<F>(name, uint32_t(outputs.size()), std::move(f)));
  node->edges.reserve(inputs.size());
  for (const Tensor& t : inputs) node->edges.push_back(gradient_edge(t));
  for (size_t i = 0; i < outputs.size(); ++i) set_history(outputs[i], node, uint16_t(i));
}

}  // namespace

LayerResult recurrent_layer(Recurrence kind, const Times& times, const RecurrentShapes& shapes, const Tensor& input,
                            const Tensor& h0, const Tensor& c0, const Tensors& weights) {
  const Layer l(kind, times, shapes, input, weights);
  const bool record = needs_grad(weights) || needs_grad(input, h0, c0);
  std::vector<Kept> kept;
  const LayerResult result = dispatch_real(l.dtype, "a recurrent layer", [&]<class T>() {
    return forward<T>(l, input, h0, c0, weights, record ? &kept : nullptr);
  });
  if (!record) return result;
  Tensors inputs{input, h0, c0};
  for (const Tensor& w : weights) inputs.push_back(w);
  std::vector<Saved> saved;
  saved.reserve(inputs.size());
  for (const Tensor& t : inputs) saved.emplace_back(t);
  record_results(node_name(kind), result, inputs,
                 [l, saved = std::move(saved), kept = std::move(kept)](const Backward& g) -> Tensors {
                   Tensors in;
                   for (const Saved& s : saved) in.push_back(s.get());
                   if (g.create_graph)
                     return differentiate(g, in, [&](const Tensors& apart) {
                       return recurrent_layer_plain(l.kind, l.times, l.shapes, apart);
                     });
                   const Tensors weights(in.begin() + 3, in.end());
                   return dispatch_real(l.dtype, "a recurrent layer",
                                        [&]<class T>() { return backward<T>(l, g, in[0], weights, kept); });
                 });
  return result;
}

}  // namespace lamina::ops

#include "lamina/ops/activation.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linear.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/recurrent_layer.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

struct State { Tensor h, c; };  // (n, out), (n, hidden)

Tensor rows_of(const Tensor& t, int64_t from, int64_t count) {
  return from == 0 && count == t.size(0) ? t : narrow(t, 0, from, count);
}

// `now` in the first rows, the others as they were.
Tensor updated(const Tensor& before, const Tensor& now) {
  const int64_t n = now.size(0), all = before.size(0);
  return n == all ? now : cat({now, narrow(before, 0, n, all - n)}, 0);
}

// The next state of n rows; x = Wx + b_ih, h = Uh + b_hh.
State next(Recurrence kind, const Tensor& x, const Tensor& h, const State& state, const Tensor& project) {
  switch (kind) {
    case Recurrence::Tanh: return {tanh(add(x, h)), {}};
    case Recurrence::Relu: return {relu(add(x, h)), {}};
    case Recurrence::Gru: {
      const Tensors a = chunk(x, 3, 1), b = chunk(h, 3, 1);
      const Tensor r = sigmoid(add(a[0], b[0])), z = sigmoid(add(a[1], b[1])), n = tanh(add(a[2], mul(r, b[2])));
      return {add(n, mul(z, sub(state.h, n))), {}};
    }
    default: break;
  }
  const Tensors gates = chunk(add(x, h), 4, 1);
  const Tensor c = add(mul(sigmoid(gates[1]), state.c), mul(sigmoid(gates[0]), tanh(gates[2])));
  const Tensor out = mul(sigmoid(gates[3]), tanh(c));
  return {project.defined() ? linear(out, project) : out, c};
}

Tensor first_state(const Tensor& given, int64_t directions, int64_t d, int64_t batch, int64_t size, DType dtype) {
  if (!given.defined()) return zeros({batch, size}, dtype);
  return select(reshape(given, {directions, batch, size}), 0, d);
}

}  // namespace

Tensors recurrent_layer_plain(Recurrence kind, const Times& times, const RecurrentShapes& shapes, const Tensors& in) {
  const kernels::Steps steps = times.steps();
  const int64_t directions = int64_t((in.size() - 3) / kLayerWeights);
  const Tensor x = reshape(in[0], {steps.rows(), in[0].size(-1)});
  const bool lstm = kind == Recurrence::Lstm;
  Tensors ys, hs, cs;
  for (int64_t d = 0; d < directions; ++d) {
    const auto weight = [&](size_t k) -> const Tensor& { return in[3 + size_t(d) * kLayerWeights + k]; };
    const Tensor gates = linear(x, weight(0), weight(2));
    const int64_t hidden = weight(0).size(0) / kernels::gate_count(kind), out = weight(1).size(1);
    State state{first_state(in[1], directions, d, steps.batch, out, x.dtype()),
                lstm ? first_state(in[2], directions, d, steps.batch, hidden, x.dtype()) : Tensor()};
    Tensors y(static_cast<size_t>(steps.count));
    for (int64_t k = 0; k < steps.count; ++k) {
      const int64_t t = d == 1 ? steps.count - 1 - k : k, n = steps.size(t);
      const State now{rows_of(state.h, 0, n), lstm ? rows_of(state.c, 0, n) : Tensor()};
      const State then =
          next(kind, rows_of(gates, steps.offset(t), n), linear(now.h, weight(1), weight(3)), now, weight(4));
      y[size_t(t)] = then.h;
      state.h = updated(state.h, then.h);
      if (lstm) state.c = updated(state.c, then.c);
    }
    ys.push_back(cat(y, 0));
    hs.push_back(state.h);
    cs.push_back(state.c);
  }
  Tensors results{reshape(cat(hs, 0), shapes.h)};
  if (lstm) results.push_back(reshape(cat(cs, 0), shapes.c));
  if (shapes.output) results.push_back(reshape(cat(ys, 1), shapes.y));
  return results;
}

}  // namespace lamina::ops

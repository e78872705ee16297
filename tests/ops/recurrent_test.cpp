// What no case can say about recurrent layers: the naive steps at awkward sizes, first and second derivatives with states
// and lengths, the C++ interface, threads, extreme values.
#include "lamina/ops/recurrent.h"

#include "lamina/autograd/gradcheck.h"
#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/nn/recurrent.h"
#include "lamina/nn/recurrent_cells.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "tests/reference/recurrent.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using ops::Recurrence;
using testing::error;
using testing::noise;
using testing::same_bits;

constexpr Recurrence kAll[] = {Recurrence::Lstm, Recurrence::Gru, Recurrence::Tanh, Recurrence::Relu};

// Small weights: with those of variance 1 a network is chaotic.
Tensors weights_of(const ops::RecurrentOptions& o, DType dtype = kFloat64) {
  Tensors out;
  for (const ops::RecurrentWeight& w : ops::recurrent_weights(o))
    out.push_back(ops::mul(noise(w.shape, 20 + out.size(), dtype), 0.5 / std::sqrt(double(w.shape.back()))));
  return out;
}

reference::Cell naive_step(Recurrence kind, const reference::CellWeights& w, const double* x,
                           const reference::Cell& state, int64_t in, int64_t hidden) {
  if (kind == Recurrence::Lstm) return reference::lstm(w, x, state, in, hidden);
  if (kind == Recurrence::Gru) return reference::gru(w, x, state, in, hidden);
  return reference::rnn(w, x, state, in, hidden, kind == Recurrence::Relu);
}

// (L, N, hidden) of a single layer, sequence after sequence.
Tensor naive(const ops::RecurrentOptions& o, const Tensor& x, const Tensors& weights) {
  const int64_t length = x.size(0), batch = x.size(1), hidden = o.hidden_size;
  Tensor y = empty({length, batch, hidden}, kFloat64);
  const reference::CellWeights w{weights[0].data<double>(), weights[1].data<double>(), weights[2].data<double>(),
                                 weights[3].data<double>()};
  for (int64_t b = 0; b < batch; ++b) {
    reference::Cell state{std::vector<double>(size_t(hidden)), std::vector<double>(size_t(hidden))};
    for (int64_t t = 0; t < length; ++t) {
      state = naive_step(o.kind, w, x.data<double>() + (t * batch + b) * o.input_size, state, o.input_size, hidden);
      std::copy(state.h.begin(), state.h.end(), y.data<double>() + (t * batch + b) * hidden);
    }
  }
  return y;
}

TEST(Recurrent, AgreesWithTheNaiveFormula) {
  for (const Recurrence kind : kAll)
    for (const int64_t hidden : {1, 3, 4, 7, 8, 9, 16, 33})
      for (const int64_t batch : {1, 2, 70}) {
        const ops::RecurrentOptions o{.kind = kind, .input_size = 5, .hidden_size = hidden};
        const Tensor x = noise({6, batch, 5});
        const Tensors w = weights_of(o);
        const Tensor want = naive(o, x, w);
        SCOPED_TRACE(str(ops::recurrence_name(kind), " ", hidden, " x ", batch));
        EXPECT_LE(error(ops::recurrent(o, x, {}, {}, w, false).output, want), 1e-14);
        Tensors narrow;
        for (const Tensor& t : w) narrow.push_back(ops::to(t, kFloat32));
        const Tensor y = ops::recurrent(o, ops::to(x, kFloat32), {}, {}, narrow, false).output;
        EXPECT_LE(error(ops::to(y, kFloat64), want), 2e-6);
      }
}

TEST(Recurrent, KeepingForTheBackwardChangesNoBit) {
  for (const Recurrence kind : kAll) {
    const ops::RecurrentOptions o{.kind = kind, .input_size = 5, .hidden_size = 9, .bidirectional = true};
    Tensors w = weights_of(o);
    const Tensor x = noise({6, 3, 5}), without = ops::recurrent(o, x, {}, {}, w, false).output;
    for (Tensor& t : w) t = t.detach().requires_grad_();
    EXPECT_TRUE(same_bits(ops::recurrent(o, x, {}, {}, w, false).output, without));
  }
}

// ---- derivatives ---------------------------------------------------------------------------------------------------

struct Setting {
  ops::RecurrentOptions options;
  std::vector<int64_t> lengths;  // none: no packing
};

std::vector<Setting> settings() {
  std::vector<Setting> out;
  for (const Recurrence kind : kAll) {
    if (kind == Recurrence::Relu) continue;  // its corners are no place for finite differences
    const ops::RecurrentOptions plain{.kind = kind, .input_size = 2, .hidden_size = 3};
    ops::RecurrentOptions both = plain;
    both.bidirectional = true, both.num_layers = 2;
    out.push_back({plain, {}});
    out.push_back({both, {}});
    out.push_back({both, {1, 3, 2}});
  }
  out.push_back({{.input_size = 2, .hidden_size = 3, .bidirectional = true, .proj_size = 2}, {2, 3}});
  return out;
}

Tensors as_leaves(Tensors all) {
  for (Tensor& t : all) t = ops::clone(t.detach()).requires_grad_();
  return all;
}

// The function of a setting and the inputs to check it at: x, h0[, c0], weights.
std::pair<TensorsFunction, Tensors> problem(const Setting& s) {
  const ops::RecurrentOptions o = s.options;
  const bool lstm = o.kind == Recurrence::Lstm;
  const int64_t batch = s.lengths.empty() ? 2 : int64_t(s.lengths.size()), rows = o.num_layers * o.directions();
  Tensors in{noise({3, batch, o.input_size}), noise({rows, batch, o.out()}, 2)};
  if (lstm) in.push_back(noise({rows, batch, o.hidden_size}, 3));
  const size_t first = in.size();
  for (const Tensor& w : weights_of(o)) in.push_back(w);
  const auto f = [=](const Tensors& in) -> Tensors {
    const Tensors weights(in.begin() + int64_t(first), in.end());
    const Tensor c0 = lstm ? in[2] : Tensor();
    Tensors out;
    if (s.lengths.empty()) {
      const ops::RecurrentResult r = ops::recurrent(o, in[0], in[1], c0, weights, false);
      out = {r.output, r.h, r.c};
    } else {
      const auto packed = ops::pack_padded_sequence(in[0], ops::tensor(s.lengths), false, false);
      const auto r = ops::recurrent(o, packed, in[1], c0, weights, false);
      out = {r.output.data, r.h, r.c};
    }
    if (!lstm) out.pop_back();
    return out;
  };
  return {f, as_leaves(in)};
}

TEST(Recurrent, Gradcheck) {
  for (const Setting& s : settings()) {
    SCOPED_TRACE(str(ops::recurrence_name(s.options.kind), " layers ", s.options.num_layers));
    const auto [f, inputs] = problem(s);
    EXPECT_TRUE(gradcheck(f, inputs));
  }
}

TEST(Recurrent, GradgradcheckOfTheSmallest) {
  for (const Recurrence kind : {Recurrence::Lstm, Recurrence::Gru, Recurrence::Tanh})
    for (const std::vector<int64_t>& lengths : {std::vector<int64_t>{}, {1, 2}}) {
      SCOPED_TRACE(ops::recurrence_name(kind));
      const auto [f, inputs] = problem({{.kind = kind, .input_size = 1, .hidden_size = 2}, lengths});
      EXPECT_TRUE(gradgradcheck(f, inputs));
    }
  const auto [f, inputs] = problem({{.input_size = 1, .hidden_size = 2, .bidirectional = true, .proj_size = 1}, {}});
  EXPECT_TRUE(gradgradcheck(f, inputs));
}

TEST(Recurrent, TheKernelsGradientIsThePlainFormulas) {
  for (const Setting& s : settings()) {
    const auto [f, inputs] = problem(s);
    Tensors cotangents;
    const Tensors outputs = f(inputs);
    for (const Tensor& y : outputs) cotangents.push_back(noise(y.shape(), 60 + cotangents.size()));
    const Tensors fused = grad(outputs, inputs, cotangents, {.retain_graph = true});
    const Tensors plain = grad(outputs, inputs, cotangents, {.create_graph = true});
    for (size_t i = 0; i < fused.size(); ++i) EXPECT_LE(error(fused[i], plain[i]), 1e-12) << "input " << i;
  }
}

// ---- threads, extremes ---------------------------------------------------------------------------------------------

TEST(Recurrent, ThreadsChangeNoBit) {
  const int before = num_threads();
  for (const Recurrence kind : kAll) {
    const ops::RecurrentOptions o{
        .kind = kind, .input_size = 40, .hidden_size = 96, .num_layers = 2, .bidirectional = true};
    Tensors in = as_leaves(weights_of(o, kFloat32));
    const Tensor x = noise({12, 130, 40}, 1, kFloat32);
    std::vector<Tensors> found;
    for (const int threads : {1, 2, 5}) {
      set_num_threads(threads);
      const Tensor y = ops::recurrent(o, x, {}, {}, in, false).output;
      Tensors all = grad({y}, in, {noise(y.shape(), 9, kFloat32)});
      all.push_back(y);
      found.push_back(all);
    }
    for (size_t i = 0; i < found[0].size(); ++i) {
      EXPECT_TRUE(same_bits(found[0][i], found[1][i])) << i;
      EXPECT_TRUE(same_bits(found[0][i], found[2][i])) << i;
    }
  }
  set_num_threads(before);
}

TEST(Recurrent, GatesHoldAtTheEndsOfTheLine) {
  // a cell of one gate value each: x passes straight through
  for (const double x : {0.0, 1e-300, 1e-12, 1e-4, 0.3, 0.35, 5.0, 19.0, 40.0, 800.0, HUGE_VAL}) {
    for (const double sign : {1.0, -1.0}) {
      const Tensor one = ops::ones({1, 1}, kFloat64), in = ops::full({1, 1}, sign * x, kFloat64);
      const Tensor y = ops::recurrent_cell(Recurrence::Tanh, in, {}, {}, one, ops::zeros({1, 1}, kFloat64)).h;
      EXPECT_NEAR(*y.data<double>(), std::tanh(sign * x), 4e-16 * std::abs(std::tanh(x))) << sign * x;
      const Tensor narrow = ops::recurrent_cell(Recurrence::Tanh, ops::to(in, kFloat32), {}, {}, ops::to(one, kFloat32),
                                                ops::zeros({1, 1}, kFloat32))
                                .h;
      EXPECT_NEAR(*narrow.data<float>(), std::tanh(float(sign * x)), 2.5e-7f * std::abs(std::tanh(float(x))))
          << sign * x;
    }
  }
}

TEST(Recurrent, ANaNStays) {
  for (const Recurrence kind : kAll) {
    const ops::RecurrentOptions o{.kind = kind, .input_size = 2, .hidden_size = 9};
    const Tensor x = ops::zeros({3, 2, 2}, kFloat64);
    x.data<double>()[4] = NAN;  // time 1, sequence 0
    const Tensor y = ops::recurrent(o, x, {}, {}, weights_of(o), false).output;
    for (int64_t t = 0; t < 3; ++t)
      for (int64_t b = 0; b < 2; ++b)
        for (int64_t j = 0; j < 9; ++j)
          EXPECT_EQ(std::isnan(y.data<double>()[(t * 2 + b) * 9 + j]), b == 0 && t >= 1) << t << " " << b << " " << j;
  }
}

// ---- the C++ interface ---------------------------------------------------------------------------------------------

TEST(LSTM, OutputAndStateComeApart) {
  const nn::LSTM lstm(3, 4, {.num_layers = 2, .batch_first = true, .bidirectional = true, .dtype = kFloat64});
  const Tensor x = noise({2, 5, 3});
  const auto [output, state] = lstm(x);
  EXPECT_EQ(output.shape(), (Shape{2, 5, 8}));
  EXPECT_EQ(state.h.shape(), (Shape{4, 2, 4}));
  const auto [more, last] = lstm(x, state);
  EXPECT_EQ(last.c.shape(), (Shape{4, 2, 4}));
  EXPECT_GT(error(more, output), 1e-3);
  EXPECT_TRUE(same_bits((*nn::ModuleRef(lstm))(x), output));  // as one of a Sequential: the output alone
}

TEST(LSTM, ACellsLoopIsALayer) {
  const nn::LSTM lstm(3, 4, {.dtype = kFloat64});
  const nn::LSTMCell cell(3, 4, {.dtype = kFloat64});
  cell->load_state_dict({{"weight_ih", lstm->parameters()[0]},
                         {"weight_hh", lstm->parameters()[1]},
                         {"bias_ih", lstm->parameters()[2]},
                         {"bias_hh", lstm->parameters()[3]}});
  const Tensor x = noise({5, 2, 3});
  nn::LSTMState state;
  for (int64_t t = 0; t < 5; ++t) state = cell(x[t], state);
  EXPECT_LE(error(state.h, lstm(x).state.h[0]), 1e-15);
  EXPECT_LE(error(state.c, lstm(x).state.c[0]), 1e-15);
}

TEST(LSTM, TakesPackedSequencesAndHooks) {
  nn::LSTM lstm(3, 4, {.dtype = kFloat64});
  const auto packed = nn::utils::rnn::pack_sequence({noise({2, 3}), noise({5, 3}, 2)}, false);
  const auto [output, state] = lstm(packed);
  const Tensors apart = nn::utils::rnn::unpack_sequence(output);
  EXPECT_LE(error(apart[1], lstm(noise({5, 3}, 2)).output), 1e-15);
  EXPECT_LE(error(state.h[0][0], apart[0][1]), 0);
  lstm->register_forward_hook([](nn::Module&, const Tensor&, const Tensor& y) { return ops::mul(y, 0); });
  EXPECT_EQ(testing::dot(lstm(noise({5, 3})).output, ops::ones({5, 4}, kFloat64)), 0);
}

TEST(LSTM, ErrorsNameTheLayer) {
  const nn::LSTM lstm(3, 4);
  try {
    lstm(ops::zeros({5, 2, 3}), {ops::zeros({1, 3, 4}), ops::zeros({1, 2, 4})});
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_STREQ(e.what(),
                 "LSTM(3, 4): h_0 (1, 3, 4) must be (1, 2, 4): (num_layers·directions, batch, hidden_size) beside "
                 "input (5, 2, 3)");
  }
  EXPECT_THROW(nn::LSTM(3, 4, {.dropout = NAN}), OptionError);
  EXPECT_THROW(nn::GRU(3, 4)(ops::zeros({5, 2, 3}), ops::zeros({1, 2, 4}, kFloat64)), DTypeError);
}

}  // namespace
}  // namespace lamina

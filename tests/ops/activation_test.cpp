// What no case can say about activations: the naive softmax at awkward sizes, second derivatives, in-place forms, threads.
#include "lamina/ops/activation.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "tests/reference/loss.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using testing::error;
using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

TEST(Softmax, AgreesWithTheNaiveFormula) {
  for (const kernels::Groups s : {kernels::Groups{3, 1, 1},
                                  {2, 15, 1},
                                  {2, 16, 1},
                                  {2, 17, 1},
                                  {1, 1100, 1},
                                  {2, 5, 2},
                                  {2, 5, 63},
                                  {1, 5, 64},
                                  {3, 7, 65},
                                  {2, 33, 130}}) {
    SCOPED_TRACE(str(s.outer, " ", s.n, " ", s.inner));
    const Tensor x = noise({s.outer, s.n, s.inner});
    Tensor want = empty(x.shape(), kFloat64);
    const auto values = reference::log_softmax(x.data<double>(), s);
    std::copy(values.begin(), values.end(), want.data<double>());
    EXPECT_LE(error(ops::log_softmax(x, 1), want), 1e-13);
    EXPECT_LE(error(ops::to(ops::log_softmax(ops::to(x, kFloat32), 1), kFloat64), want), 1e-6);
    for (double& v : std::span(want.data<double>(), size_t(want.numel()))) v = std::exp(v);
    EXPECT_LE(error(ops::softmax(x, 1), want), 1e-13);
    EXPECT_LE(error(ops::to(ops::softmax(ops::to(x, kFloat32), 1), kFloat64), want), 1e-6);
  }
}

TEST(Softmax, GradientsAndTheirGradients) {
  for (const bool log : {false, true})
    for (const int64_t dim : {0, 1, -1}) {
      SCOPED_TRACE(str(log, " ", dim));
      const auto f = [&](const Tensors& in) { return log ? ops::log_softmax(in[0], dim) : ops::softmax(in[0], dim); };
      expect_gradients(f, {noise({3, 4, 2})});
      expect_second_gradients(f, {noise({3, 4, 2})});
    }
}

TEST(Softmax, OtherTypesAndLayouts) {
  const Tensor x = noise({4, 6});
  EXPECT_EQ(ops::softmax(ops::ones({3}, kInt64), 0, kFloat64).dtype(), kFloat64);
  const Tensor half = ops::to(x, kFloat16);
  EXPECT_TRUE(same_bits(ops::softmax(half, 1), ops::to(ops::softmax(ops::to(half, kFloat32), 1), kFloat16)));
  const Tensor turned = ops::permute(noise({3, 5, 4}), {2, 0, 1});
  for (const int64_t dim : {0, 1, 2})
    EXPECT_TRUE(same_bits(ops::softmax(turned, dim), ops::softmax(ops::contiguous(turned), dim)));
}

TEST(Activation, GradientsAndTheirGradients) {
  const Tensor x = ops::mul(noise({40}), 2);
  for (const auto& f : std::initializer_list<testing::Function>{
           [](const Tensors& in) { return ops::relu(in[0]); }, [](const Tensors& in) { return ops::gelu(in[0]); },
           [](const Tensors& in) { return ops::gelu(in[0], "tanh"); },
           [](const Tensors& in) { return ops::silu(in[0]); }}) {
    expect_gradients(f, {x});
    expect_second_gradients(f, {x});
  }
}

TEST(Activation, ReluHasNoGradientAtZeroAndKeepsNaN) {
  Tensor x = empty({4}, kFloat64);
  const double list[] = {-1, 0, 2, NAN};
  std::copy_n(list, 4, x.data<double>());
  x.requires_grad_();
  const Tensor y = ops::relu(x), d = grad({y}, {x}, {ops::ones({4}, kFloat64)})[0];
  EXPECT_TRUE(y.data<double>()[0] == 0 && y.data<double>()[2] == 2 && std::isnan(y.data<double>()[3]));
  EXPECT_TRUE(d.data<double>()[0] == 0 && d.data<double>()[1] == 0 && d.data<double>()[2] == 1);
}

// What x times a vanishing weight tends to: PyTorch gives NaN for each of the limits at −∞.
TEST(Activation, LimitsAtInfinity) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const auto gelu_tanh = [](const Tensor& x) { return ops::gelu(x, "tanh"); };
  const auto gelu_exact = [](const Tensor& x) { return ops::gelu(x); };
  for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{ops::silu, gelu_exact, gelu_tanh}) {
    const Tensor x = ops::tensor({-inf, -1e30f, 1e30f, inf}).requires_grad_();
    const Tensor y = f(x);
    EXPECT_EQ(std::abs(y.data<float>()[0]), 0);
    EXPECT_EQ(std::abs(y.data<float>()[1]), 0);
    EXPECT_EQ(y.data<float>()[2], 1e30f);
    EXPECT_EQ(y.data<float>()[3], inf);
    backward({y}, {ops::tensor({2.0f, 3.0f, 5.0f, 7.0f})});
    const Tensor slope = x.grad();
    for (const auto& [i, want] : {std::pair{0, 0.0f}, {1, 0.0f}, {2, 5.0f}, {3, 7.0f}})
      EXPECT_EQ(std::abs(slope.data<float>()[i]), want) << i;
    EXPECT_TRUE(std::isnan(f(ops::tensor({std::nanf("")})).data<float>()[0]));
  }
}

TEST(Activation, InPlaceIsTheSame) {
  const Tensor leaf = noise({3, 4}).requires_grad_(), cotangent = noise({3, 4}, 2);
  const Tensor x = ops::mul(leaf, 2), y = ops::relu_(x), z = ops::silu_(ops::mul(leaf, 2));
  EXPECT_TRUE(y.is(x));
  EXPECT_TRUE(same_bits(y, ops::relu(ops::mul(leaf, 2))) && same_bits(z, ops::silu(ops::mul(leaf, 2))));
  EXPECT_TRUE(
      same_bits(grad({y}, {leaf}, {cotangent})[0], grad({ops::relu(ops::mul(leaf, 2))}, {leaf}, {cotangent})[0]));
  EXPECT_TRUE(
      same_bits(grad({z}, {leaf}, {cotangent})[0], grad({ops::silu(ops::mul(leaf, 2))}, {leaf}, {cotangent})[0]));
  EXPECT_THROW(ops::relu_(leaf), Error);
  EXPECT_THROW(ops::relu(ops::ones({2}, kBool)), DTypeError);
  EXPECT_THROW(ops::gelu(leaf, "sigmoid"), OptionError);
}

TEST(Softmax, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  std::vector<Tensors> results(3);
  for (size_t k = 0; k < 3; ++k) {
    set_num_threads(k == 0 ? 1 : k == 1 ? 2 : 5);
    for (const bool log : {false, true})
      for (const int64_t dim : {0, 1, 2}) {
        const Tensor x = noise({30, 70, 50}, 1, kFloat32).requires_grad_();
        const Tensor y = log ? ops::log_softmax(x, dim) : ops::softmax(x, dim);
        results[k].push_back(y);
        results[k].push_back(grad({y}, {x}, {noise(y.shape(), 2, kFloat32)})[0]);
      }
  }
  set_num_threads(before);
  for (size_t i = 0; i < results[0].size(); ++i)
    EXPECT_TRUE(same_bits(results[0][i], results[1][i]) && same_bits(results[0][i], results[2][i])) << i;
}

}  // namespace
}  // namespace lamina

// What no case can say about max pooling and padding: places of equal values and NaN, second derivatives, windows that lie
// outside, and bits that do not depend on the threads.
#include "lamina/ops/pool.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/ops/pad.h"
#include "lamina/ops/pool_average.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

Tensor image(std::initializer_list<double> values, const Shape& shape) {
  Tensor t = empty(shape, kFloat64);
  std::copy(values.begin(), values.end(), t.data<double>());
  return t;
}

std::vector<int64_t> places(const Tensor& indices) {
  return {indices.data<int64_t>(), indices.data<int64_t>() + indices.numel()};
}

TEST(MaxPool, FirstOfEqualValuesAndLastNanWin) {
  const double nan = std::nan(""), inf = INFINITY;
  const Tensor x = image({1, nan, nan, 3, 2, 2, 2, 2, -inf, -inf, 4, 4, -inf, -inf, 4, 1}, {1, 4, 4});
  const auto [y, indices] = ops::max_pool2d_with_indices(x, {2}, {});
  EXPECT_EQ(places(indices), (std::vector<int64_t>{1, 2, 8, 10}));  // PyTorch's
  EXPECT_TRUE(std::isnan(y.data<double>()[0]) && std::isnan(y.data<double>()[1]));
  EXPECT_EQ(y.data<double>()[2], -inf);
  EXPECT_EQ(places(ops::max_pool2d_with_indices(x, {2, 4}, {}).second), (std::vector<int64_t>{2, 10}));
}

TEST(MaxPool, AWindowOutsideGivesMinusInfinityAndTakesNoGradient) {
  const Tensor x = noise({1, 3, 3}).requires_grad_();  // dilation steps from −1 to 3, past the end
  const Tensor y = ops::max_pool2d(x, {2}, {.stride = Shape{1}, .padding = {1}, .dilation = {4}});
  ASSERT_EQ(y.shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(y.data<double>()[0], -INFINITY);
  const Tensor dx = grad({y}, {x}, {noise({1, 1, 1})})[0];
  for (int64_t i = 0; i < 9; ++i) EXPECT_EQ(dx.data<double>()[i], 0);
}

TEST(AveragePool, GradientsAndTheirGradients) {
  const auto windows = [](const Tensors& in) {
    return ops::avg_pool2d(in[0], {3, 2}, {.stride = Shape{2, 1}, .padding = {1, 1}, .ceil_mode = true});
  };
  const auto adaptive = [](const Tensors& in) { return ops::adaptive_avg_pool2d(in[0], {3, std::nullopt}); };
  for (const auto& f : std::vector<std::function<Tensor(const Tensors&)>>{windows, adaptive}) {
    expect_gradients(f, {noise({2, 3, 7, 6})});
    expect_second_gradients(f, {noise({2, 3, 7, 6})});
  }
}

TEST(MaxPool, GradientsAndTheirGradients) {
  const std::vector<ops::MaxPoolOptions> all = {
      {}, {.stride = Shape{1, 2}, .padding = {1, 0}, .dilation = {1, 2}}, {.stride = Shape{3}, .ceil_mode = true}};
  for (const auto& o : all) {
    const auto f = [&](const Tensors& in) { return ops::max_pool2d(in[0], {3, 2}, o); };
    expect_gradients(f, {noise({2, 3, 7, 6})});
    expect_second_gradients(f, {noise({2, 3, 7, 6})});
  }
  expect_gradients([](const Tensors& in) { return ops::max_pool1d(in[0], {3}, {.stride = Shape{1}, .padding = {1}}); },
                   {noise({2, 7})});
  expect_gradients([](const Tensors& in) { return ops::max_pool3d(in[0], {2}, {.stride = Shape{1}}); },
                   {noise({2, 3, 4, 3})});
}

TEST(MaxPool, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  Tensors results[3];
  for (int k = 0; k < 3; ++k) {
    set_num_threads(k == 0 ? 1 : k == 1 ? 2 : 5);
    const Tensor x = noise({9, 16, 33, 31}, 1, kFloat32).requires_grad_();
    const Tensor y = ops::max_pool2d(x, {3}, {.stride = Shape{1}, .padding = {1}});
    results[k] = {y, grad({y}, {x}, {noise(y.shape(), 4, kFloat32)})[0]};
  }
  set_num_threads(before);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_TRUE(same_bits(results[0][i], results[1][i]) && same_bits(results[0][i], results[2][i]));
}

TEST(Pad, GradientsAndTheirGradients) {
  for (const char* mode : {"constant", "reflect", "replicate", "circular"})
    for (const Shape& sides : {Shape{2, 1}, Shape{-1, 2, 2, -2}, Shape{1, 0, 0, 2, 1, 1}, Shape{-1, -1}}) {
      SCOPED_TRACE(str(mode, " ", sides));
      const auto f = [&](const Tensors& in) { return ops::pad(in[0], sides, mode); };
      const Tensors x = {noise(sides.rank() == 2   ? Shape{2, 5}
                               : sides.rank() == 4 ? Shape{2, 4, 5}
                                                   : Shape{2, 3, 4, 5})};
      expect_gradients(f, x);
      expect_second_gradients(f, x);
    }
}

TEST(Pad, KeepsEveryDtype) {
  for (const DType dtype : {kFloat16, kBFloat16, kInt64, kInt32, kInt16, kInt8, kUInt8, kBool})
    for (const char* mode : {"constant", "reflect", "replicate", "circular"}) {
      const Tensor x = ops::to(image({0, 1, 3, 2, 5, 4}, {1, 2, 3}), dtype);
      EXPECT_TRUE(same_bits(ops::pad(x, {1, 1}, mode), ops::to(ops::pad(ops::to(x, kFloat64), {1, 1}, mode), dtype)))
          << mode;
    }
}

}  // namespace
}  // namespace lamina

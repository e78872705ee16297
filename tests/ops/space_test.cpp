// What no case can say of transposed convolutions, pools to a given size, folding and interpolation: second derivatives,
// integers, the C++ layers' own calls, and sizes that overflow.
#include <limits>

#include "lamina/core/error.h"
#include "lamina/nn/conv_transpose.h"
#include "lamina/nn/fold.h"
#include "lamina/nn/pad.h"
#include "lamina/nn/pool_lp.h"
#include "lamina/nn/pool_spans.h"
#include "lamina/nn/shuffle.h"
#include "lamina/nn/unpool.h"
#include "lamina/nn/upsample.h"
#include "lamina/ops/indexing.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using testing::error;
using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

Tensor integers(const Shape& shape, uint64_t seed) {
  Tensor t = empty(shape, kInt64);
  const Tensor values = noise(shape, seed);
  for (int64_t i = 0; i < t.numel(); ++i) t.data<int64_t>()[i] = int64_t(100 * values.data<double>()[i]);
  return t;
}

TEST(ConvIntegers, EqualThoseOfFloats) {
  const Tensor x = integers({2, 4, 5, 6}, 1), w = integers({6, 2, 3, 2}, 2), b = integers({6}, 3);
  const ops::ConvolutionOptions o{.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2};
  const Tensor y = ops::convolution(x, w, b, o);
  EXPECT_EQ(y.dtype(), kInt64);
  EXPECT_TRUE(same_bits(ops::to(y, kFloat64),
                        ops::convolution(ops::to(x, kFloat64), ops::to(w, kFloat64), ops::to(b, kFloat64), o)));
  const ops::ConvTransposeOptions back{.stride = {2, 1}, .padding = {1, 0}, .output_padding = {1, 0}, .groups = 2};
  const Tensor wt = integers({4, 3, 3, 2}, 4);
  EXPECT_TRUE(
      same_bits(ops::to(ops::conv_transpose2d(x, wt, b, back), kFloat64),
                ops::conv_transpose2d(ops::to(x, kFloat64), ops::to(wt, kFloat64), ops::to(b, kFloat64), back)));
}

TEST(ConvTranspose, GradientsAndTheirGradients) {
  const auto f = [](const Tensors& in) {
    return ops::conv_transpose2d(in[0], in[1], in[2],
                                 {.stride = {2, 1}, .padding = {1, 0}, .output_padding = {1, 0}, .groups = 2});
  };
  expect_gradients(f, {noise({2, 4, 3, 2}), noise({4, 1, 3, 2}, 2), noise({2}, 3)});
  expect_second_gradients(f, {noise({2, 4, 3, 2}), noise({4, 1, 3, 2}, 2), noise({2}, 3)});
}

TEST(ConvTranspose, OutputSizeChoosesThePadding) {
  const nn::ConvTranspose2d up(3, 2, 3, {.stride = 2, .padding = 1});
  EXPECT_EQ(up(noise({1, 3, 4, 4}, 1, kFloat32)).shape(), (Shape{1, 2, 7, 7}));
  EXPECT_EQ(up(noise({1, 3, 4, 4}, 1, kFloat32), Shape{8, 7}).shape(), (Shape{1, 2, 8, 7}));
  EXPECT_THROW(up(noise({1, 3, 4, 4}, 1, kFloat32), Shape{9, 7}), OptionError);
}

TEST(ConvTranspose, GradientFunctionsAreThoseOfTheGraph) {
  const Tensor x = noise({2, 4, 9}).requires_grad_(), w = noise({6, 2, 3}, 2).requires_grad_();
  const Tensor y = ops::conv1d(x, w, {}, {.stride = {3}, .groups = 2}), dy = noise(y.shape(), 3);
  const Tensors d = grad({y}, {x, w}, {dy});
  const ops::ConvGradientOptions o{.stride = {3}, .groups = 2};
  EXPECT_LE(error(nn::grad::conv1d_input(x.shape(), w, dy, o), d[0]), 1e-14);
  EXPECT_LE(error(nn::grad::conv1d_weight(x, w.shape(), dy, o), d[1]), 1e-14);
}

TEST(Pools, SecondGradients) {
  expect_second_gradients([](const Tensors& in) { return ops::adaptive_max_pool2d(in[0], {3, std::nullopt}); },
                          {noise({2, 3, 7, 6})});
  const Tensor samples = ops::full({2, 3, 2}, 0.3, kFloat64);
  const auto fractional = [&](const Tensors& in) {
    return ops::fractional_max_pool2d(in[0], {2}, {.output_size = Shape{3, 2}, .random_samples = samples});
  };
  expect_gradients(fractional, {noise({2, 3, 7, 6})});
  expect_second_gradients(fractional, {noise({2, 3, 7, 6})});
  expect_second_gradients([](const Tensors& in) { return ops::lp_pool2d(in[0], 2, {3, 2}, {.ceil_mode = true}); },
                          {noise({2, 3, 7, 6})});
  const Tensor at = ops::max_pool2d_with_indices(noise({2, 3, 6, 6}), {2}).second;
  expect_second_gradients([&](const Tensors& in) { return ops::max_unpool2d(in[0], at, {2}); }, {noise({2, 3, 3, 3})});
}

TEST(Pools, LayersGivePlacesToo) {
  const Tensor x = noise({2, 3, 6, 6}, 1, kFloat32);
  const nn::MaxPool2d pool(2, {.return_indices = true});
  const auto [y, at] = pool->forward_with_indices(x);
  const nn::MaxUnpool2d back(2);
  EXPECT_EQ(back(y, at).shape(), x.shape());
  EXPECT_EQ(back(y, at, Shape{7, 6}).shape(), (Shape{2, 3, 7, 6}));
  EXPECT_EQ(nn::FractionalMaxPool2d(2, {.output_ratio = 0.5})(x).shape(), (Shape{2, 3, 3, 3}));
  EXPECT_EQ(nn::FractionalMaxPool2d(2, {.output_size = nn::Extent<2>(2, 3)})(x).shape(), (Shape{2, 3, 2, 3}));
  EXPECT_EQ(nn::AdaptiveMaxPool2d({3, std::nullopt})(x).shape(), (Shape{2, 3, 3, 6}));
  EXPECT_EQ(nn::LPPool2d(2, {2, 3}, {.stride = 1})(x).shape(), (Shape{2, 3, 5, 4}));
}

TEST(Fold, IsTheGradientOfUnfold) {
  const ops::FoldOptions o{.dilation = {1, 2}, .padding = {1, 0}, .stride = {2, 1}};
  const auto f = [&](const Tensors& in) { return ops::unfold(in[0], {2, 3}, o); };
  expect_gradients(f, {noise({2, 3, 5, 7})});
  expect_second_gradients(f, {noise({2, 3, 5, 7})});
  const Tensor x = noise({2, 3, 5, 7}).requires_grad_(), columns = f({x}), dy = noise(columns.shape(), 2);
  EXPECT_TRUE(same_bits(grad({columns}, {x}, {dy})[0], ops::fold(dy, {5, 7}, {2, 3}, o)));
}

TEST(Interpolate, GradientsAndTheirGradients) {
  for (const char* mode : {"nearest", "nearest-exact", "bilinear", "bicubic", "area"}) {
    const auto f = [&](const Tensors& in) {
      return ops::interpolate(in[0], {.scale_factor = {{1.7, 0.6}}, .mode = mode});
    };
    expect_gradients(f, {noise({2, 2, 4, 5})});
    expect_second_gradients(f, {noise({2, 2, 4, 5})});
  }
}

TEST(Interpolate, LayersTakeSizesAndFactors) {
  const Tensor x = noise({1, 2, 4, 6}, 1, kFloat32);
  EXPECT_EQ(nn::Upsample({.scale_factor = 2.0, .mode = "bilinear"})(x).shape(), (Shape{1, 2, 8, 12}));
  EXPECT_EQ(nn::Upsample({.size = {{5, 7}}})(x).shape(), (Shape{1, 2, 5, 7}));
  EXPECT_EQ(nn::UpsamplingBilinear2d({.size = 3})(x).shape(), (Shape{1, 2, 3, 3}));
  EXPECT_EQ(nn::PixelUnshuffle(2)(x).shape(), (Shape{1, 8, 2, 3}));
  EXPECT_EQ(nn::ZeroPad2d({1, 0, 2, 0})(x).shape(), (Shape{1, 2, 6, 7}));
  EXPECT_EQ(nn::ConstantPad2d(1, 2.5)(x).shape(), (Shape{1, 2, 6, 8}));
  EXPECT_EQ(nn::Fold({4, 6}, 2)(nn::Unfold(2)(x)).shape(), x.shape());
}

TEST(Space, SizesThatOverflowAreRefused) {
  const int64_t huge = std::numeric_limits<int32_t>::max();
  const Tensor x = noise({1, 1, 4, 4}), at = ops::max_pool2d_with_indices(noise({1, 1, 8, 8}), {2}).second;
  EXPECT_THROW(ops::interpolate(x, {.size = Shape{huge, huge}}), Error);
  EXPECT_THROW(ops::interpolate(x, {.scale_factor = {{1e300}}}), OptionError);
  EXPECT_THROW(ops::adaptive_max_pool2d(x, {huge, huge}), Error);
  EXPECT_THROW(ops::max_unpool2d(x, at, {huge}), Error);
  EXPECT_THROW(ops::fold(noise({1, 4, 9}), {huge, huge}, {2}), ShapeError);
  EXPECT_THROW(ops::unfold(x, {2}, {.padding = {huge}}), Error);
  EXPECT_THROW(ops::pad(x, {huge, huge, huge, huge}, "replicate"), Error);
  EXPECT_THROW(ops::conv_transpose2d(x, noise({1, 1, 2, 2}), {}, {.stride = {huge}}), Error);
  EXPECT_THROW(ops::pixel_shuffle(x, int64_t{1} << 40), OptionError);
}

}  // namespace
}  // namespace lamina

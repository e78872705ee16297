// What no case can say about convolution: every kernel against the naive formula over awkward geometries, second
// derivatives, the transposed form, and bits that do not depend on the threads.
#include "lamina/ops/conv.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/ops/view.h"
#include "tests/reference/conv.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using testing::error;
using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

struct Sizes {
  int64_t batch, groups, in_channels, out_channels;  // channels of one group
  Shape in, kernel, stride, padding, dilation;       // three dimensions each
};

kernels::ConvGeometry geometry(const Sizes& s) {
  kernels::ConvGeometry g{s.batch, s.groups, s.in_channels, s.out_channels, {}, {}, {}, {}, {}, {}};
  for (int d = 0; d < 3; ++d) {
    g.in[d] = s.in[d], g.kernel[d] = s.kernel[d], g.stride[d] = s.stride[d], g.padding[d] = s.padding[d],
    g.dilation[d] = s.dilation[d];
    g.out[d] = (g.in[d] + 2 * g.padding[d] - g.dilation[d] * (g.kernel[d] - 1) - 1) / g.stride[d] + 1;
  }
  return g;
}

const std::vector<Sizes> kSizes = {
    {2, 1, 3, 4, {1, 6, 7}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},
    {1, 2, 3, 2, {1, 9, 8}, {1, 3, 2}, {1, 2, 3}, {0, 2, 1}, {1, 2, 3}},
    {3, 1, 5, 7, {1, 5, 4}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}},   // pointwise
    {2, 3, 4, 2, {1, 5, 4}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}},   // pointwise in groups
    {2, 1, 4, 3, {1, 5, 4}, {1, 1, 1}, {1, 2, 2}, {0, 0, 0}, {1, 1, 1}},   // 1×1 with a stride
    {2, 1, 4, 3, {1, 5, 4}, {1, 1, 1}, {1, 1, 1}, {0, 2, 1}, {1, 1, 1}},   // 1×1 with padding
    {2, 6, 1, 1, {1, 7, 37}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},  // depthwise, rows above one vector
    {9,
     3,
     1,
     2,
     {1, 7, 8},
     {1, 3, 2},
     {1, 2, 2},
     {0, 2, 1},
     {1, 1, 2}},  // depthwise with a multiplier, more than 8 images
    {2, 3, 1, 1, {1, 9, 5}, {1, 3, 4}, {1, 2, 2}, {0, 2, 3}, {1, 2, 1}},      // depthwise, steps in every direction
    {2, 2, 1, 1, {1, 4, 3}, {1, 4, 6}, {1, 1, 1}, {0, 4, 5}, {1, 1, 1}},      // padding beyond the kernel
    {2, 1, 2, 3, {4, 5, 6}, {2, 3, 2}, {2, 1, 2}, {1, 1, 0}, {2, 1, 1}},      // three dimensions
    {2, 4, 1, 2, {4, 5, 6}, {2, 3, 2}, {1, 2, 1}, {1, 1, 1}, {1, 1, 2}},      // three dimensions, depthwise
    {1, 1, 17, 5, {1, 1, 65}, {1, 1, 3}, {1, 1, 1}, {0, 0, 1}, {1, 1, 1}},    // one dimension; channels in 16 blocks
    {1, 1, 70, 3, {1, 31, 33}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},   // several tiles and blocks of channels
    {20, 1, 1, 2, {1, 5, 5}, {1, 2, 2}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}},     // weights summed over 10 pieces of images
    {2, 1, 1, 1, {1, 3, 3}, {1, 3, 3}, {1, 9, 9}, {0, 0, 0}, {1, 1, 1}},      // one output position
    {0, 2, 3, 2, {1, 6, 7}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},      // no image
    {0, 2, 1, 2, {1, 6, 7}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},      // no image, depthwise
    {1, 16, 70, 1, {1, 15, 16}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},  // several tiles in every product
    {1, 16, 700, 1, {1, 10, 20}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}},  // the same, pointwise
    {2, 2, 0, 2, {1, 6, 7}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},       // no channel
};

// x (N, G·C, in), w (G·O, C, kernel), dy (N, G·O, out), and what the formulas make of them.
struct Operands {
  kernels::ConvGeometry g;
  Tensor x, w, dy, out_bias, in_bias;
};

template <class T>
void compare(const Operands& o, bool bias, const Tensor& y, const Tensor& dx, const Tensor& dw, double tolerance) {
  const DType dtype = dtype_of<T>::value;
  const Tensor x = ops::to(o.x, dtype), w = ops::to(o.w, dtype), dy = ops::to(o.dy, dtype);
  const Tensor out_bias = bias ? ops::to(o.out_bias, dtype) : Tensor(),
               in_bias = bias ? ops::to(o.in_bias, dtype) : Tensor();
  const Tensor found_y = ops::empty_like(dy), found_dx = ops::empty_like(x), found_dw = ops::empty_like(w);
  kernels::conv_forward(x.data<T>(), w.data<T>(), out_bias.data_or_null<T>(), o.g, found_y.data<T>());
  kernels::conv_input_gradient(dy.data<T>(), w.data<T>(), in_bias.data_or_null<T>(), o.g, found_dx.data<T>());
  kernels::conv_weight_gradient(x.data<T>(), dy.data<T>(), o.g, found_dw.data<T>());
  EXPECT_LE(error(found_y, ops::to(y, dtype)), tolerance) << name(dtype) << " forward, bias " << bias;
  EXPECT_LE(error(found_dx, ops::to(dx, dtype)), tolerance) << name(dtype) << " input gradient, bias " << bias;
  EXPECT_LE(error(found_dw, ops::to(dw, dtype)), tolerance) << name(dtype) << " weight gradient";
}

TEST(Conv, KernelsEqualTheNaiveFormula) {
  for (size_t i = 0; i < kSizes.size(); ++i) {
    SCOPED_TRACE("sizes " + std::to_string(i));
    const kernels::ConvGeometry g = geometry(kSizes[i]);
    const Operands o{g,
                     noise({g.batch, g.groups * g.in_channels, g.in_space()}, 3),
                     noise({g.groups * g.out_channels, g.in_channels, g.taps()}, 4),
                     noise({g.batch, g.groups * g.out_channels, g.out_space()}, 5),
                     noise({g.groups * g.out_channels}, 6),
                     noise({g.groups * g.in_channels}, 7)};
    const auto at = [](const Tensor& t) { return t.data<double>(); };
    const Tensor y = ops::empty_like(o.dy), dx = ops::empty_like(o.x), dw = ops::empty_like(o.w);
    reference::conv_weight_gradient(at(o.x), at(o.dy), g, at(dw));
    for (const bool bias : {false, true}) {
      reference::conv_forward(at(o.x), at(o.w), bias ? at(o.out_bias) : nullptr, g, at(y));
      reference::conv_input_gradient(at(o.dy), at(o.w), bias ? at(o.in_bias) : nullptr, g, at(dx));
      compare<double>(o, bias, y, dx, dw, 1e-13);
      compare<float>(o, bias, y, dx, dw, 3e-6);
    }
  }
}

TEST(Conv, GradientsAndTheirGradients) {
  const std::vector<ops::ConvOptions> all = {
      {}, {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}}, {.padding = "same"}, {.groups = 2}, {.groups = 4}};
  for (size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE("options " + std::to_string(i));
    const auto f = [&](const Tensors& in) { return ops::conv2d(in[0], in[1], in[2], all[i]); };
    const Tensors inputs = {noise({2, 4, 5, 6}, 1), noise({4, 4 / all[i].groups, 2, 3}, 2), noise({4}, 3)};
    expect_gradients(f, inputs);
    expect_second_gradients(f, inputs);
  }
}

TEST(Conv, TransposedIsTheInputGradient) {
  const ops::ConvolutionOptions o{.stride = {2, 3},
                                  .padding = {1, 0},
                                  .dilation = {1, 2},
                                  .transposed = true,
                                  .output_padding = {1, 2},
                                  .groups = 2};
  const auto f = [&](const Tensors& in) { return ops::convolution(in[0], in[1], in[2], o); };
  const Tensors inputs = {noise({2, 4, 3, 4}, 1), noise({4, 3, 3, 2}, 2), noise({6}, 3)};
  EXPECT_EQ(f(inputs).shape(), (Shape{2, 6, 6, 14}));
  expect_gradients(f, inputs);
  expect_second_gradients(f, inputs);

  // ⟨conv(x), dy⟩ = ⟨x, transposed(dy)⟩
  const ops::ConvolutionOptions forward{.stride = {2}, .padding = {1}},
      back{.stride = {2}, .padding = {1}, .transposed = true};
  const Tensor x = noise({1, 2, 7, 5}, 4), w = noise({3, 2, 3, 3}, 5), y = ops::convolution(x, w, {}, forward),
               dy = noise(y.shape(), 6);
  EXPECT_NEAR(testing::dot(y, dy), testing::dot(x, ops::convolution(dy, w, {}, back)), 1e-12);
}

TEST(Conv, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  for (const int64_t groups : {1, 2, 12}) {
    Tensors results[3];
    for (int k = 0; k < 3; ++k) {
      set_num_threads(k == 0 ? 1 : k == 1 ? 2 : 5);
      const Tensor x = noise({21, 12, 17, 19}, 1, kFloat32).requires_grad_(),
                   w = noise({24, 12 / groups, 3, 3}, 2, kFloat32).requires_grad_();
      const Tensor b = noise({24}, 3, kFloat32).requires_grad_();
      const Tensor y = ops::conv2d(x, w, b, {.stride = {1, 2}, .padding = 1, .groups = groups});
      results[k] = grad({y}, {x, w, b}, {noise(y.shape(), 4, kFloat32)});
      results[k].push_back(y);
    }
    for (size_t i = 0; i < results[0].size(); ++i)
      EXPECT_TRUE(same_bits(results[0][i], results[1][i]) && same_bits(results[0][i], results[2][i]))
          << "groups " << groups << ", tensor " << i;
  }
  set_num_threads(before);
}

TEST(Conv, AnyLayoutOfTheWeight) {
  const Tensor x = noise({2, 3, 6, 6}, 1), plain = noise({3, 4, 3, 3}, 2);
  const Tensor permuted = ops::transpose(plain, 0, 1), expanded = ops::expand(noise({1, 3, 3, 3}, 3), {4, 3, 3, 3});
  for (const Tensor& w : {permuted, expanded})
    EXPECT_TRUE(same_bits(ops::conv2d(x, w), ops::conv2d(x, ops::contiguous(w))));
}

TEST(Conv, HalfTypesComputeInFloat) {
  for (const DType dtype : {kBFloat16, kFloat16}) {
    const Tensor x = noise({1, 2, 5, 5}, 1, dtype), w = noise({3, 2, 3, 3}, 2, dtype);
    EXPECT_TRUE(same_bits(ops::conv2d(x, w), ops::to(ops::conv2d(ops::to(x, kFloat32), ops::to(w, kFloat32)), dtype)));
  }
}

TEST(Conv, RefusesWhatDoesNotFit) {
  const Tensor x = noise({2, 4, 8, 8}), w = noise({6, 4, 3, 3});
  const auto refused = [&](const Tensor& x, const Tensor& w, const Tensor& b, const ops::ConvolutionOptions& o,
                           const std::string& says) {
    try {
      ops::convolution(x, w, b, o);
      ADD_FAILURE() << "not refused: " << says;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(says), std::string::npos) << e.what();
    }
  };
  refused(x, w, {}, {.stride = {int64_t{1} << 40}}, "too large");
  refused(x, w, {}, {.padding = {int64_t{1} << 62}}, "too large");
  refused(x, w, {}, {.dilation = {int64_t{1} << 62}}, "too large");
  refused(x, w, {}, {.stride = {1, 2, 3}}, "list of 2 numbers");
  refused(x, noise({6, 4, 0, 3}), {}, {}, "kernel_size=(0, 3) must be positive");
  refused(x, w, {}, {.output_padding = {1}}, "output_padding");
  refused(x, noise({4, 6, 3, 3}), {}, {.stride = {2}, .transposed = true, .output_padding = {2}},
          "output_padding=(2,) must be smaller");
  refused(x, noise({4, 6, 3, 3}), {}, {.padding = {9}, .transposed = true}, "gives output size");
  refused(noise({2, 6}), noise({6, 6}), {}, {}, "1 to 3 spatial dimensions");
  refused(x, w, {}, {.groups = 0}, "groups=0 must be positive");
}

}  // namespace
}  // namespace lamina

// What no case can say about normalisation: the naive formulas at awkward sizes, values far from zero, second derivatives,
// running moments over several batches, and layouts and threads below the level of Python.
#include "lamina/ops/norm.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/nn/norm.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "tests/reference/norm.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using ops::batch_norm;
using ops::layer_norm;
using testing::error;
using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

Tensor values(std::initializer_list<double> list, const Shape& shape, DType dtype = kFloat64) {
  Tensor t = empty(shape, kFloat64);
  std::copy(list.begin(), list.end(), t.data<double>());
  return ops::to(t, dtype);
}

Tensor from_vector(const std::vector<double>& v, const Shape& shape) {
  Tensor t = empty(shape, kFloat64);
  std::copy(v.begin(), v.end(), t.data<double>());
  return t;
}

// ---- against the naive formulas ------------------------------------------------------------------------------------

void expect_like(const reference::NormGradients& want, const Tensor& y, const Tensors& d, const std::string& what,
                 double tolerance) {
  SCOPED_TRACE(what);
  const auto as = [&](const Tensor& t) { return ops::to(t, kFloat64); };
  EXPECT_LE(error(as(y), from_vector(want.y, y.shape())), tolerance);
  EXPECT_LE(error(as(d[0]), from_vector(want.dx, d[0].shape())), tolerance);
  EXPECT_LE(error(as(d[1]), from_vector(want.dweight, d[1].shape())), tolerance);
  EXPECT_LE(error(as(d[2]), from_vector(want.dbias, d[2].shape())), tolerance);
}

TEST(LayerNorm, AgreesWithTheNaiveFormula) {
  for (const int64_t rows : {1, 2, 33, 70})
    for (const int64_t cols : {2, 7, 8, 15, 16, 17, 31, 513, 1100}) {
      const Tensor x = noise({rows, cols}), w = noise({cols}, 2), b = noise({cols}, 3), dy = noise({rows, cols}, 4);
      const auto want =
          reference::normalise(x.data<double>(), dy.data<double>(), w.data<double>(), b.data<double>(), cols, 1e-5,
                               reference::row_groups(rows, cols), [&](int64_t i) { return i % cols; });
      for (const DType dtype : {kFloat64, kFloat32}) {
        const Tensors in = {ops::to(x, dtype).detach().requires_grad_(), ops::to(w, dtype).detach().requires_grad_(),
                            ops::to(b, dtype).detach().requires_grad_()};
        const Tensor y = layer_norm(in[0], {cols}, in[1], in[2]);
        expect_like(want, y, grad({y}, in, {ops::to(dy, dtype)}), str(rows, " x ", cols, " ", name(dtype)),
                    cols == 2           ? 1e-3
                    : dtype == kFloat64 ? 1e-12
                                        : 2e-6);  // two values: dx is nearly zero
      }
    }
}

TEST(BatchNorm, AgreesWithTheNaiveFormula) {
  for (const int64_t n : {2, 5, 40})
    for (const int64_t c : {1, 3, 16, 17})
      for (const int64_t s : {1, 2, 15, 16, 17, 600}) {
        const Tensor x = noise({n, c, s}), w = noise({c}, 2), b = noise({c}, 3), dy = noise({n, c, s}, 4);
        const auto want =
            reference::normalise(x.data<double>(), dy.data<double>(), w.data<double>(), b.data<double>(), c, 1e-5,
                                 reference::channel_groups(n, c, s), [&](int64_t i) { return i / s % c; });
        for (const DType dtype : {kFloat64, kFloat32}) {
          const Tensors in = {ops::to(x, dtype).detach().requires_grad_(), ops::to(w, dtype).detach().requires_grad_(),
                              ops::to(b, dtype).detach().requires_grad_()};
          const Tensor y = batch_norm(in[0], {}, {}, in[1], in[2], true);
          expect_like(want, y, grad({y}, in, {ops::to(dy, dtype)}), str(n, " x ", c, " x ", s, " ", name(dtype)),
                      n * s == 2          ? 1e-3
                      : dtype == kFloat64 ? 1e-12
                                          : 2e-6);
        }
      }
}

// ---- far from zero -------------------------------------------------------------------------------------------------

TEST(LayerNorm, IsExactFarFromZero) {  // E[x²] − E[x]² in one pass would return noise here
  Tensor near = empty({3, 5}, kFloat32), far = empty({3, 5}, kFloat32);
  for (int i = 0; i < 15; ++i) {
    near.data<float>()[i] = float(i * i % 11);
    far.data<float>()[i] = 1000000 + float(i * i % 11);
  }
  EXPECT_LE(error(layer_norm(far, {5}), layer_norm(near, {5})), 1e-6);
  EXPECT_LE(error(batch_norm(far, {}, {}, {}, {}, true), batch_norm(near, {}, {}, {}, {}, true)), 1e-6);
  const auto gradient = [](const Tensor& t, bool layer) {
    const Tensor x = t.detach().requires_grad_();
    const Tensor y = layer ? layer_norm(x, {5}) : batch_norm(x, {}, {}, {}, {}, true);
    return grad({y}, {x}, {noise({3, 5}, 9, kFloat32)})[0];
  };
  for (const bool layer : {true, false}) EXPECT_LE(error(gradient(far, layer), gradient(near, layer)), 1e-5);
}

TEST(BatchNorm, AConstantChannelIsItsBias) {
  for (const Shape& shape : {Shape{8, 3}, Shape{4, 3, 5}}) {
    const Tensor x = ops::full(shape, 0.1, kFloat32),
                 y = batch_norm(x, {}, {}, {}, values({1, 2, 3}, {3}, kFloat32), true);
    const int64_t s = shape.slice(2).numel();
    for (int64_t i = 0; i < y.numel(); ++i) EXPECT_NEAR(y.data<float>()[i], float(1 + i / s % 3), 1e-5);
  }
}

// ---- gradients and their gradients ---------------------------------------------------------------------------------

TEST(LayerNorm, GradientsAndTheirGradients) {
  for (const Shape& normalized : {Shape{4}, Shape{3, 4}})
    for (const bool weight : {true, false})
      for (const bool bias : {true, false}) {
        SCOPED_TRACE(str(normalized, " ", weight, " ", bias));
        Tensors in = {noise({2, 3, 4})};
        if (weight) in.push_back(noise(normalized, 2));
        if (bias) in.push_back(noise(normalized, 3));
        const auto f = [&](const Tensors& t) {
          return layer_norm(t[0], normalized, weight ? t[1] : Tensor(), bias ? t.back() : Tensor(), 0.1);
        };
        expect_gradients(f, in);
        expect_second_gradients(f, in);
      }
}

TEST(BatchNorm, GradientsAndTheirGradients) {
  const Tensor mean = noise({3}, 5), var = values({0.5, 2, 1}, {3});
  for (const Shape& shape : {Shape{5, 3}, Shape{2, 3, 4}, Shape{2, 3, 2, 2}})
    for (const bool training : {true, false})
      for (const bool weight : {true, false})
        for (const bool bias : {true, false}) {
          SCOPED_TRACE(str(shape, " ", training, " ", weight, " ", bias));
          Tensors in = {noise(shape)};
          if (weight) in.push_back(noise({3}, 2));
          if (bias) in.push_back(noise({3}, 3));
          const auto f = [&](const Tensors& t) {
            return batch_norm(t[0], training ? Tensor() : mean, training ? Tensor() : var, weight ? t[1] : Tensor(),
                              bias ? t.back() : Tensor(), training, 0.1, 0.1);
          };
          expect_gradients(f, in);
          expect_second_gradients(f, in);
        }
}

// ---- running moments -----------------------------------------------------------------------------------------------

TEST(BatchNorm, RunningMomentsArePyTorchs) {
  const auto batch = [](int k) { return ops::add(noise({4, 2, 3}, uint64_t(k)), k); };
  nn::BatchNorm1d moving(2, {.momentum = 0.3, .dtype = kFloat64}),
      average(2, {.momentum = std::nullopt, .dtype = kFloat64});
  for (int k = 1; k <= 3; ++k) moving(batch(k)), average(batch(k));
  // torch 2.13: BatchNorm1d(2, momentum=…, dtype=float64) called with the same three batches
  EXPECT_LE(error(moving->running_mean, values({1.5072197021670022, 1.5927067392501233}, {2})), 1e-12);
  EXPECT_LE(error(moving->running_var, values({0.9223290182333217, 1.0492845222230045}, {2})), 1e-12);
  EXPECT_LE(error(average->running_mean, values({2.121455445446481, 2.136411932270472}, {2})), 1e-12);
  EXPECT_LE(error(average->running_var, values({0.8788889355552394, 1.031927576949588}, {2})), 1e-12);
  EXPECT_EQ(*average->num_batches_tracked.data<int64_t>(), 3);
  EXPECT_FALSE(average->running_mean.requires_grad());

  moving->eval();
  const Tensor before = ops::clone(moving->running_mean);
  moving(batch(4));
  EXPECT_TRUE(same_bits(moving->running_mean, before));
  EXPECT_EQ(*moving->num_batches_tracked.data<int64_t>(), 3);
  moving->reset_running_stats();
  EXPECT_TRUE(same_bits(moving->running_var, ops::ones({2}, kFloat64)));
  EXPECT_EQ(*moving->num_batches_tracked.data<int64_t>(), 0);
}

TEST(BatchNorm, RunningMomentsMayHaveStridesAndMoveInPlace) {
  const Tensor x = noise({6, 3}), wide = ops::zeros({3, 2}, kFloat64), mean = ops::select(wide, 1, 1),
               var = ops::ones({3}, kFloat64);
  const Tensor plain_mean = ops::zeros({3}, kFloat64), plain_var = ops::ones({3}, kFloat64);
  const uint32_t version = var.version();
  batch_norm(x, mean, var, {}, {}, true, 0.5);
  batch_norm(x, plain_mean, plain_var, {}, {}, true, 0.5);
  EXPECT_TRUE(same_bits(mean, plain_mean) && same_bits(var, plain_var));
  EXPECT_TRUE(same_bits(ops::select(wide, 1, 0), ops::zeros({3}, kFloat64)));
  EXPECT_GT(var.version(), version);
}

TEST(BatchNorm, TheBackwardOfEvalModeSurvivesALaterBatch) {
  nn::BatchNorm1d layer(3, {.dtype = kFloat64});
  layer->eval();
  const Tensor x = noise({4, 3}).requires_grad_(), y = layer(x);
  layer->train();
  layer(ops::mul(noise({4, 3}, 2), 10));
  const double factor = 1 / std::sqrt(1 + 1e-5);
  EXPECT_LE(error(grad({y}, {x}, {noise({4, 3}, 3)})[0], ops::mul(noise({4, 3}, 3), factor)), 1e-12);
}

// ---- 16-bit floats, layouts, threads -------------------------------------------------------------------------------

TEST(Norm, SixteenBitFloatsAreComputedInFloat) {
  for (const DType dtype : {kBFloat16, kFloat16}) {
    const Tensor x = noise({4, 3, 5}, 1, dtype), w5 = noise({5}, 2, dtype), w3 = noise({3}, 2, dtype);
    const auto wide = [](const Tensor& t) { return ops::to(t, kFloat32); };
    EXPECT_TRUE(same_bits(layer_norm(x, {5}, w5), ops::to(layer_norm(wide(x), {5}, wide(w5)), dtype)));
    EXPECT_TRUE(same_bits(layer_norm(x, {5}, wide(w5)), layer_norm(x, {5}, w5)));
    const Tensor mean = ops::zeros({3}, dtype), var = ops::ones({3}, dtype), mean32 = wide(mean), var32 = wide(var);
    EXPECT_TRUE(same_bits(batch_norm(x, mean, var, w3, {}, true),
                          ops::to(batch_norm(wide(x), mean32, var32, wide(w3), {}, true), dtype)));
    EXPECT_TRUE(same_bits(mean, ops::to(mean32, dtype)) && same_bits(var, ops::to(var32, dtype)));
  }
}

TEST(Norm, LayoutsDoNotMatter) {
  const Tensor base = noise({6, 4, 10});
  const Tensors inputs = {ops::permute(base, {2, 1, 0}), ops::slice(base, 2, 1, 9, 2),
                          ops::expand(ops::select(base, 0, 0), {3, 4, 10})};
  for (const Tensor& t : inputs)
    for (const bool layer : {true, false}) {
      const auto run = [&](const Tensor& given) {
        const Tensor x = given.detach().requires_grad_();
        const Tensor y = layer ? layer_norm(x, {x.size(-1)}) : batch_norm(x, {}, {}, {}, {}, true);
        return Tensors{y, grad({y}, {x}, {ops::permute(noise({y.size(2), y.size(1), y.size(0)}, 8), {2, 1, 0})})[0]};
      };
      const Tensors got = run(t), want = run(ops::contiguous(t));
      EXPECT_TRUE(same_bits(got[0], want[0]) && same_bits(got[1], want[1]));
    }
}

TEST(Norm, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  const std::vector<Shape> shapes = {{300, 70}, {64, 3, 900}, {40, 33, 50}, {5000, 8}};
  std::vector<Tensors> results(3);
  for (size_t k = 0; k < 3; ++k) {
    set_num_threads(k == 0 ? 1 : k == 1 ? 2 : 5);
    for (const Shape& shape : shapes)
      for (const bool layer : {true, false}) {
        const int64_t parameters = layer ? shape.back() : shape[1];
        const Tensors in = {noise(shape, 1, kFloat32).requires_grad_(),
                            noise({parameters}, 2, kFloat32).requires_grad_(),
                            noise({parameters}, 3, kFloat32).requires_grad_()};
        const Tensor y =
            layer ? layer_norm(in[0], {parameters}, in[1], in[2]) : batch_norm(in[0], {}, {}, in[1], in[2], true);
        results[k].push_back(y);
        for (const Tensor& d : grad({y}, in, {noise(shape, 4, kFloat32)})) results[k].push_back(d);
      }
  }
  set_num_threads(before);
  for (size_t i = 0; i < results[0].size(); ++i)
    EXPECT_TRUE(same_bits(results[0][i], results[1][i]) && same_bits(results[0][i], results[2][i])) << i;
}

// ---- bad input -----------------------------------------------------------------------------------------------------

TEST(Norm, ErrorsNameTheLayerAndTheFix) {
  try {
    nn::LayerNorm(768)(ops::zeros({16, 128, 512}));
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_STREQ(e.what(),
                 "LayerNorm((768,), eps=1e-05, elementwise_affine=True, bias=True): input (16, 128, 512) must end in "
                 "normalized_shape (768,). Did you mean LayerNorm(512)?");
  }
  EXPECT_THROW(nn::BatchNorm2d(3)(ops::zeros({2, 3})), ShapeError);
  EXPECT_THROW(nn::BatchNorm1d(3)(ops::zeros({1, 3})), ShapeError);
  EXPECT_THROW(batch_norm(ops::zeros({2, 3}), {}, {}), OptionError);
  EXPECT_THROW(layer_norm(ops::zeros({2, 3}), {3}, ops::ones({3}, kFloat64)), DTypeError);
  EXPECT_THROW(nn::BatchNorm1d(-1), ShapeError);
}

}  // namespace
}  // namespace lamina

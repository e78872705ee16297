// What no case can say about losses: the naive formula over options and sizes, second derivatives, unusual dtypes, threads.
#include "lamina/ops/loss.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/nn/loss.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "tests/reference/loss.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using ops::cross_entropy;
using ops::Reduction;
using testing::error;
using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

constexpr Reduction kReductions[] = {Reduction::None, Reduction::Mean, Reduction::Sum};

Tensor labels(const Shape& shape, int64_t classes) {
  Tensor t = empty(shape, kInt64);
  for (int64_t i = 0; i < t.numel(); ++i) t.data<int64_t>()[i] = (i * 7 + i * i % 5) % classes;
  return t;
}

Tensor positive(const Shape& shape, uint64_t seed = 2) {
  Tensor t = noise(shape, seed);
  for (int64_t i = 0; i < t.numel(); ++i) t.data<double>()[i] = 0.25 + std::abs(t.data<double>()[i]);
  return t;
}

// Every option of cross_entropy with class indices, and of nll_loss: f(weight, ignore_index, smoothing, reduction)
template <class F>
void each_option(int64_t classes, F f) {
  for (const Tensor& weight : {Tensor(), positive({classes})})
    for (const int64_t ignored : {int64_t(-100), int64_t(1)})
      for (const double smoothing : {0.0, 0.25, 1.0})
        for (const Reduction reduction : kReductions) {
          SCOPED_TRACE(str("weight ", weight.defined(), " ignored ", ignored, " smoothing ", smoothing, " reduction ",
                           int(reduction)));
          f(weight, ignored, smoothing, reduction);
        }
}

TEST(CrossEntropy, AgreesWithTheNaiveFormula) {
  for (const kernels::Groups s :
       {kernels::Groups{5, 3, 1}, {1, 16, 1}, {4, 17, 1}, {2, 3, 65}, {3, 600, 1}, {2, 33, 3}}) {
    const Shape shape = s.inner == 1 ? Shape{s.outer, s.n} : Shape{s.outer, s.n, s.inner};
    const Shape positions = s.inner == 1 ? Shape{s.outer} : Shape{s.outer, s.inner};
    const Tensor x = noise(shape), target = labels(positions, s.n), dy = noise(positions, 5);
    each_option(s.n, [&](const Tensor& weight, int64_t ignored, double smoothing, Reduction reduction) {
      if (reduction != Reduction::None) return;
      const auto want =
          reference::cross_entropy(x.data<double>(), s, dy.data<double>(), [&](int64_t o, int64_t k, int64_t i) {
            const int64_t index = target.data<int64_t>()[o * s.inner + i];
            if (index == ignored) return 0.0;
            return (weight.defined() ? weight.data<double>()[k] : 1) *
                   ((k == index ? 1 - smoothing : 0) + smoothing / double(s.n));
          });
      for (const DType dtype : {kFloat64, kFloat32}) {
        const Tensor input = ops::to(x, dtype).detach().requires_grad_();
        const Tensor y = cross_entropy(input, target, weight.defined() ? ops::to(weight, dtype) : weight, ignored,
                                       reduction, smoothing);
        const Tensor d = ops::to(grad({y}, {input}, {ops::to(dy, dtype)})[0], kFloat64),
                     loss = ops::to(y.detach(), kFloat64);
        const double tolerance = dtype == kFloat64 ? 1e-12 : 2e-6;
        for (int64_t i = 0; i < loss.numel(); ++i)
          EXPECT_NEAR(loss.data<double>()[i], want.loss[size_t(i)], 20 * tolerance);
        for (int64_t i = 0; i < d.numel(); ++i) EXPECT_NEAR(d.data<double>()[i], want.dx[size_t(i)], 5 * tolerance);
      }
    });
  }
}

TEST(CrossEntropy, IndicesGradientsAndTheirGradients) {
  for (const Shape& shape : {Shape{4, 3}, Shape{2, 3, 2}, Shape{3}}) {
    const Shape positions = shape.rank() == 1 ? Shape{} : shape.rank() == 2 ? Shape{4} : Shape{2, 2};
    Tensor target = labels(positions, 3);
    if (positions.rank() == 0) target.data<int64_t>()[0] = 2;
    each_option(3, [&](const Tensor& weight, int64_t ignored, double smoothing, Reduction reduction) {
      const auto f = [&](const Tensors& in) {
        return cross_entropy(in[0], target, weight, ignored, reduction, smoothing);
      };
      expect_gradients(f, {noise(shape)});
      expect_second_gradients(f, {noise(shape)});
      if (smoothing > 0) return;
      const auto nll = [&](const Tensors& in) { return ops::nll_loss(in[0], target, weight, ignored, reduction); };
      expect_gradients(nll, {noise(shape)});
      expect_second_gradients(nll, {noise(shape)});
      const Tensor composed =
          ops::nll_loss(ops::log_softmax(noise(shape), shape.rank() == 1 ? 0 : 1), target, weight, ignored, reduction);
      EXPECT_LE(error(cross_entropy(noise(shape), target, weight, ignored, reduction), composed), 1e-12);
    });
  }
}

TEST(CrossEntropy, ProbabilitiesGradientsAndTheirGradients) {
  for (const Shape& shape : {Shape{4, 3}, Shape{2, 3, 2}, Shape{3}})
    for (const bool weighted : {false, true})
      for (const double smoothing : {0.0, 0.25, 1.0})
        for (const Reduction reduction : kReductions) {
          SCOPED_TRACE(str(shape, " ", weighted, " ", smoothing, " ", int(reduction)));
          const auto f = [&](const Tensors& in) {
            return cross_entropy(in[0], in[1], weighted ? positive({3}) : Tensor(), -100, reduction, smoothing);
          };
          const Tensors in = {noise(shape), positive(shape, 3)};
          expect_gradients(f, in);
          expect_second_gradients(f, in);
          expect_gradients(
              [&](const Tensors& t) { return cross_entropy(t[0], t[1], t[2], -100, reduction, smoothing); },
              {in[0], in[1], positive({3})});
        }
}

TEST(CrossEntropy, IsStable) {
  Tensor x = empty({2, 3}, kFloat32);
  const float huge[] = {1e4f, 1e4f + 2, -1e4f, 3e38f, -3e38f, 0};
  std::copy_n(huge, 6, x.data<float>());
  Tensor target = empty({2}, kInt64);
  target.data<int64_t>()[0] = 0, target.data<int64_t>()[1] = 0;
  const Tensor loss = cross_entropy(x, target, {}, -100, Reduction::None);
  EXPECT_NEAR(loss.data<float>()[0], std::log1p(std::exp(2.0)), 1e-6);
  EXPECT_EQ(loss.data<float>()[1], 0);
}

TEST(CrossEntropy, NothingThatCountsIsNaN) {
  const Tensor x = noise({3, 5}).requires_grad_(), target = ops::full({3}, -100, kInt64);
  const Tensor y = cross_entropy(x, target);
  EXPECT_TRUE(std::isnan(*y.data<double>()));
  const Tensor none = cross_entropy(x, target, {}, -100, Reduction::None);
  EXPECT_TRUE(same_bits(none, ops::zeros({3}, kFloat64)));
  EXPECT_TRUE(same_bits(grad({none}, {x}, {noise({3})})[0], ops::zeros({3, 5}, kFloat64)));
}

TEST(CrossEntropy, OtherTypesAndLayouts) {
  const Tensor x = noise({4, 5}), target = labels({4}, 5);
  for (const DType dtype : {kInt32, kUInt8})
    EXPECT_TRUE(same_bits(cross_entropy(x, ops::to(target, dtype)), cross_entropy(x, target)));
  const Tensor half = ops::to(x, kBFloat16).detach().requires_grad_();
  const Tensor y = cross_entropy(half, target, ops::ones({5}, kBFloat16));
  EXPECT_EQ(y.dtype(), kBFloat16);
  EXPECT_EQ(grad({y}, {half}, {ops::ones({}, kBFloat16)})[0].dtype(), kBFloat16);
  const Tensor turned = ops::permute(noise({3, 5, 4}), {2, 1, 0}), places = ops::transpose(labels({3, 4}, 5), 0, 1);
  EXPECT_TRUE(
      same_bits(cross_entropy(turned, places), cross_entropy(ops::contiguous(turned), ops::contiguous(places))));
}

TEST(CrossEntropy, AChangedTargetIsNoticed) {
  for (const bool soft : {false, true}) {
    const Tensor x = noise({4, 5}).requires_grad_(), target = soft ? positive({4, 5}) : labels({4}, 5);
    const Tensor weight = positive({5});
    for (const Tensor& changed : {target, weight}) {
      const Tensor y = cross_entropy(x, target, weight);
      ops::fill_values(changed, 1);
      changed.bump_version();
      EXPECT_THROW(grad({y}, {x}), Error);
    }
  }
}

TEST(Losses, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  std::vector<Tensors> results(3);
  for (size_t k = 0; k < 3; ++k) {
    set_num_threads(k == 0 ? 1 : k == 1 ? 2 : 5);
    for (const Shape& shape : {Shape{700, 90}, Shape{6, 21, 40, 30}}) {
      const Tensor x = noise(shape, 1, kFloat32).requires_grad_();
      Shape positions = shape;
      positions.erase(1);
      const Tensor y = cross_entropy(x, labels(positions, shape[1]), {}, 3, Reduction::Mean, 0.1);
      results[k].push_back(y);
      results[k].push_back(grad({y}, {x}, {noise({}, 3, kFloat32)})[0]);
    }
  }
  set_num_threads(before);
  for (size_t i = 0; i < results[0].size(); ++i)
    EXPECT_TRUE(same_bits(results[0][i], results[1][i]) && same_bits(results[0][i], results[2][i])) << i;
}

TEST(Losses, ElementwiseGradientsAndTheirGradients) {
  const Shape shape{3, 4};
  for (const Reduction reduction : kReductions)
    for (const bool weighted : {false, true}) {
      SCOPED_TRACE(str(int(reduction), " ", weighted));
      const Tensor weight = weighted ? positive(shape) : Tensor();
      const auto mse = [&](const Tensors& in) { return ops::mse_loss(in[0], in[1], reduction, weight); };
      const auto l1 = [&](const Tensors& in) { return ops::l1_loss(in[0], in[1], reduction, weight); };
      const auto bce = [&](const Tensors& in) {
        return ops::binary_cross_entropy_with_logits(in[0], in[1], weight, reduction,
                                                     weighted ? positive({4}, 8) : Tensor());
      };
      const Tensors in = {noise(shape), noise(shape, 2)};
      expect_gradients(mse, in);
      expect_second_gradients(mse, in);
      expect_gradients(l1, in);
      expect_gradients(bce, in);
      expect_second_gradients(bce, in);
    }
}

TEST(Losses, BinaryCrossEntropyAtZeroAndFarOut) {
  const Tensor x = ops::zeros({2}, kFloat64).requires_grad_();
  const Tensor d = grad({ops::binary_cross_entropy_with_logits(x, ops::zeros({2}, kFloat64), {}, Reduction::Sum)}, {x},
                        {ops::ones({}, kFloat64)})[0];
  EXPECT_DOUBLE_EQ(d.data<double>()[0], 0.5);
  const auto at = [](double logit, double target) {
    return *ops::binary_cross_entropy_with_logits(ops::full({1}, logit, kFloat32), ops::full({1}, target, kFloat32))
                .data<float>();
  };
  EXPECT_EQ(at(-1000, 1), 1000);
  EXPECT_EQ(at(1000, 1), 0);
}

TEST(Losses, OlderOptionsDecide) {
  EXPECT_EQ(nn::CrossEntropyLoss({.size_average = false})->options.reduction, "sum");
  EXPECT_EQ(nn::MSELoss({.reduce = false})->options.reduction, "none");
  EXPECT_EQ(nn::MSELoss({.size_average = true, .reduction = "sum"})->options.reduction, "mean");
  EXPECT_EQ(nn::L1Loss({.size_average = false, .reduce = false})->options.reduction, "none");
}

TEST(Losses, ErrorsTeach) {
  const auto message = [](auto f) {
    try {
      f();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("nothing was thrown");
  };
  const nn::CrossEntropyLoss loss;
  const Tensor x = ops::zeros({3, 5}, kFloat32), target = labels({3}, 5);
  EXPECT_EQ(message([&] { loss(x, ops::full({3}, 10, kInt64)); }),
            "CrossEntropyLoss(): Target 10 is out of bounds. The input has 5 classes: indices go from 0 to 4");
  EXPECT_NE(message([&] { loss(target, x); }).find("Are input and target swapped?"), std::string::npos);
  EXPECT_NE(message([&] { loss(x, ops::zeros({3}, kFloat32)); }).find("Convert the target with .long()"),
            std::string::npos);
  EXPECT_THROW(loss(x, labels({2}, 5)), ShapeError);
  EXPECT_THROW(nn::CrossEntropyLoss({.label_smoothing = NAN}), OptionError);
  EXPECT_THROW(nn::CrossEntropyLoss({.reduction = "avg"}), OptionError);
  EXPECT_THROW(nn::MSELoss()(ops::zeros({3, 1}), ops::zeros({3})), ShapeError);
  const Tensor weight = ops::ones({5}, kFloat32).requires_grad_();
  EXPECT_THROW(cross_entropy(x, target, weight), NotImplementedError);
}

}  // namespace
}  // namespace lamina

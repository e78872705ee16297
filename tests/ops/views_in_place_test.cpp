// Writing into views of tensors that take part in a graph; numbers from PyTorch 2.13.
#include <gtest/gtest.h>

#include "lamina/core/error.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"
#include "tests/support/gradients.h"

namespace lamina::testing {
namespace {

using namespace lamina::ops;

Tensor numbers(const std::vector<double>& values, const Shape& shape) { return reshape(tensor(values), shape); }
Tensor wanted(const std::vector<double>& values, const Shape& shape) { return numbers(values, shape).requires_grad_(); }
void expect_values(const Tensor& t, const std::vector<double>& values) {
  EXPECT_LE(error(reshape(t.detach(), {-1}), tensor(values)), 1e-12) << t.shape().text();
}

TEST(ViewsInPlace, AssigningARowCutsItsGradient) {
  const Tensor x = wanted({1, 2, 3, 4}, {2, 2}), w = wanted({5, 6}, {2});
  const Tensor y = clone(x);
  copy_(select(y, 0, 0), mul(w, w));
  mul_(y, tensor(2.0, kFloat64));
  backward({y}, {numbers({1, 2, 3, 4}, {2, 2})});
  expect_values(y, {50, 72, 6, 8});
  expect_values(x.grad(), {0, 0, 6, 8});
  expect_values(w.grad(), {20, 48});
}

TEST(ViewsInPlace, AViewMadeEarlierSeesWhatIsWrittenIntoItsBase) {
  const Tensor x = wanted({1, 2, 3}, {3}), w = wanted({7}, {});
  const Tensor y = clone(x), v = select(y, 0, 1);
  mul_(y, w);
  backward({mul(v, v)});  // (2w)²
  expect_values(x.grad(), {0, 196, 0});
  expect_values(w.grad(), {56});
}

TEST(ViewsInPlace, ABaseSeesWhatIsWrittenIntoAViewOfAView) {
  const Tensor x = wanted({1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor y = clone(x), rows = transpose(y, 0, 1), part = slice(rows, 0, 1);
  exp_(part);  // columns 1 and 2
  backward({y}, {numbers({1, 1, 1, 2, 2, 2}, {2, 3})});
  expect_values(x.grad(), {1, std::exp(2), std::exp(3), 2, 2 * std::exp(5), 2 * std::exp(6)});
}

TEST(ViewsInPlace, ABaseWithoutGradientGetsOne) {
  const Tensor w = wanted({2, 3}, {2}), y = zeros({3, 2}, kFloat64), other = select(y, 0, 1);
  EXPECT_FALSE(other.requires_grad());
  for (int64_t i = 0; i < 3; ++i) index_put_(y, {i}, mul(w, double(i + 1)));
  EXPECT_TRUE(y.requires_grad());
  EXPECT_TRUE(other.requires_grad());
  EXPECT_FALSE(y.is_leaf());
  backward({y}, {numbers({1, 2, 3, 4, 5, 6}, {3, 2})}, {.retain_graph = true});
  expect_values(w.grad(), {1 + 6 + 15, 2 + 8 + 18});
  backward({other}, {numbers({1, 1}, {2})});
  expect_values(w.grad(), {24, 30});
}

TEST(ViewsInPlace, EveryInPlaceOperationReachesTheBase) {
  const auto f = [](const Tensors& in) {
    const Tensor y = mul(in[0], 1.0);
    clamp_(select(y, 0, 0), -1.0, 1.0);
    add_(select(y, 1, 2), in[1], 0.5);
    masked_fill_(slice(y, 1, 1), gt(slice(y, 1, 1).detach(), 0.9), 3.0);
    index_put_(y, {Slice{1, 3}, tensor(std::vector<int64_t>{0, 3})}, in[2]);
    scatter_(select(y, 1, 1), 0, tensor(std::vector<int64_t>{2}), in[3]);
    pow_(slice(y, 0, 2), 3);
    lerp_(diagonal(y), in[4], in[4]);
    return y;
  };
  const Tensors in{noise({3, 4}, 1), noise({}, 2), noise({2}, 3), noise({1}, 4), noise({3}, 5)};
  expect_gradients(f, in);
  expect_second_gradients(f, in);
}

TEST(ViewsInPlace, RepeatedWritesThroughTwoViews) {
  const auto f = [](const Tensors& in) {
    const Tensor y = mul(in[0], in[0]), a = slice(y, 0, 0, 3), b = slice(y, 0, 1, 4);
    mul_(a, in[1]);
    add_(b, mul(a, a));
    mul_(a, b);
    return add(y, 0);
  };
  // a and b overlap, and what mul saved of b is overwritten by writing a: only the first two steps are legal
  const auto legal = [](const Tensors& in) {
    const Tensor y = mul(in[0], in[0]), a = slice(y, 0, 0, 3), b = slice(y, 0, 1, 4);
    mul_(a, in[1]);
    add_(b, clone(a));
    return mul(y, y);
  };
  EXPECT_THROW(expect_gradients(f, {noise({4}, 1), noise({3}, 2)}), Error);
  expect_gradients(legal, {noise({4}, 1), noise({3}, 2)});
  expect_second_gradients(legal, {noise({4}, 1), noise({3}, 2)});
}

TEST(ViewsInPlace, SavedValuesThatWereOverwrittenAreAnError) {
  const Tensor x = wanted({1, 2, 3}, {3});
  const Tensor y = mul(x, 2.0), z = mul(y, y);
  fill_(select(y, 0, 0), 7);
  EXPECT_THROW(backward({z}, {numbers({1, 1, 1}, {3})}), Error);
}

TEST(ViewsInPlace, ALeafIsNotWrittenIntoThroughAView) {
  const Tensor x = wanted({1, 2, 3}, {3});
  EXPECT_THROW(zero_(select(x, 0, 0)), Error);
  {
    const NoGradGuard guard;
    zero_(select(x, 0, 0));
  }
  expect_values(x, {0, 2, 3});
}

TEST(ViewsInPlace, AViewMadeWithoutGradIsNotWrittenIntoWithIt) {
  const Tensor x = wanted({1, 2, 3}, {3}), y = mul(x, 1.0);
  Tensor frozen;
  {
    const NoGradGuard guard;
    frozen = select(y, 0, 0);
  }
  EXPECT_FALSE(frozen.requires_grad());
  EXPECT_THROW(mul_(frozen, select(x, 0, 1)), Error);
}

TEST(ViewsInPlace, NothingIsLeftBehind) {
  const Tensor x = wanted({1, 2, 3}, {3});
  const uint32_t before = x->count.load();
  for (int i = 0; i < 3; ++i) {
    const Tensor y = mul(x, 2.0), v = select(y, 0, 1), z = mul(v, x);
    copy_(y, z);  // y's node leads to one that saved a part of y
    add_(v, mul(v, v));
  }
  EXPECT_EQ(x->count.load(), before);
}

}  // namespace
}  // namespace lamina::testing

// Functions written by hand and hooks on tensors, in C++; Python's have their own tests beside PyTorch.
#include "lamina/autograd/function.h"

#include <gtest/gtest.h>

#include "lamina/autograd/backward.h"
#include "lamina/autograd/gradcheck.h"
#include "lamina/core/error.h"
#include "lamina/graph/hooks.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"

namespace lamina {
namespace {

struct ScaledCube : Function<ScaledCube> {
  static Tensor forward(FunctionContext& ctx, const Tensor& x, double factor, const Tensor& shift) {
    ctx.save_for_backward({x, ops::tensor(factor, kFloat64)});
    return x.mul(x).mul(x).mul(factor).add(shift);
  }
  static Tensors backward(FunctionContext& ctx, const Tensors& grads) {
    const Tensors saved = ctx.saved();
    return {grads[0].mul(saved[0]).mul(saved[0]).mul(saved[1]).mul(3), Tensor(), grads[0]};
  }
};

struct ExpAndSign : Function<ExpAndSign> {
  static Tensors forward(FunctionContext& ctx, const Tensor& x) {
    const Tensor y = x.exp(), sign = x.sign();
    ctx.save_for_backward({y});
    ctx.mark_non_differentiable({sign});
    return {y, sign};
  }
  static Tensors backward(FunctionContext& ctx, const Tensors& grads) { return {grads[0].mul(ctx.saved(0))}; }
};

Tensor values(std::vector<double> numbers) { return ops::tensor(numbers).requires_grad_(); }

TEST(Function, GradientsAndSecondDerivatives) {
  const auto f = [](const Tensors& in) -> Tensors { return {ScaledCube::apply(in[0], 0.5, in[1])}; };
  EXPECT_TRUE(gradcheck(f, {values({0.3, -1.2, 2.0}), values({0.5})}, {}));
  EXPECT_TRUE(gradgradcheck(f, {values({0.3, -1.2, 2.0}), values({0.5})}, {}));
}

TEST(Function, SavedOutput) {
  const Tensor x = values({0.5, -1.0});
  const Tensors y = ExpAndSign::apply(x);
  EXPECT_TRUE(y[0].requires_grad());
  EXPECT_FALSE(y[1].requires_grad());
  EXPECT_TRUE(gradgradcheck([](const Tensors& in) -> Tensors { return {ExpAndSign::apply(in[0])[0]}; }, {x}, {}));
}

TEST(Function, NothingIsRecordedWithoutGradient) {
  const Tensor x = ops::tensor(std::vector<double>{1, 2});
  EXPECT_FALSE(ScaledCube::apply(x, 2.0, x).requires_grad());
}

TEST(Hooks, ReplaceGradients) {
  const Tensor x = values({1, 2}), y = x.mul(3);
  HookHandle doubled = register_hook(y, [](const Tensor& g) { return g.mul(2); });
  register_hook(x, [](const Tensor& g) { return g.add(1); });
  int complete = 0;
  register_post_accumulate_grad_hook(x, [&](const Tensor& leaf) { complete += leaf.grad().defined(); });
  retain_grad(y);
  const Tensor cotangent = ops::tensor(std::vector<double>{1, 10});
  y.backward(cotangent, true);
  EXPECT_TRUE(y.grad().equal(cotangent.mul(2)));
  EXPECT_TRUE(x.grad().equal(cotangent.mul(6).add(1)));
  doubled.remove();
  x.set_grad({});
  y.backward(cotangent);
  EXPECT_TRUE(x.grad().equal(cotangent.mul(3).add(1)));
  EXPECT_EQ(complete, 2);
  EXPECT_THROW(register_hook(x.detach(), [](const Tensor& g) { return g; }), Error);
}

}  // namespace
}  // namespace lamina

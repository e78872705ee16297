#include "lamina/ops/loss_likelihood.h"

#include <cmath>
#include <numbers>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/loss_parts.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

// x the input, t the target
constexpr BinaryOp kDivergence{.name = "kl_div",
                               .node = "KlDivBackward0",
                               .run = real<decltype([](auto x, auto t) { return t == 0 ? t : t * (std::log(t) - x); })>,
                               .uses = kAUsesB | kBUsesA | kBUsesB,
                               .gradient_a = [](const Operands& o) { return neg(mul(o.dy, o.b)); },
                               .gradient_b = [](const Operands& o) { return mul(o.dy, sub(add(log(o.b), 1), o.a)); }};

constexpr BinaryOp kLogDivergence{
    .name = "kl_div",
    .node = "KlDivBackward0",
    .run = real<decltype([](auto x, auto t) {
      const auto p = std::exp(t);
      return p == 0 ? p : p * (t - x);
    })>,
    .uses = kAUsesB | kBUsesA | kBUsesB,
    .gradient_a = [](const Operands& o) { return neg(mul(o.dy, exp(o.b))); },
    .gradient_b = [](const Operands& o) { return mul(o.dy, part(exp(o.b), add(sub(o.b, o.a), 1))); }};

// t·log t − t + ½·log(2πt) where t > 1, else 0
Tensor stirling(const Tensor& target) {
  const Tensor small = le(target, 1), t = masked_fill(target, small, 1);
  const Tensor value = add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * std::numbers::pi)), 0.5));
  return masked_fill(value, small, 0);
}

// max(v, eps), with v's gradient everywhere
Tensor at_least(const Tensor& v, double eps) {
  Tensor y = clamp_min(v.detach(), eps);
  if (needs_grad(v)) record("CloneBackward0", y, {&v}, [](const Backward& g) -> Tensors { return {g.dy()}; });
  return y;
}

// A variance that broadcasts against the input.
Tensor variance(const Tensor& input, const Tensor& var) {
  if (var.shape() == input.shape()) return var;
  if (input.rank() > 0 && input.shape().slice(0, -1) == var.shape()) return unsqueeze(var, -1);
  int64_t product = 0;  // of the sizes of input where var has another: one dimension of size 1
  if (input.rank() == var.rank())
    for (int i = 0; i < input.rank(); ++i)
      if (input.size(i) != var.size(i)) product += var.size(i) == 1 ? 1 : 2;
  if (product == 1) return var;
  throw ShapeError(str("var ", var.shape(), " is of incorrect size for input ", input.shape()),
                   "It has the input's shape, or 1 in one dimension, or not the last");
}

}  // namespace

Tensor kl_div(const Tensor& input, const Tensor& target, Reduction reduction, bool log_target) {
  check_fractions("kl_div", input, target);
  check_broadcast(input, target);
  return reduced(binary(log_target ? kLogDivergence : kDivergence, input, target), reduction);
}

Tensor kl_div(const Tensor& input, const Tensor& target, const std::string& reduction, bool log_target) {
  if (reduction != "batchmean") return kl_div(input, target, reduction_of(reduction), log_target);
  const Tensor total = kl_div(input, target, Reduction::Sum, log_target);
  return input.rank() == 0 ? total : div(total, input.size(0));
}

Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, bool log_input, bool full, double eps,
                        Reduction reduction) {
  check_broadcast(input, target);
  Tensor losses = log_input ? sub(exp(input), mul(target, input)) : sub(input, part(target, log(add(input, eps))));
  if (full) losses = add(losses, stirling(target));
  return reduced(losses, reduction);
}

Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var, bool full, double eps,
                         Reduction reduction) {
  check_fractions("gaussian_nll_loss", input, target);
  check_broadcast(input, target);
  if (std::isnan(eps)) throw OptionError("eps must be a number, got nan");
  if (item(any(lt(var.detach(), 0))).to<bool>()) throw OptionError("var has negative entry/entries");
  const Tensor v = at_least(variance(input, var), eps);
  Tensor losses = mul(add(log(v), div(square(sub(input, target)), v)), 0.5);
  if (full) losses = add(losses, 0.5 * std::log(2 * std::numbers::pi));
  return reduced(losses, reduction);
}

Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, double var, bool full, double eps,
                         Reduction reduction) {
  if (!(var >= 0)) throw OptionError("var has negative entry/entries");
  return gaussian_nll_loss(input, target, full_like(input, var), full, eps, reduction);
}

}  // namespace lamina::ops

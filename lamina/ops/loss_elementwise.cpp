// The losses that compare input and target element by element.
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/loss.h"
#include "lamina/ops/loss_parts.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

// ---- shared (loss_parts.h) -----------------------------------------------------------------------------------------

void check_fractions(const char* what, const Tensor& input, const Tensor& target) {
  if (!input.is_floating_point() && !target.is_floating_point()) throw_unsupported(what, input.dtype());
}

void check_same_shape(const Tensor& input, const Tensor& target) {
  if (input.shape() == target.shape()) return;
  std::string hint;
  if (input.rank() == target.rank() + 1 && input.size(-1) == 1 && input.shape().slice(0, -1) == target.shape())
    hint = "Use input.squeeze(-1) or target.unsqueeze(-1)";
  else if (target.rank() == input.rank() + 1 && target.size(-1) == 1 && target.shape().slice(0, -1) == input.shape())
    hint = "Use target.squeeze(-1) or input.unsqueeze(-1)";
  else if (input.numel() == target.numel()) hint = "Reshape one like the other, or expand it yourself if that is meant";
  else hint = "Use target.expand_as(input) if that is meant";
  throw ShapeError(str("target ", target.shape(), " must have the input's shape ", input.shape()), hint);
}

Shape check_broadcast(const Tensor& input, const Tensor& target) {
  Shape shape = broadcast(input.shape(), target.shape());
  if (shape != input.shape() && shape != target.shape()) check_same_shape(input, target);
  return shape;
}

Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::None) return losses;
  return reduction == Reduction::Mean ? mean(losses) : sum(losses);
}

namespace {

// log σ(x) = min(x, 0) − log(1 + exp(−|x|))
constexpr UnaryOp kLogSigmoid{
    .name = "logsigmoid",
    .node = "LogSigmoidBackward0",
    .run = real_unary<decltype([](auto v) { return (v < 0 ? v : 0) - std::log1p(std::exp(-std::abs(v))); })>,
    .result = Result::Same,
    .gradient = [](const Tensor& dy, const Tensor& x) { return mul(dy, sigmoid(neg(x))); }};

constexpr BinaryOp kPart{.name = "a part of a loss",
                         .node = "MulBackward0",
                         .run = numeric<decltype([](auto a, auto b) { return a == 0 ? a : a * b; })>,
                         .uses = kAUsesB | kBUsesA,
                         .gradient_a = [](const Operands& o) { return mul(o.dy, o.b); },
                         .gradient_b = [](const Operands& o) { return part(o.a, o.dy); }};

// A loop with the operation's number beside the operands.
template <class F>
void with_parameter(const Tensor& out, const Tensor& a, const Tensor& b, Scalar parameter) {
  dispatch_real(a.dtype(), "this loss", [&]<class T>() {
    map<T, T, T>(out, [p = parameter.to<T>()](T x, T t) { return F{}(x, t, p); }, a, b);
  });
}

constexpr BinaryOp kSmoothL1{
    .name = "smooth_l1_loss",
    .node = "SmoothL1LossBackward0",
    .run = with_parameter<decltype([](auto x, auto t, auto beta) {
      const auto z = std::abs(x - t);
      return z < beta ? z / beta * z / 2 : z - beta / 2;
    })>,
    .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
    .gradient_a = [](const Operands& o) { return mul(o.dy, clamp(div(sub(o.a, o.b), o.parameter), -1, 1)); },
    .gradient_b = [](const Operands& o) { return mul(o.dy, clamp(div(sub(o.b, o.a), o.parameter), -1, 1)); }};

Tensor huber_slope(const Tensor& difference, Scalar delta) { return clamp(difference, -delta.to_double(), delta); }

constexpr BinaryOp kHuber{
    .name = "huber_loss",
    .node = "HuberLossBackward0",
    .run = with_parameter<decltype([](auto x, auto t, auto delta) {
      const auto z = std::abs(x - t);
      return z <= delta ? z * z / 2 : delta * (z - delta / 2);
    })>,
    .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
    .gradient_a = [](const Operands& o) { return mul(o.dy, huber_slope(sub(o.a, o.b), o.parameter)); },
    .gradient_b = [](const Operands& o) { return mul(o.dy, huber_slope(sub(o.b, o.a), o.parameter)); }};

// log(1 + exp(x)) − t·x, without ∞ − ∞ where x is as certain as t
constexpr BinaryOp kLogitCrossEntropy{.name = "binary_cross_entropy_with_logits",
                                      .node = "BinaryCrossEntropyWithLogitsBackward0",
                                      .run = real<decltype([](auto x, auto t) {
                                        const auto rest = std::log1p(std::exp(-std::abs(x)));
                                        if (t == 1) return (x < 0 ? -x : decltype(x)(0)) + rest;
                                        return (x > 0 ? x : decltype(x)(0)) - (t == 0 ? t : t * x) + rest;
                                      })>,
                                      .uses = kAUsesA | kAUsesB | kBUsesA,
                                      .gradient_a = [](const Operands& o) { return mul(o.dy, sub(sigmoid(o.a), o.b)); },
                                      .gradient_b = [](const Operands& o) { return neg(mul(o.dy, o.a)); }};

constexpr double kLeastLog = -100, kLeastVariance = double(1e-12f);  // as PyTorch rounds it

// t·log x + (1 − t)·log(1 − x), each logarithm no less than −100
constexpr BinaryOp kBinaryCrossEntropy{
    .name = "binary_cross_entropy",
    .node = "BinaryCrossEntropyBackward0",
    .run = real<decltype([](auto x, auto t) {
      using T = decltype(x);
      return (t - 1) * std::max(std::log1p(-x), T(kLeastLog)) - t * std::max(std::log(x), T(kLeastLog));
    })>,
    .uses = kAUsesA | kAUsesB | kBUsesA,
    .gradient_a =
        [](const Operands& o) {
          return mul(o.dy, div(sub(o.a, o.b), clamp_min(mul(rsub(o.a, 1), o.a), kLeastVariance)));
        },
    .gradient_b =
        [](const Operands& o) {
          return mul(o.dy, sub(clamp_min(log1p(neg(o.a)), kLeastLog), clamp_min(log(o.a), kLeastLog)));
        }};

void check_probabilities(const Tensor& input) {
  const Tensor x = contiguous(is_half(input.dtype()) ? to(input.detach(), kFloat32) : input.detach());
  dispatch_real(x.dtype(), "binary_cross_entropy", [&]<class T>() {
    const T* values = x.data<T>();
    for (int64_t i = 0; i < x.numel(); ++i)
      if (!(values[i] >= 0 && values[i] <= 1))
        throw Error(str("all elements of input should be between 0 and 1, got ", double(values[i])),
                    "Of logits, use binary_cross_entropy_with_logits");
  });
}

void check_weight(const Tensor& input, const Tensor& weight) {
  if (weight.shape() != input.shape())
    throw ShapeError(str("weight ", weight.shape(), " must have the input's shape ", input.shape()));
}

// The mean is over the weights.
Tensor weighted(const Tensor& losses, const Tensor& input, const Tensor& weight, Reduction reduction) {
  check_weight(input, weight);
  const Tensor each = mul(losses, weight);
  return reduction == Reduction::Mean ? div(sum(each), sum(weight)) : reduced(each, reduction);
}

}  // namespace

Tensor log_of_sigmoid(const Tensor& x) { return unary(kLogSigmoid, x); }
Tensor cross_entropy_of_logits(const Tensor& x, const Tensor& t) { return binary(kLogitCrossEntropy, x, t); }
Tensor part(const Tensor& a, const Tensor& b) { return binary(kPart, a, b); }

// ---- distances -----------------------------------------------------------------------------------------------------

Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction, const Tensor& weight) {
  check_fractions("mse_loss", input, target);
  check_same_shape(input, target);
  if (weight.defined()) return weighted(square(sub(input, target)), input, weight, reduction);
  Tensor y = reduced(square(sub(input.detach(), target.detach())), reduction);
  if (needs_grad(input, target))
    record("MseLossBackward0", y, {&input, &target},
           [input = Saved(input), target = Saved(target), reduction](const Backward& g) -> Tensors {
             const Tensor difference = sub(input.get(), target.get());
             const double factor = reduction == Reduction::Mean ? 2 / double(difference.numel()) : 2;
             const Tensor d = mul(mul(difference, factor), g.dy());
             return {g.needs(0) ? to(d, input.get().dtype()) : Tensor(),
                     g.needs(1) ? to(neg(d), target.get().dtype()) : Tensor()};
           });
  return y;
}

Tensor l1_loss(const Tensor& input, const Tensor& target, Reduction reduction, const Tensor& weight) {
  check_fractions("l1_loss", input, target);
  check_same_shape(input, target);
  const Tensor losses = abs(sub(input, target));
  return weight.defined() ? weighted(losses, input, weight, reduction) : reduced(losses, reduction);
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, Reduction reduction, double beta) {
  check_fractions("smooth_l1_loss", input, target);
  check_same_shape(input, target);
  if (!(beta >= 0)) throw OptionError(str("smooth_l1_loss does not support negative values for beta, got ", beta));
  if (beta == 0) return l1_loss(input, target, reduction);
  return reduced(binary(kSmoothL1, input, target, beta), reduction);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, Reduction reduction, double delta, const Tensor& weight) {
  check_fractions("huber_loss", input, target);
  check_same_shape(input, target);
  if (!(delta > 0)) throw OptionError(str("huber_loss does not support non-positive values for delta, got ", delta));
  Tensor losses = binary(kHuber, input, target, delta);
  if (weight.defined()) {
    check_weight(input, weight);
    losses = mul(losses, weight);
  }
  return reduced(losses, reduction);
}

// ---- two classes ---------------------------------------------------------------------------------------------------

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, Reduction reduction) {
  check_same_shape(input, target);
  if (!input.is_floating_point()) throw_unsupported("binary_cross_entropy", input.dtype());
  if (weight.defined() && broadcast(weight.shape(), input.shape()) != input.shape())
    throw ShapeError(str("weight ", weight.shape(), " must broadcast to the input's shape ", input.shape()));
  check_probabilities(input);
  Tensor losses = binary(kBinaryCrossEntropy, input, target);
  if (weight.defined()) losses = mul(losses, weight);
  return reduced(losses, reduction);
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight,
                                        Reduction reduction, const Tensor& pos_weight) {
  check_same_shape(input, target);
  if (!input.is_floating_point()) throw_unsupported("binary_cross_entropy_with_logits", input.dtype());
  for (const auto& [what, t] : {std::pair{"weight", &weight}, {"pos_weight", &pos_weight}})
    if (t->defined() && broadcast(t->shape(), input.shape()) != input.shape())
      throw ShapeError(str(what, " ", t->shape(), " must broadcast to the input's shape ", input.shape()));
  Tensor losses;
  if (pos_weight.defined()) {
    const Tensor positive = part(mul(target, pos_weight), log_of_sigmoid(input));
    losses = neg(add(positive, part(rsub(target, 1), log_of_sigmoid(neg(input)))));
  } else {
    losses = cross_entropy_of_logits(input, target);
  }
  if (weight.defined()) losses = mul(losses, weight);
  return reduced(losses, reduction);
}

}  // namespace lamina::ops

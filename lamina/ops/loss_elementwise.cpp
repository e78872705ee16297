// The losses that compare input and target element by element.
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/loss.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

void check_pair(const char* what, const Tensor& input, const Tensor& target) {
  if (!input.is_floating_point() && !target.is_floating_point()) throw_unsupported(what, input.dtype());
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

Tensor weighted(Tensor losses, const Tensor& input, const Tensor& weight, Reduction reduction) {
  if (weight.defined()) {
    if (weight.shape() != input.shape())
      throw ShapeError(str("weight ", weight.shape(), " must have the input's shape ", input.shape()));
    losses = mul(losses, weight);
    if (reduction == Reduction::Mean) return div(sum(losses), sum(weight));
  }
  if (reduction == Reduction::None) return losses;
  return reduction == Reduction::Mean ? mean(losses) : sum(losses);
}

// log σ(x) = min(x, 0) − log(1 + exp(−|x|)), stable for large x of either sign
constexpr UnaryOp kLogSigmoid{
    .name = "logsigmoid",
    .node = "LogSigmoidBackward0",
    .run = real_unary<decltype([](auto v) { return (v < 0 ? v : 0) - std::log1p(std::exp(-std::abs(v))); })>,
    .result = Result::Same,
    .gradient = [](const Tensor& dy, const Tensor& x) { return mul(dy, sigmoid(neg(x))); }};

}  // namespace

Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction, const Tensor& weight) {
  check_pair("mse_loss", input, target);
  if (weight.defined()) return weighted(square(sub(input, target)), input, weight, reduction);
  Tensor y = weighted(square(sub(input.detach(), target.detach())), input, {}, reduction);
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
  check_pair("l1_loss", input, target);
  return weighted(abs(sub(input, target)), input, weight, reduction);
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight,
                                        Reduction reduction, const Tensor& pos_weight) {
  check_pair("binary_cross_entropy_with_logits", input, target);
  if (!input.is_floating_point()) throw_unsupported("binary_cross_entropy_with_logits", input.dtype());
  for (const auto& [what, t] : {std::pair{"weight", &weight}, {"pos_weight", &pos_weight}})
    if (t->defined() && broadcast(t->shape(), input.shape()) != input.shape())
      throw ShapeError(str(what, " ", t->shape(), " must broadcast to the input's shape ", input.shape()));
  const Tensor log_sigmoid = unary(kLogSigmoid, input);
  Tensor attention = log_sigmoid;  // times 1 + (pos_weight − 1)·t
  if (pos_weight.defined()) attention = mul(log_sigmoid, add(mul(sub(pos_weight, 1), target), 1));
  Tensor losses = sub(mul(rsub(target, 1), input), attention);
  if (weight.defined()) losses = mul(losses, weight);
  return weighted(losses, input, {}, reduction);
}

}  // namespace lamina::ops

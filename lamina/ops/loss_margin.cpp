#include "lamina/ops/loss_margin.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/loss_margin.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/loss_parts.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

// ---- element by element --------------------------------------------------------------------------------------------

Tensor soft_margin_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_fractions("soft_margin_loss", input, target);
  check_broadcast(input, target);
  return reduced(neg(log_of_sigmoid(mul(input, target))), reduction);
}

Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, double margin, Reduction reduction) {
  check_broadcast(input, target);
  if (!input.is_floating_point()) throw_unsupported("hinge_embedding_loss", input.dtype());
  const Tensor apart = where(ne(target, 1), clamp_min(rsub(input, margin), 0), 0);
  const Tensor together = where(ne(target, -1), input, 0);
  return reduced(add(apart, together), reduction);
}

Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                           Reduction reduction) {
  if (input1.rank() != input2.rank() || input1.rank() != target.rank())
    throw ShapeError(str("input1 ", input1.shape(), ", input2 ", input2.shape(), " and target ", target.shape(),
                         " must have the same number of dimensions"));
  check_broadcast(input1, input2);
  const Tensor difference = sub(input1, input2);
  check_broadcast(difference, target);
  return reduced(clamp_min(add(neg(mul(target, difference)), margin), 0), reduction);
}

// ---- classes -------------------------------------------------------------------------------------------------------

namespace {

void check_classes(const Tensor& input, const Tensor& target) {
  if (!input.is_floating_point())
    throw DTypeError(str("input is ", name(input.dtype()), ": scores have fractions"),
                     target.is_floating_point() ? "Are input and target swapped? The scores come first" : "");
  if (input.rank() > 2 || (input.rank() > 0 && input.size(-1) == 0))
    throw ShapeError(str("input ", input.shape(), " must be (N, C) or (C) with at least one class"));
  if (target.dtype() != kInt64)
    throw DTypeError(str("target is ", name(target.dtype()), ": class indices must be int64"),
                     "Convert the target with .long()");
}

int64_t class_count(const Tensor& input) { return input.rank() == 0 ? 1 : input.size(-1); }
int64_t sample_count(const Tensor& input) { return input.rank() == 2 ? input.size(0) : 1; }

[[noreturn]] void outside_classes(int64_t index, int64_t classes) {
  throw IndexError(str("Target ", index, " is out of bounds."),
                   str("The input has ", classes, " classes: indices go from 0 to ", classes - 1));
}

}  // namespace

Tensor multi_margin_loss(const Tensor& input, const Tensor& target, int64_t p, double margin, const Tensor& weight,
                         Reduction reduction) {
  check_classes(input, target);
  if (p != 1 && p != 2) throw OptionError(str("only p == 1 and p == 2 supported, got ", p));
  const int64_t classes = class_count(input), samples = sample_count(input);
  if (target.rank() > 1 || target.numel() != samples)
    throw ShapeError(str("target ", target.shape(), " must be ", Shape{samples}, " for input ", input.shape()));
  if (weight.defined() && weight.shape() != Shape{classes})
    throw ShapeError(str("weight ", weight.shape(), " must be ", Shape{classes}, ", one value for each class of input ",
                         input.shape()));
  check_same_dtype(input, {{"weight", &weight}});
  const Tensor index = view(contiguous(target.detach()), {samples, 1});
  for (int64_t i = 0; i < samples; ++i)
    if (const int64_t k = index.data<int64_t>()[i]; k < 0 || k >= classes) outside_classes(k, classes);
  const Tensor x = reshape(input, {samples, classes});
  Tensor excess = relu(add(sub(x, gather(x, 1, index)), margin));
  if (p == 2) excess = square(excess);
  if (weight.defined()) excess = mul(excess, unsqueeze(index_select(weight, 0, view(index, {samples})), 1));
  const Tensor others = scatter(excess, 1, index, 0);
  const Tensor losses = div(sum(others, {1}), classes);
  return reduced(target.rank() == 0 ? view(losses, {}) : losses, reduction);
}

Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_classes(input, target);
  const int64_t classes = class_count(input), samples = sample_count(input);
  if (target.shape() != input.shape() && !(target.rank() < 2 && input.rank() < 2 && target.numel() == input.numel()))
    throw ShapeError(str("target ", target.shape(), " must have the input's shape ", input.shape()));
  if (is_half(input.dtype())) return to(multilabel_margin_loss(to(input, kFloat32), target, reduction), input.dtype());
  const Tensor labels = contiguous(target.detach());
  for (int64_t i = 0; i < labels.numel(); ++i)
    if (const int64_t k = labels.data<int64_t>()[i]; k < -1 || k >= classes) outside_classes(k, classes);
  const Tensor x = contiguous(input.detach());
  Tensor losses = empty({samples}, x.dtype()), slope = empty({samples, classes}, x.dtype());
  const Tensor member = empty({samples, classes}, kBool);
  dispatch_real(x.dtype(), "multilabel_margin_loss", [&]<class T>() {
    kernels::multilabel_margin(x.data<T>(), labels.data<int64_t>(), samples, classes, losses.data<T>(), slope.data<T>(),
                               member.data<bool>());
  });
  if (needs_grad(input))  // the loss is a plane around x, so its slope does not depend on x
    record("MultilabelMarginLossBackward0", losses, {&input},
           [slope, shape = input.shape()](const Backward& g) -> Tensors {
             return {reshape(mul(unsqueeze(g.dy(), 1), slope), shape)};
           });
  return reduced(input.rank() == 2 ? losses : view(losses, {}), reduction);
}

Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target, const Tensor& weight,
                                   Reduction reduction) {
  const Shape shape = check_broadcast(input, target);
  if (!input.is_floating_point()) throw_unsupported("multilabel_soft_margin_loss", input.dtype());
  if (input.rank() == 0) throw IndexError("input () must have classes in its last dimension");
  Tensor losses = cross_entropy_of_logits(input, target);
  if (weight.defined()) {
    if (broadcast(weight.shape(), shape) != shape)
      throw ShapeError(str("weight ", weight.shape(), " must broadcast to the input's shape ", shape));
    losses = mul(losses, weight);
  }
  return reduced(div(sum(losses, {-1}), input.size(-1)), reduction);
}

// ---- vectors -------------------------------------------------------------------------------------------------------

namespace {

// What a vector is divided by so that its squares do not overflow; it cancels in the cosine.
Tensor scale_of(const Tensor& x, int64_t dim) {
  constexpr double kSafe = 1e9;
  const Tensor largest = amax(abs(x.detach()), {dim}, true);
  return masked_fill(largest, le(largest, kSafe), 1);
}

// The scaled vector and its square with 1e-12 added, scaled alike.
struct Scaled { Tensor x, square; };
Scaled scaled(const Tensor& x, int64_t dim) {
  constexpr double kLeastSquare = double(1e-12f);  // as PyTorch rounds it
  if (x.size(dim) == 0) return {x, add(sum(x, {dim}), kLeastSquare)};
  const Tensor scale = scale_of(x, dim), y = div(x, scale);
  return {y, add(sum(mul(y, y), {dim}), squeeze(div(rdiv(scale, kLeastSquare), scale), dim))};
}

Tensor cosine(const Tensor& x1, const Tensor& x2, int64_t dim) {
  const Scaled a = scaled(x1, dim), b = scaled(x2, dim);
  return div(sum(mul(a.x, b.x), {dim}), sqrt(mul(a.square, b.square)));
}

Tensor triplet(const Tensor& anchor, const Tensor& positive, const Tensor& negative, const DistanceFunction& distance,
               double margin, bool swap, Reduction reduction) {
  check_triplet_margin(margin);
  if (anchor.rank() != positive.rank() || anchor.rank() != negative.rank())
    throw ShapeError(str("anchor ", anchor.shape(), ", positive ", positive.shape(), " and negative ", negative.shape(),
                         " must have the same number of dimensions"));
  const Tensor near = distance(anchor, positive);
  Tensor far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return reduced(clamp_min(add(sub(near, far), margin), 0), reduction);
}

DistanceFunction norm_of_difference(double p, double eps) {
  return [p, eps](const Tensor& a, const Tensor& b) { return norm(add(sub(a, b), eps), p, {-1}); };
}

}  // namespace

Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                             Reduction reduction) {
  if (target.rank() > 1)
    throw ShapeError(str("target ", target.shape(), " must be (N), or () for one pair of vectors"));
  if (input1.rank() != target.rank() + 1 || input2.rank() != target.rank() + 1)
    throw ShapeError(str("input1 ", input1.shape(), " and input2 ", input2.shape(), " must have ", target.rank() + 1,
                         " dimension", target.rank() ? "s" : "", " for a target ", target.shape()));
  const Tensor cos = cosine(input1, input2, target.rank());
  check_broadcast(cos, target);
  const Tensor together = where(eq(target, 1), rsub(cos, 1), 0);
  const Tensor apart = where(eq(target, -1), clamp_min(sub(cos, margin), 0), 0);
  return reduced(add(together, apart), reduction);
}

void check_triplet_margin(double margin) {
  if (!(margin > 0)) throw OptionError(str("margin must be greater than 0, got ", margin));
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative, double margin,
                           double p, double eps, bool swap, Reduction reduction) {
  return triplet(anchor, positive, negative, norm_of_difference(p, eps), margin, swap, reduction);
}

Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                         const DistanceFunction& distance_function, double margin, bool swap,
                                         Reduction reduction) {
  constexpr double kEps = 1e-6;
  return triplet(anchor, positive, negative, distance_function ? distance_function : norm_of_difference(2, kEps),
                 margin, swap, reduction);
}

}  // namespace lamina::ops

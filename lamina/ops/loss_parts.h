// What the losses share: the check of a pair of operands, the logarithm of a sigmoid, and the reduction at the end.
#pragma once
#include "lamina/core/tensor.h"
#include "lamina/ops/loss.h"

namespace lamina::ops {

/// ShapeError unless input and target have one shape.
void check_same_shape(const Tensor& input, const Tensor& target);
/// The shape that both broadcast to. ShapeError when that is neither operand's own: (N, 1) against (N) would compare every
/// pair.
Shape check_broadcast(const Tensor& input, const Tensor& target);
/// DTypeError unless one of them has fractions.
void check_fractions(const char* what, const Tensor& input, const Tensor& target);

/// losses as they are, their mean or their sum.
Tensor reduced(const Tensor& losses, Reduction reduction);

/// log σ(x), stable for large x of either sign.
Tensor log_of_sigmoid(const Tensor& x);
/// −t·log σ(x) − (1 − t)·log(1 − σ(x)), each over the shape that both broadcast to.
Tensor cross_entropy_of_logits(const Tensor& x, const Tensor& t);
/// a·b, and 0 where a is 0, whatever b is: a term of a mixture that has no part in it.
Tensor part(const Tensor& a, const Tensor& b);

}  // namespace lamina::ops

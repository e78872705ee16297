// Elementwise operations with broadcasting and type promotion. Every name and every rule is PyTorch's.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

// ---- arithmetic: a ∘ b over the broadcast shape, in the promoted type ---------------------------------------------
Tensor add(const Tensor& a, const Tensor& b, Scalar alpha = 1);  // a + alpha·b
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha = 1);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);  // true division: integers give floats
Tensor add(const Tensor& a, Scalar b, Scalar alpha = 1);
Tensor sub(const Tensor& a, Scalar b, Scalar alpha = 1);
Tensor rsub(const Tensor& a, Scalar b);  // b − a
Tensor mul(const Tensor& a, Scalar b);
Tensor div(const Tensor& a, Scalar b);
Tensor rdiv(const Tensor& a, Scalar b);  // b / a
Tensor neg(const Tensor& a);

// In place: the result must fit self's shape and type.
const Tensor& add_(const Tensor& self, const Tensor& other, Scalar alpha = 1);
const Tensor& mul_(const Tensor& self, const Tensor& other);

/// dy summed over the dimensions that broadcasting added, so that it has `shape`: the gradient of a broadcast operand.
Tensor sum_to(const Tensor& dy, const Shape& shape);

}  // namespace lamina::ops

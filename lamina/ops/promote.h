// PyTorch's type promotion: category first (bool < integer < float), then size; a number never widens a tensor of its
// own category. Source: docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

DType promote_types(DType a, DType b);
/// A tensor without dimensions counts less than one with dimensions of the same category.
DType result_type(const Tensor& a, const Tensor& b);
DType result_type(const Tensor& a, Scalar b);
/// What an operation with fractions in its result (division, exp, mean) computes in: t's type if floating, else the default.
DType floating_result(DType dtype);

}  // namespace lamina::ops

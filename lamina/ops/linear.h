// The affine map of the last dimension.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// The output's shape; ShapeError or DTypeError when the operands do not fit. Forward, summary and check call this one.
Shape linear_shape(const Tensor& input, const Tensor& weight, const Tensor& bias);

/// y = input · weightᵀ + bias
///   input (…, in_features), any leading dimensions, none too; weight (out_features, in_features) or (in_features);
///   bias (out_features) or undefined → (…, out_features)
/// Source: torch.nn.functional.linear.
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias = {});

}  // namespace lamina::ops

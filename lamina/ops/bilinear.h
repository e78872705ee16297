// The form that is linear in each of two vectors.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// y[o] = Σ_ij input1[i]·weight[o,i,j]·input2[j] + bias[o]
///   input1 (…, I), input2 (…, J) of the same leading dimensions, none too;  weight (O, I, J);  bias (O) or undefined → (…, O)
/// Errors: ShapeError, DTypeError. Source: torch.nn.functional.bilinear.
Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias = {});

}  // namespace lamina::ops

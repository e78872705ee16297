// What the normalisations share: the plain formula that their second derivatives come from, and checks.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// (x − E[x]) / √(Var[x] + eps) over dims, in differentiable operations.
Tensor normalized(const Tensor& x, const Shape& dims, double eps);
/// y·weight + bias, either of which may be undefined.
Tensor affine(Tensor y, const Tensor& weight, const Tensor& bias);
/// t (C) so that it broadcasts over (N, C, …) of this rank.
Tensor per_channel(const Tensor& t, int rank);
/// The values alone, contiguous; undefined for undefined.
Tensor contiguous_values(const Tensor& t);

}  // namespace lamina::ops

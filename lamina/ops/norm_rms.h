// Division of each sample by the root mean square of its last dimensions.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// y = x / √(avg x² + eps) · weight over the last dimensions
///   input (…, normalized_shape) → same;  weight (normalized_shape) or undefined
/// Without eps: the distance from 1 to the next number of the type that it computes in (1.19e-07 for float32 and 16-bit floats).
/// Errors: ShapeError, DTypeError, OptionError for an eps that is negative or NaN.
/// Source: Zhang, Sennrich 2019 (arXiv:1910.07467); torch.nn.functional.rms_norm.
Tensor rms_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

}  // namespace lamina::ops

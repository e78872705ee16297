// Where values stand among others. Nothing here has a gradient. Names and rules are PyTorch's.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// The first place in each row of `sorted` (…, n), ascending, whose value is not below (right: is above) the value → int64,
/// of values' shape. sorted is one row for all, or has values' leading dimensions.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right = false);
/// searchsorted with one row of boundaries.
Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool right = false);
/// Whether each element is among `among` → bool; the opposite with invert.
Tensor isin(const Tensor& elements, const Tensor& among, bool invert = false);

}  // namespace lamina::ops

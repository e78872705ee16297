// Reductions over all dimensions or some. dims may be negative and stand in any order; an empty list means all. keepdim
// keeps reduced dimensions with size 1. The order of every sum depends on shapes only. Names and rules are PyTorch's.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Integers and bools add up in int64, unless dtype says otherwise.
Tensor sum(const Tensor& x, const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {});

}  // namespace lamina::ops

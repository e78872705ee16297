// Values from one tensor into another, without history.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// to[i] = from[i], broadcast and converted as C does (floats to integers truncate, anything non-zero is true).
void copy_values(const Tensor& to, const Tensor& from);
/// t[i] = value.
void fill_values(const Tensor& t, Scalar value);

}  // namespace lamina::ops

// The check that the operands of a layer share one element type.
#pragma once
#include <initializer_list>
#include <utility>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Whether values of this type are computed in float and rounded at the end.
constexpr bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

/// DTypeError unless every defined tensor has input's type; the message names the one that has not, and the fix.
/// With `float32_beside_half` the others may also be float32 where the input has a 16-bit type.
void check_same_dtype(const Tensor& input, std::initializer_list<std::pair<const char*, const Tensor*>> others,
                      bool float32_beside_half = false);

}  // namespace lamina::ops

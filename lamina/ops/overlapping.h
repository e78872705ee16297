// Adding into memory whose elements may be the same.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// into[i] += dy[i], one after another; of one shape and floating type.
void add_overlapping(const Tensor& into, const Tensor& dy);

}  // namespace lamina::ops

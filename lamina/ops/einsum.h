// Sums of products over named dimensions. Names and rules are PyTorch's.
#pragma once
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// "bij,bjk->bik": each operand's dimensions get letters; those missing on the right are summed over. Without "->" the
/// letters that occur once stand on the right in alphabetical order. "..." is what has no letters, and broadcasts; a letter
/// that an operand has twice is its diagonal. Operands are contracted from left to right, each pair by one matrix product.
Tensor einsum(const std::string& equation, const Tensors& operands);

/// Sum over pairs of dimensions, a's dims_a[i] with b's dims_b[i]: (a's others…, b's others…).
Tensor tensordot(const Tensor& a, const Tensor& b, const Shape& dims_a, const Shape& dims_b);
/// Over the last `dims` dimensions of a and the first of b.
Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims = 2);

}  // namespace lamina::ops

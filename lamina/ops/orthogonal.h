// The orthogonal factor of a matrix.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Q of matrix = QR with R's diagonal ≥ 0: orthonormal columns, or rows where the matrix (rows, cols) is wide (then of
/// matrixᵀ = QR, transposed back). float32 and float64; computed in float64. Error when a gradient would be needed: it has none.
Tensor orthogonal_factor(const Tensor& matrix);

}  // namespace lamina::ops

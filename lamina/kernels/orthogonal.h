// Orthonormal columns by QR decomposition.
#pragma once
#include <cstdint>

namespace lamina::kernels {

// Q of A = QR, R upper triangular with a diagonal ≥ 0, which makes Q unique (Mezzadri 2007, arXiv:math-ph/0609050)
//   a (cols, rows) row-major: column c of A is the row a + c·rows; rows ≥ cols, rows < 2³¹, cols < 2²⁵. Becomes Q in the same
//   layout. False when LAPACK refuses.
bool orthogonal_factor(double* a, int64_t rows, int64_t cols);

}  // namespace lamina::kernels

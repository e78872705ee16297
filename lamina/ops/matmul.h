// Products of matrices and vectors, with broadcasting of leading dimensions. float32 and float64 go to BLAS (transposed
// views without a copy), 16-bit floats by way of float32, integers through a plain loop. Names and rules are PyTorch's.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// (n, k) · (k, m) → (n, m)
Tensor mm(const Tensor& a, const Tensor& b);
/// (batch, n, k) · (batch, k, m) → (batch, n, m)
Tensor bmm(const Tensor& a, const Tensor& b);
/// (n, k) · (k) → (n)
Tensor mv(const Tensor& a, const Tensor& x);
/// (n) · (n) → ()
Tensor dot(const Tensor& a, const Tensor& b);
/// (n) ⊗ (m) → (n, m)
Tensor outer(const Tensor& a, const Tensor& b);
/// The vector product along a dimension of size 3; the others broadcast.
Tensor cross(const Tensor& a, const Tensor& b, int64_t dim = -1);
/// (…, n, d), (…, m, d) → (…, n, m): the p-norm of the difference of every pair of rows.
Tensor cdist(const Tensor& a, const Tensor& b, double p = 2);
/// Any ranks: a vector counts as a row on the left and as a column on the right; leading dimensions broadcast.
Tensor matmul(const Tensor& a, const Tensor& b);
/// beta·input + alpha·(a · b), input broadcast; with beta = 0 input's values, NaNs too, do not matter.
Tensor addmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
Tensor baddbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
Tensor addmv(const Tensor& input, const Tensor& a, const Tensor& x, Scalar beta = 1, Scalar alpha = 1);

}  // namespace lamina::ops

// Sparse gradients as PyTorch shows them: the indices of the rows and their values. See core/row_sparse.h.
#pragma once
#include "lamina/core/row_sparse.h"

namespace lamina::ops {

/// The rows' numbers (1, n), sorted, each once. Error for a dense tensor.
Tensor sparse_indices(const Tensor& t);
/// The rows themselves (n, *). Error for a dense tensor.
Tensor sparse_values(const Tensor& t);
/// a + b, sparse too, when both are; undefined otherwise.
Tensor add_sparse(const Tensor& a, const Tensor& b);
/// A copy that is sparse too. The caller has checked that `t` is.
Tensor clone_sparse(const Tensor& t);

}  // namespace lamina::ops

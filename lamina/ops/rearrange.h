// Tensors cut, joined and turned in ways that indexing does not say: halves, corners, diagonals, combinations, and the
// products that are made of them. Names and rules are PyTorch's.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// `sections` parts along dim, the first ones longer by one where they do not come out even; or cut before each of `indices`.
Tensors tensor_split(const Tensor& x, int64_t sections, int64_t dim = 0);
Tensors tensor_split(const Tensor& x, const Shape& indices, int64_t dim = 0);
Tensor dstack(const Tensors& tensors);        // along the third dimension
Tensor column_stack(const Tensors& tensors);  // vectors as columns
Tensor block_diag(const Tensors& matrices);   // along the diagonal of one matrix
/// Turned k times by 90° in the plane of two dimensions, from the first towards the second.
Tensor rot90(const Tensor& x, int64_t k = 1, const Shape& dims = {0, 1});
/// The elements of the flattened tensor that index names, of index's shape.
Tensor take(const Tensor& x, const Tensor& index);
/// self with source in the places of the flattened tensor that index names, or added there.
const Tensor& put_(const Tensor& self, const Tensor& index, const Tensor& source, bool accumulate = false);

/// x with src in the place of that view of it.
Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index);
Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim = 0, std::optional<int64_t> start = {},
                     std::optional<int64_t> end = {}, int64_t step = 1);
Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);
Tensor as_strided_scatter(const Tensor& x, const Tensor& src, const Shape& shape, const Strides& strides,
                          std::optional<int64_t> storage_offset = {});
/// The places of the lower (upper) triangle of a matrix, row by row (2, count) → int64.
Tensor tril_indices(int64_t rows, int64_t cols, int64_t offset = 0);
Tensor triu_indices(int64_t rows, int64_t cols, int64_t offset = 0);

/// Every choice of one element of each vector (…, vectors); one vector comes back as it is.
Tensor cartesian_prod(const Tensors& vectors);
/// Every choice of r elements of a vector, in order (…, r).
Tensor combinations(const Tensor& x, int64_t r = 2, bool with_replacement = false);
/// The rows xᴺ⁻¹ … x 1 of each element, or 1 x … with increasing.
Tensor vander(const Tensor& x, std::optional<int64_t> n = {}, bool increasing = false);

/// Σ over the last dimension of both, for every pair of the others.
Tensor inner(const Tensor& a, const Tensor& b);
/// The products of all elements of a with all of b, as blocks.
Tensor kron(const Tensor& a, const Tensor& b);
Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);  // βx + α a⊗b
/// beta·x + alpha·Σ of the products of the matrices in both batches.
Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
/// The n-th power of square matrices, n ≥ 0.
Tensor matrix_power(const Tensor& x, int64_t n);

}  // namespace lamina::ops

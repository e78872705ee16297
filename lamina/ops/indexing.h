// Elements by number or mask. Index tensors are int64 or int32 and may count from the end where PyTorch's may; every index
// is checked before it is used: IndexError "index 57 is out of bounds for dimension 0 with size 9". Names are PyTorch's.
#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::ops {

// ---- along one dimension ------------------------------------------------------------------------------------------
/// The slices of x along dim that index (of one dimension, or none) names.
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
/// y[i][j][k] = x[index[i][j][k]][j][k] for dim 0, and so on; of index's shape. In the other dimensions index may be smaller.
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
/// gather after broadcasting; without dim of the flattened tensors.
Tensor take_along_dim(const Tensor& x, const Tensor& index, std::optional<int64_t> dim = {});
/// x with x[index[i][j][k]][j][k] = src[i][j][k] for dim 0, and so on.
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value);
/// x with src added in those places, in the order of src.
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
/// x with alpha·source added to the slices that index names, in order.
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha = 1);
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, Scalar value);

const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, Scalar value);
const Tensor& scatter_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
const Tensor& index_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha = 1);
const Tensor& index_copy_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source);
const Tensor& index_fill_(const Tensor& self, int64_t dim, const Tensor& index, Scalar value);

/// x with src joined into the places that index names: reduce is "sum", "prod", "mean", "amax" or "amin"; without
/// include_self x's own values there do not count.
Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce,
                      bool include_self = true);

/// x with source joined into the slices that index names: reduce is "prod", "mean", "amax" or "amin", as in scatter_reduce.
Tensor index_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const std::string& reduce,
                    bool include_self = true);

// ---- by a mask ----------------------------------------------------------------------------------------------------
/// The elements where mask holds, in order, as one dimension; x and mask broadcast.
Tensor masked_select(const Tensor& x, const Tensor& mask);
/// x with the elements where mask holds replaced by source's, in order; source has at least as many.
Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source);
const Tensor& masked_scatter_(const Tensor& self, const Tensor& mask, const Tensor& source);
/// The diagonal of a matrix filled.
const Tensor& fill_diagonal_(const Tensor& self, Scalar value);
/// The indices of elements that are not zero (count, rank) → int64.
Tensor nonzero(const Tensor& x);
/// The first `size` of them; `fill` stands where there are fewer.
Tensor nonzero_static(const Tensor& x, int64_t size, int64_t fill = -1);
/// The indices into a tensor of `shape` of numbers into its elements, one tensor for each dimension.
Tensors unravel_index(const Tensor& numbers, const Shape& shape);

// ---- x[…] ---------------------------------------------------------------------------------------------------------
/// start:stop:step as Python writes it.
struct Slice {
  std::optional<int64_t> start, stop;
  int64_t step = 1;
};
struct NewAxis {};    // None: a new dimension of size 1
struct AllOthers {};  // …: as many full slices as are missing

/// One place between the brackets: x[2], x[Slice{1, 3}], x[mask], x[NewAxis{}].
class Index {
 public:
  enum class Kind : uint8_t { Number, Slice, NewAxis, AllOthers, Bool, Tensor };
  Index(bool v) : kind(Kind::Bool), number(v) {}
  template <std::integral T>
  Index(T v) : kind(Kind::Number), number(int64_t(v)) {}
  Index(ops::Slice v) : kind(Kind::Slice), slice(v) {}
  Index(ops::NewAxis) : kind(Kind::NewAxis) {}
  Index(ops::AllOthers) : kind(Kind::AllOthers) {}
  Index(lamina::Tensor v) : kind(Kind::Tensor), tensor(std::move(v)) {}

  Kind kind;
  int64_t number = 0;
  ops::Slice slice;
  lamina::Tensor tensor;  // int64, int32: elements; bool, uint8: a mask over as many dimensions as it has
};
using Indices = std::vector<Index>;

/// x[i, j, …]: numbers, slices, None and … give a view; tensors broadcast against one another and copy. As in NumPy their
/// dimensions stand where the first of them stood, or in front when other indices stand between them.
Tensor index(const Tensor& x, const Indices& indices);
/// x[i, j, …] = value, value broadcast; a number's type does not matter. With accumulate it is added, in order.
const Tensor& index_put_(const Tensor& self, const Indices& indices, const Tensor& value, bool accumulate = false);

/// 1 in place `index` of a new last dimension → int64. num_classes −1: the largest index + 1.
Tensor one_hot(const Tensor& index, int64_t num_classes = -1);

}  // namespace lamina::ops

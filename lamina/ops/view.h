// Views: other shapes, orders and parts of the same memory. Every function here shares storage with its input (reshape and
// flatten copy where that is impossible), is differentiable, and takes negative dimensions. Names and rules are PyTorch's.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

// ---- another shape of the same elements ---------------------------------------------------------------------------
/// One size may be −1: what the others leave. ShapeError when the elements do not lie so that no copy is needed.
Tensor view(const Tensor& x, const Shape& shape);
/// view where possible, else a contiguous copy of that shape.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Dimensions start_dim to end_dim, both included, as one.
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
/// Dimension dim as several; one of the sizes may be −1.
Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes);
/// Without its dimensions of size 1.
Tensor squeeze(const Tensor& x);
/// Without dimension(s) dim where their size is 1.
Tensor squeeze(const Tensor& x, int64_t dim);
Tensor squeeze(const Tensor& x, const Shape& dims);
/// With a dimension of size 1 before position dim of the result.
Tensor unsqueeze(const Tensor& x, int64_t dim);
/// Another tensor of the same elements, as x[...] gives.
Tensor alias_of(const Tensor& x);

// ---- another order of the dimensions ------------------------------------------------------------------------------
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
/// transpose(0, 1) of at most two dimensions.
Tensor t(const Tensor& x);
/// All dimensions reversed (x.T).
Tensor reverse_dims(const Tensor& x);
/// The last two dimensions exchanged (x.mT).
Tensor matrix_transpose(const Tensor& x);
/// Dimension i of the result is dimension dims[i] of x.
Tensor permute(const Tensor& x, const Shape& dims);
Tensor movedim(const Tensor& x, const Shape& source, const Shape& destination);
Tensor movedim(const Tensor& x, int64_t source, int64_t destination);

// ---- repetition without a copy ------------------------------------------------------------------------------------
/// Dimensions of size 1 repeated to `shape`; −1 keeps a size; new dimensions come first.
Tensor expand(const Tensor& x, const Shape& shape);
Tensor expand_as(const Tensor& x, const Tensor& other);

// ---- parts --------------------------------------------------------------------------------------------------------
/// Elements [start, start + length) of dimension dim. IndexError outside.
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
/// Element `index` of dimension dim, which vanishes. IndexError outside [−size, size).
Tensor select(const Tensor& x, int64_t dim, int64_t index);
/// x[start:stop:step] of dimension dim as Python takes it: negative bounds count from the end, bounds outside are cut.
Tensor slice(const Tensor& x, int64_t dim = 0, std::optional<int64_t> start = {}, std::optional<int64_t> stop = {},
             int64_t step = 1);
/// Its slices along dim, without that dimension.
Tensors unbind(const Tensor& x, int64_t dim = 0);
/// At most `chunks` parts of the same size, the last one smaller.
Tensors chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
/// Parts of split_size, the last one smaller.
Tensors split(const Tensor& x, int64_t split_size, int64_t dim = 0);
/// Parts of these sizes, which must add up to the dimension.
Tensors split(const Tensor& x, const Shape& sizes, int64_t dim = 0);
/// The diagonal of dims dim1 and dim2, as the last dimension; offset > 0 above the main one.
Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);
/// Windows of `size` elements along dim, `step` apart, as a new last dimension; they may overlap.
Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step);
/// Any view of x's storage; storage_offset in elements from the storage's start, x's own when left out.
Tensor as_strided(const Tensor& x, const Shape& shape, const Strides& strides,
                  std::optional<int64_t> storage_offset = {});

// ---- in place: the tensor itself becomes the view -----------------------------------------------------------------
const Tensor& squeeze_(const Tensor& self);
const Tensor& squeeze_(const Tensor& self, int64_t dim);
const Tensor& unsqueeze_(const Tensor& self, int64_t dim);
const Tensor& transpose_(const Tensor& self, int64_t dim0, int64_t dim1);
const Tensor& t_(const Tensor& self);

// ---- rules that checks, summaries and other operations share ------------------------------------------------------
/// `shape` with its −1 replaced, for a tensor of numel elements; ShapeError when it cannot be.
Shape inferred_shape(const Shape& shape, int64_t numel);
/// dims wrapped into [0, rank), without duplicates; Error when one stands twice.
Shape wrap_dims(const Shape& dims, int rank);

}  // namespace lamina::ops

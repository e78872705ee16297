// Reductions over all dimensions or some. dims may be negative and stand in any order; an empty list means all. keepdim
// keeps reduced dimensions with size 1. The order of every sum depends on shapes only. Names and rules are PyTorch's.
#pragma once
#include <limits>
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

// ---- sums and products --------------------------------------------------------------------------------------------
/// Integers and bools add up in int64, unless dtype says otherwise.
Tensor sum(const Tensor& x, const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {});
/// DTypeError for integers, unless dtype is a floating type; NaN of no elements.
Tensor mean(const Tensor& x, const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {});
/// sum and mean of what is not NaN.
Tensor nansum(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
Tensor nanmean(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// The sum of a matrix's diagonal.
Tensor trace(const Tensor& x);
/// 1 of no elements; integers as in sum.
Tensor prod(const Tensor& x, const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {});
/// How many elements are not zero → int64.
Tensor count_nonzero(const Tensor& x, const Shape& dims = {});
/// Running sums and products along dim, of x's shape; integers as in sum.
Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});

// ---- logic → bool (uint8 stays uint8) -----------------------------------------------------------------------------
Tensor any(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
Tensor all(const Tensor& x, const Shape& dims = {}, bool keepdim = false);

// ---- largest and smallest; a NaN wins over every number -----------------------------------------------------------
struct ValuesAndIndices {
  Tensor values, indices;  // indices int64
};
/// Over all elements; the gradient is shared evenly by equal ones. Error for no elements.
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
/// Along dim, with the first index of the result; the gradient goes to that element. IndexError for no elements.
ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim = false);
ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim = false);
/// Along several dimensions; the gradient is shared evenly by equal elements.
Tensor amax(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// The first index of the largest (smallest) element along dim, or in the flattened tensor without one → int64.
Tensor argmax(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);
Tensor argmin(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);

// ---- moments and norms --------------------------------------------------------------------------------------------
/// Σ(x − mean)² / max(0, n − correction), in two passes in double; correction 1 is the unbiased estimate.
Tensor var(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false);
Tensor std(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false);
/// (Σ|x|ᵖ)^(1/p); p = ∞ the largest |x|, −∞ the smallest, 0 the number of elements that are not zero.
Tensor norm(const Tensor& x, double p = 2, const Shape& dims = {}, bool keepdim = false);
/// log Σ exp(x), without overflow.
Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim = false);

}  // namespace lamina::ops

// Elements in order. A NaN counts as larger than every number; equal values keep their order. Names and rules are PyTorch's.
#pragma once
#include "lamina/core/tensor.h"
#include "lamina/ops/reduce.h"

namespace lamina::ops {

/// x sorted along dim and where each value stood (int64); the gradient goes back there.
ValuesAndIndices sort(const Tensor& x, int64_t dim = -1, bool descending = false);
Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false);
/// The k largest (smallest) along dim, in order.
ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true);
/// The k-th smallest along dim; k counts from 1.
ValuesAndIndices kthvalue(const Tensor& x, int64_t k, int64_t dim = -1, bool keepdim = false);
/// The lower of the two in the middle; NaN where there is one.
Tensor median(const Tensor& x);
ValuesAndIndices median(const Tensor& x, int64_t dim, bool keepdim = false);

/// The values that a share q of each row lies below; q (n) or none, in [0, 1], of x's type → (n, …) or (…). Between the
/// nearest two interpolation decides: "linear", "lower", "higher", "midpoint" or "nearest" (the even one of a tie). Without
/// dim of the flattened tensor. NaN where there is one.
Tensor quantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim = {}, bool keepdim = false,
                const std::string& interpolation = "linear");
/// The same of what is not NaN.
Tensor nanquantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim = {}, bool keepdim = false,
                   const std::string& interpolation = "linear");

struct Unique {
  Tensor values;   // sorted, each once
  Tensor inverse;  // of x's shape: where in `values` each element is; int64
  Tensor counts;   // how often each of `values` occurs; int64
};
/// The values of the flattened tensor, or the slices along dim, in the order of their elements; without gradient. Of slices
/// `inverse` and `counts` have one dimension.
Unique unique(const Tensor& x, std::optional<int64_t> dim = {});
/// Of equal neighbours one, in the order in which they stand.
Unique unique_consecutive(const Tensor& x, std::optional<int64_t> dim = {});
/// How often each number from 0 on occurs in a vector of non-negative integers → int64, at least minlength entries; with
/// weights (one an element of x) their sums → float32 if they are, or else float64.
Tensor bincount(const Tensor& x, int64_t minlength = 0, const Tensor& weights = {});

}  // namespace lamina::ops

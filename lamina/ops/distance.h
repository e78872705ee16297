// Similarities and distances of vectors. Sizes that overflow, vanish or are zero on the way give what the formula says.
#pragma once
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Σ x1·x2 / (max(‖x1‖, eps)·max(‖x2‖, eps)) along dim; x1 and x2 broadcast.
/// Errors: ShapeError, IndexError, DTypeError unless one has fractions, OptionError for an eps that is negative or NaN.
/// Source: torch.nn.functional.cosine_similarity.
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim = 1, double eps = 1e-8);

/// ‖x1 − x2 + eps‖ of order p over the last dimension; x1 and x2 broadcast.
/// Errors: ShapeError, OptionError for an option that is NaN. Source: torch.nn.functional.pairwise_distance.
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p = 2, double eps = 1e-6, bool keepdim = false);

/// ‖x1[i] − x2[j]‖ of order p ≥ 0 (0: how many differ) for every pair of rows, always from the differences themselves
///   x1 (…, P, M), x2 (…, R, M) → (…, P, R), the leading dimensions broadcast
/// Errors: ShapeError, DTypeError, OptionError. Source: torch.cdist.
Tensor cdist(const Tensor& x1, const Tensor& x2, double p = 2,
             const std::string& compute_mode = "use_mm_for_euclid_dist_if_necessary");

/// cdist of the rows of one matrix, each pair once: (N, M) → (N·(N − 1)/2), in the order (0, 1), (0, 2), …, (1, 2), …
/// Errors: ShapeError, DTypeError, OptionError. Source: torch.nn.functional.pdist.
Tensor pdist(const Tensor& input, double p = 2);

/// x / max(‖x‖, eps), the norm of order p over dims.
/// Errors: IndexError, DTypeError, OptionError. Source: torch.nn.functional.normalize.
Tensor normalize(const Tensor& input, double p = 2, const Shape& dims = {1}, double eps = 1e-12);

}  // namespace lamina::ops

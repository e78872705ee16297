// Division of each channel by the squares of its neighbours.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// y[c] = x[c] / (k + alpha·avg x[j]²)^beta, j over the `size` channels around c, zeros beyond the ends
///   input (N, C, …) → same, three dimensions or more; integers give floats
/// Errors: ShapeError, OptionError for a size below 1 or an option that is NaN.
/// Source: Krizhevsky et al. 2012; torch.nn.functional.local_response_norm.
Tensor local_response_norm(const Tensor& input, int64_t size, double alpha = 1e-4, double beta = 0.75, double k = 1);

/// The older form for images: y[c] = x[c] / (k + alpha/size·Σ x[j]²)^beta, j within (size − 1)/2 rounded down of c. As in PyTorch the
/// first channel stays in every later window; the gradient is that of this function.
///   input (N, C, H, W) → same. Errors: ShapeError, DTypeError, OptionError. Source: torch.nn.CrossMapLRN2d.
Tensor cross_map_lrn2d(const Tensor& input, int64_t size, double alpha = 1e-4, double beta = 0.75, double k = 1);

}  // namespace lamina::ops

// Sampling of images and volumes at given positions, and the positions of an affine transformation.
//   Tensor y = grid_sample(x, affine_grid(theta, x.shape()));  // turned, scaled and moved as theta (N, 2, 3) says
#pragma once
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What grid_sample takes by name, in PyTorch's order.
struct GridSampleOptions {
  std::string mode = "bilinear";       // "nearest", "bicubic" (images); of volumes "bilinear" is trilinear
  std::string padding_mode = "zeros";  // outside: "zeros", "border" or "reflection"
  bool align_corners = false;          // −1 and 1 are the centres of the corner pixels, not their outer edges
};

/// The input at positions in [−1, 1], x first: (−1, −1) is the first corner. NaN counts as −1.
///   input (N, C, H, W), grid (N, H', W', 2) → (N, C, H', W'); input (N, C, D, H, W), grid (N, D', H', W', 3) → (N, C, D',
///   H', W'); floating point, both of one dtype. It can be differentiated twice.
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.grid_sample.
Tensor grid_sample(const Tensor& input, const Tensor& grid, const GridSampleOptions& options = {});

/// The positions of a grid of `size` after the affine transformation theta.
///   theta (N, 2, 3), size (N, C, H, W) → (N, H, W, 2); theta (N, 3, 4), size (N, C, D, H, W) → (N, D, H, W, 3)
/// Throws ShapeError, DTypeError, NotImplementedError (other sizes). Source: torch.nn.functional.affine_grid.
Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners = false);

}  // namespace lamina::ops

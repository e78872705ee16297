// Resizing of images, signals and volumes.
//   Tensor y = interpolate(x, {.scale_factor = {{2.0}}, .mode = "bilinear"});  // (8, 3, 32, 32) → (8, 3, 64, 64)
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What interpolate takes by name, in PyTorch's order: one of size and scale_factor. One number stands for all of space.
struct InterpolateOptions {
  std::optional<Shape> size = {};
  std::optional<std::vector<double>> scale_factor = {};  // the output's size is ⌊size · scale_factor⌋
  std::string mode = "nearest";
  std::optional<bool> align_corners = {};           // of the linear and cubic modes: the corners of both grids coincide
  std::optional<bool> recompute_scale_factor = {};  // positions from the two sizes instead of scale_factor
  bool antialias = false;                           // of 2-D bilinear, bicubic, lanczos: average over larger steps
};

/// The input at the output's positions: "nearest", "nearest-exact" (centres of pixels), "area" (means, as adaptive average
/// pooling), "linear" (3-D input), "bilinear", "bicubic" (a = −0.75, with antialias −0.5), "lanczos" (4-D; lanczos with
/// antialias only), "trilinear" (5-D).
///   input (N, C, *space) → (N, C, *out); floating point; bytes in the nearest modes and of images. Bytes are computed in
///   fixed point as PyTorch does, rounded after each of the two dimensions.
/// Throws ShapeError, OptionError, DTypeError, NotImplementedError (mode and dimensions). Source:
/// torch.nn.functional.interpolate.
Tensor interpolate(const Tensor& input, const InterpolateOptions& options);

/// The output's shape; an exception when the options do not fit.
Shape interpolate_shape(const Shape& input, const InterpolateOptions& options);

}  // namespace lamina::ops

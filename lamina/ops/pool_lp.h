// Power-average pooling.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What power-average pooling takes by name. One number stands for all spatial dimensions; no stride means the kernel's.
struct LPPoolOptions {
  std::optional<Shape> stride = {};
  bool ceil_mode = false;
};

/// (Σ x^norm_type)^(1 / norm_type) over every window; with ceil_mode, a window that only partly fits counts as if its mean
/// filled it. ±∞ gives the largest (smallest) size. float32 is computed in float64, so that no power overflows.
///   input (N, C, *space) or (C, *space) → as avg_pool2d; norm_type not 0
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.lp_pool2d.
Tensor lp_pool1d(const Tensor& input, double norm_type, const Shape& kernel_size, const LPPoolOptions& options = {});
Tensor lp_pool2d(const Tensor& input, double norm_type, const Shape& kernel_size, const LPPoolOptions& options = {});
Tensor lp_pool3d(const Tensor& input, double norm_type, const Shape& kernel_size, const LPPoolOptions& options = {});

}  // namespace lamina::ops

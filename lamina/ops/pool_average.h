// Averages over windows of space.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

/// What average pooling takes by name. One number stands for all spatial dimensions; no stride means the kernel's size.
struct AvgPoolOptions {
  std::optional<Shape> stride = {};
  Shape padding{0};
  bool ceil_mode = false;
  bool count_include_pad = true;                 // padding counts among what is divided by
  std::optional<int64_t> divisor_override = {};  // divides by this, whatever the window holds
};

/// The mean of every window, padding as zeros.
///   input (N, C, *space) or (C, *space) → (N, C, *out) or (C, *out), out as that of max pooling without dilation;
///   padding at most half the kernel; floating point, or int64 rounded towards zero
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.avg_pool2d.
Tensor avg_pool1d(const Tensor& input, const Shape& kernel_size, const AvgPoolOptions& options = {});
Tensor avg_pool2d(const Tensor& input, const Shape& kernel_size, const AvgPoolOptions& options = {});
Tensor avg_pool3d(const Tensor& input, const Shape& kernel_size, const AvgPoolOptions& options = {});

/// The mean of windows so chosen that the output has this size: output o covers ⌊o·in/out⌋, …, below ⌈(o + 1)·in/out⌉.
///   input (N, C, *space) or (C, *space) → (N, C, *output_size) or (C, *output_size); floating point
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.adaptive_avg_pool2d.
Tensor adaptive_avg_pool1d(const Tensor& input, const OutputSizes& output_size);
Tensor adaptive_avg_pool2d(const Tensor& input, const OutputSizes& output_size);
Tensor adaptive_avg_pool3d(const Tensor& input, const OutputSizes& output_size);

}  // namespace lamina::ops

// Pooling over windows of space.
#pragma once
#include <optional>
#include <utility>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What max pooling takes by name. One number stands for all spatial dimensions; no stride means the kernel's size.
struct MaxPoolOptions {
  std::optional<Shape> stride;
  Shape padding{0}, dilation{1};
  bool ceil_mode = false;
};

/// The output's shape; an exception when sizes and options do not fit. Forward, summary and check call it.
///   out = ⌊(space + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, rounded up with ceil_mode as long as the last
///   window starts inside the input or its left padding
Shape max_pool_shape(const Shape& input, int spatial, const Shape& kernel_size, const MaxPoolOptions& options);

/// The largest value of every window; padding counts as −∞, the first of equal values wins, a NaN always does.
///   input (N, C, *space) or (C, *space) → (N, C, *out) or (C, *out); padding at most half the kernel; any dtype but bool
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.max_pool2d.
Tensor max_pool1d(const Tensor& input, const Shape& kernel_size, const MaxPoolOptions& options = {});
Tensor max_pool2d(const Tensor& input, const Shape& kernel_size, const MaxPoolOptions& options = {});
Tensor max_pool3d(const Tensor& input, const Shape& kernel_size, const MaxPoolOptions& options = {});

/// The values and where they were: int64 indices into the input's plane, counted through all of its space.
std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                  const MaxPoolOptions& options = {});
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                  const MaxPoolOptions& options = {});
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                  const MaxPoolOptions& options = {});

}  // namespace lamina::ops

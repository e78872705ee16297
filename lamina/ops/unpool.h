// The way back from max pooling: values in the places that they came from, zeros elsewhere.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What unpooling takes by name. One number stands for all spatial dimensions; no stride means the kernel's size.
struct MaxUnpoolOptions {
  std::optional<Shape> stride = {};
  Shape padding{0};
  std::optional<Shape> output_size = {};  // the space, or (N, C, *space); what pooling's rounding left open
};

/// y[indices[i]] = input[i], zero elsewhere, in every plane; the last one of equal indices.
///   input, indices (N, C, *space) or (C, *space), as max pooling gives them → (N, C, *out) or (C, *out),
///   out = (space − 1)·stride − 2·padding + kernel_size, or output_size, which differs by less than the stride
/// Throws ShapeError, OptionError, DTypeError, IndexError. Source: torch.nn.functional.max_unpool2d.
Tensor max_unpool1d(const Tensor& input, const Tensor& indices, const Shape& kernel_size,
                    const MaxUnpoolOptions& options = {});
Tensor max_unpool2d(const Tensor& input, const Tensor& indices, const Shape& kernel_size,
                    const MaxUnpoolOptions& options = {});
Tensor max_unpool3d(const Tensor& input, const Tensor& indices, const Shape& kernel_size,
                    const MaxUnpoolOptions& options = {});

}  // namespace lamina::ops

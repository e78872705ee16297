// Sizes of windows over space (kernel, stride, padding, dilation), as convolution, pooling and padding share them.
#pragma once
#include <optional>
#include <vector>

#include "lamina/core/shape.h"

namespace lamina::ops {

/// One number for every spatial dimension, or one for each, as `n` numbers. OptionError for another count, which names the
/// option. Values are limited to what 32 bits hold, so that sizes made of them cannot overflow.
Shape window_sizes(const char* option, const Shape& given, int n);

/// The same, and each must be at least `least`.
Shape window_sizes(const char* option, const Shape& given, int n, int64_t least);

/// ShapeError unless input is (N, C, *space) or (C, *space) with n dimensions of space.
void check_space(const Shape& input, int n);

/// The n ≤ 3 sizes at the end of out[3], with `fill` before them: the kernels know three spatial dimensions.
void to_three(const Shape& sizes, int64_t fill, int64_t* out);

/// Sizes of an output, none where the input's size stays. One stands for all spatial dimensions.
using OutputSizes = std::vector<std::optional<int64_t>>;

/// The shape of an adaptive pooling of input (N, C, *space) or (C, *space); throws ShapeError, OptionError.
Shape adaptive_shape(const Shape& input, int n, const OutputSizes& output_size);

}  // namespace lamina::ops

// Convolution (cross-correlation) over one to three spatial dimensions, and its transpose.
//   Tensor y = conv2d(x, weight, bias, {.padding = "same"});
#pragma once
#include <concepts>
#include <optional>
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// How far the input is extended with zeros: numbers, "valid" (nothing) or "same" (as much as keeps the size).
struct ConvPadding {
  Shape sizes{0};                   // one for all spatial dimensions, or one for each
  std::optional<std::string> mode;  // "valid" or "same": then sizes do not count
  template <std::integral I>
  ConvPadding(I all) : sizes{int64_t(all)} {}
  ConvPadding(std::initializer_list<int64_t> each) : sizes(each) {}
  ConvPadding(Shape each) : sizes(std::move(each)) {}
  ConvPadding(const char* mode) : mode(mode) {}
  ConvPadding(std::string mode) : mode(std::move(mode)) {}
};

/// What a convolution takes by name. One number stands for all spatial dimensions.
struct ConvOptions {
  Shape stride{1};
  ConvPadding padding = 0;
  Shape dilation{1};
  int64_t groups = 1;
};

/// y[n, o] = bias[o] + Σ_c weight[o, c] ⋆ input[n, c], c over the channels of o's group, ⋆ the cross-correlation
///   input (N, in_channels, *space) or unbatched (in_channels, *space); weight (out_channels, in_channels / groups, *kernel);
///   bias (out_channels) or undefined → (N, out_channels, *out) or (out_channels, *out),
///   out = ⌊(space + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
/// Throws ShapeError, DTypeError, OptionError. Source: torch.nn.functional.conv1d, conv2d, conv3d.
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, const ConvOptions& options = {});
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, const ConvOptions& options = {});
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, const ConvOptions& options = {});

/// What the general form takes: all padding is by numbers.
struct ConvolutionOptions {
  Shape stride{1}, padding{0}, dilation{1};
  bool transposed = false;
  Shape output_padding{0};  // of a transposed convolution: added to one side of the output
  int64_t groups = 1;
};

/// The output's shape for a batched input; an exception when the operands do not fit. Forward, summary and check call it.
Shape convolution_shape(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvolutionOptions& options);

/// The general form, on batched input (N, in_channels, *space) of one to three spatial dimensions. Transposed, it is the
/// gradient of a convolution with respect to its input: weight (in_channels, out_channels / groups, *kernel),
///   out = (space − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1
/// Source: torch.convolution.
Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                   const ConvolutionOptions& options = {});

/// The gradient of a convolution (not transposed) with respect to a weight of this shape; grad_output is of its output's.
Tensor convolution_weight_gradient(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                                   const ConvolutionOptions& options = {});

}  // namespace lamina::ops

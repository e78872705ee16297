// Transposed convolution over one to three spatial dimensions, and the gradients of a convolution as functions.
//   Tensor y = conv_transpose2d(x, weight, bias, {.stride = 2, .output_padding = 1});  // (N, C, 8, 8) → (N, C', 16, 16)
#pragma once
#include "lamina/ops/conv.h"

namespace lamina::ops {

/// What a transposed convolution takes by name, in PyTorch's order. One number stands for all spatial dimensions.
struct ConvTransposeOptions {
  Shape stride{1}, padding{0};
  Shape output_padding{0};  // added to one side of the output; smaller than stride or dilation
  int64_t groups = 1;
  Shape dilation{1};
};

/// The gradient of a convolution with respect to its input, as a function: every input element adds weight times itself.
///   input (N, in_channels, *space) or (in_channels, *space); weight (in_channels, out_channels / groups, *kernel);
///   bias (out_channels) or undefined → (N, out_channels, *out) or (out_channels, *out),
///   out = (space − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1
/// Throws ShapeError, DTypeError, OptionError. Source: torch.nn.functional.conv_transpose2d.
Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions& options = {});
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions& options = {});
Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions& options = {});

/// The output_padding that gives an output of `output_size`: its space alone, or the whole shape. OptionError when no
/// output_padding below the stride does.
Shape output_padding_for(const Shape& input, const Shape& kernel_size, const Shape& output_size,
                         const ConvTransposeOptions& options);

/// What the gradients of a convolution take by name, in PyTorch's order.
struct ConvGradientOptions {
  Shape stride{1}, padding{0}, dilation{1};
  int64_t groups = 1;
};

/// The gradient of conv1d … conv3d with respect to an input of shape input_size (N, in_channels, *space).
/// Throws ShapeError, DTypeError, OptionError. Source: torch.nn.grad.conv2d_input.
Tensor conv1d_input(const Shape& input_size, const Tensor& weight, const Tensor& grad_output,
                    const ConvGradientOptions& options = {});
Tensor conv2d_input(const Shape& input_size, const Tensor& weight, const Tensor& grad_output,
                    const ConvGradientOptions& options = {});
Tensor conv3d_input(const Shape& input_size, const Tensor& weight, const Tensor& grad_output,
                    const ConvGradientOptions& options = {});

/// The same with respect to a weight of shape weight_size (out_channels, in_channels / groups, *kernel).
/// Source: torch.nn.grad.conv2d_weight.
Tensor conv1d_weight(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                     const ConvGradientOptions& options = {});
Tensor conv2d_weight(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                     const ConvGradientOptions& options = {});
Tensor conv3d_weight(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                     const ConvGradientOptions& options = {});

}  // namespace lamina::ops

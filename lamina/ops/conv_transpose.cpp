#include "lamina/ops/conv_transpose.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/view.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

Tensor transposed(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvTransposeOptions& o, int n) {
  check_defined("weight", weight);
  if (weight.rank() != n + 2) throw ShapeError(str("weight ", weight.shape(), " must have ", n + 2, " dimensions"));
  check_space(input.shape(), n);
  const bool unbatched = input.rank() == n + 1;
  const Tensor y = convolution(unbatched ? unsqueeze(input, 0) : input, weight, bias,
                               {.stride = o.stride,
                                .padding = o.padding,
                                .dilation = o.dilation,
                                .transposed = true,
                                .output_padding = o.output_padding,
                                .groups = o.groups});
  return unbatched ? squeeze(y, 0) : y;
}

// The output's space without output_padding. Options are within 32 bits, and so is a tensor's space here or the sum wraps
// to something that no output_size equals.
Shape least_space(const Shape& space, const Shape& kernel, const Shape& stride, const Shape& padding,
                  const Shape& dilation) {
  Shape least = space;
  for (int d = 0; d < space.rank(); ++d) {
    if (__builtin_mul_overflow(space[d] - 1, stride[d], &least[d]) ||
        __builtin_add_overflow(least[d], dilation[d] * (kernel[d] - 1) + 1 - 2 * padding[d], &least[d]))
      throw ShapeError(str("an output for input space ", space, " would be too large"));
  }
  return least;
}

Tensor input_gradient(const Shape& input_size, const Tensor& weight, const Tensor& dy, const ConvGradientOptions& o,
                      int n) {
  check_defined("weight", weight);
  if (weight.rank() != n + 2 || dy.rank() != n + 2 || input_size.rank() != n + 2)
    throw ShapeError(str("input_size ", input_size, ", weight ", weight.shape(), " and grad_output ", dy.shape(),
                         " must have ", n + 2, " dimensions each"));
  if (input_size[0] != dy.size(0) || input_size[1] != weight.size(1) * o.groups)
    throw ShapeError(str("input_size ", input_size, " must begin with ", Shape{dy.size(0), weight.size(1) * o.groups},
                         " beside weight ", weight.shape(), " and grad_output ", dy.shape(),
                         " with groups=", o.groups));
  const Shape stride = window_sizes("stride", o.stride, n, 1), padding = window_sizes("padding", o.padding, n, 0),
              dilation = window_sizes("dilation", o.dilation, n, 1);
  Shape rest = input_size.slice(2);  // what the last window leaves over
  const Shape least = least_space(dy.shape().slice(2), weight.shape().slice(2), stride, padding, dilation);
  for (int d = 0; d < n; ++d) {
    rest[d] -= least[d];
    if (rest[d] < 0 || rest[d] >= stride[d])
      throw ShapeError(str("a convolution of input_size ", input_size, " with weight ", weight.shape(),
                           " does not give grad_output ", dy.shape()));
  }
  return convolution(dy, weight, {},
                     {.stride = stride,
                      .padding = padding,
                      .dilation = dilation,
                      .transposed = true,
                      .output_padding = rest,
                      .groups = o.groups});
}

Tensor weight_gradient(const Tensor& input, const Shape& weight_size, const Tensor& dy, const ConvGradientOptions& o,
                       int n) {
  if (weight_size.rank() != n + 2)
    throw ShapeError(str("weight_size ", weight_size, " must have ", n + 2, " dimensions"));
  return convolution_weight_gradient(
      input, weight_size, dy, {.stride = o.stride, .padding = o.padding, .dilation = o.dilation, .groups = o.groups});
}

}  // namespace

Shape output_padding_for(const Shape& input, const Shape& kernel_size, const Shape& output_size,
                         const ConvTransposeOptions& o) {
  const int n = kernel_size.rank();
  check_space(input, n);
  const int others = input.rank() - n;  // dimensions before space
  if (output_size.rank() != n && output_size.rank() != input.rank())
    throw OptionError(str("output_size ", output_size, " must hold ", n, " or ", input.rank(),
                          " numbers for an input of shape ", input));
  const Shape stride = window_sizes("stride", o.stride, n, 1);
  const Shape least = least_space(input.slice(others), kernel_size, stride, window_sizes("padding", o.padding, n, 0),
                                  window_sizes("dilation", o.dilation, n, 1));
  Shape most = least, rest = output_size.last(n);
  bool fits = true;
  for (int d = 0; d < n; ++d) {
    most[d] += stride[d] - 1;
    fits = fits && least[d] <= rest[d] && rest[d] <= most[d];
  }
  if (!fits)
    throw OptionError(
        str("output_size ", output_size, " must lie between ", least, " and ", most, " for an input of shape ", input));
  for (int d = 0; d < n; ++d) rest[d] -= least[d];
  return rest;
}

Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvTransposeOptions& o) {
  return transposed(input, weight, bias, o, 1);
}
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvTransposeOptions& o) {
  return transposed(input, weight, bias, o, 2);
}
Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvTransposeOptions& o) {
  return transposed(input, weight, bias, o, 3);
}

Tensor conv1d_input(const Shape& input_size, const Tensor& weight, const Tensor& grad_output,
                    const ConvGradientOptions& o) {
  return input_gradient(input_size, weight, grad_output, o, 1);
}
Tensor conv2d_input(const Shape& input_size, const Tensor& weight, const Tensor& grad_output,
                    const ConvGradientOptions& o) {
  return input_gradient(input_size, weight, grad_output, o, 2);
}
Tensor conv3d_input(const Shape& input_size, const Tensor& weight, const Tensor& grad_output,
                    const ConvGradientOptions& o) {
  return input_gradient(input_size, weight, grad_output, o, 3);
}

Tensor conv1d_weight(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                     const ConvGradientOptions& o) {
  return weight_gradient(input, weight_size, grad_output, o, 1);
}
Tensor conv2d_weight(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                     const ConvGradientOptions& o) {
  return weight_gradient(input, weight_size, grad_output, o, 2);
}
Tensor conv3d_weight(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                     const ConvGradientOptions& o) {
  return weight_gradient(input, weight_size, grad_output, o, 3);
}

}  // namespace lamina::ops

#include "lamina/ops/fold.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/fold.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

// The shapes on both sides of an unfold, and what its kernels need.
struct Setup {
  kernels::FoldGeometry g;
  Shape image, columns;
};

void assign(int64_t (&to)[2], const Shape& from) { std::copy_n(from.data(), 2, to); }

// For an image of this space; `before` are the sizes that stand before the channels.
Setup setup(const Shape& before, int64_t channels, const Shape& space, const Shape& kernel_size, const FoldOptions& o) {
  const Shape kernel = window_sizes("kernel_size", kernel_size, 2, 1);
  const Shape dilation = window_sizes("dilation", o.dilation, 2, 1);
  const Shape padding = window_sizes("padding", o.padding, 2, 0), stride = window_sizes("stride", o.stride, 2, 1);
  Setup s;
  Shape blocks = space;
  for (int d = 0; d < 2; ++d) {
    const int64_t room = space[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1;
    if (room < 0)
      throw ShapeError(str("an image of ", space, " with padding=", o.padding,
                           " holds no block of kernel_size=", kernel, ", dilation=", o.dilation));
    blocks[d] = room / stride[d] + 1;
  }
  s.image = before + Shape{channels} + space;
  const int64_t taps = checked_numel(kernel);
  s.columns = before + Shape{checked_numel({channels, taps}), checked_numel(blocks)};
  checked_numel(s.columns, 8);
  s.g.planes = before.numel() * channels;
  assign(s.g.in, space);
  assign(s.g.out, blocks);
  assign(s.g.kernel, kernel);
  assign(s.g.stride, stride);
  assign(s.g.padding, padding);
  assign(s.g.dilation, dilation);
  return s;
}

// Each is the other's gradient.
Tensor to_image(const Tensor& columns, const Setup& s);

Tensor to_columns(const Tensor& image, const Setup& s) {
  const Tensor x = contiguous(image.detach());
  Tensor y = empty(s.columns, x.dtype());
  if (x.dtype() == kBool) {
    kernels::unfold(x.data<bool>(), s.g, y.data<bool>());
    return y;
  }
  dispatch_floating(x.dtype(), "unfold", [&]<class T>() { kernels::unfold(x.data<T>(), s.g, y.data<T>()); });
  if (needs_grad(image))
    record("Im2ColBackward0", y, {&image}, [s](const Backward& g) -> Tensors { return {to_image(g.dy(), s)}; });
  return y;
}

Tensor to_image(const Tensor& columns, const Setup& s) {
  if (columns.dtype() == kBFloat16 || columns.dtype() == kFloat16)
    return to(to_image(to(columns, kFloat32), s), columns.dtype());
  const Tensor x = contiguous(columns.detach());
  Tensor y = empty(s.image, x.dtype());
  if (x.dtype() == kBool) {
    kernels::fold(x.data<bool>(), s.g, y.data<bool>());
    return y;
  }
  dispatch_real(x.dtype(), "fold", [&]<class T>() { kernels::fold(x.data<T>(), s.g, y.data<T>()); });
  if (needs_grad(columns))
    record("Col2ImBackward0", y, {&columns}, [s](const Backward& g) -> Tensors { return {to_columns(g.dy(), s)}; });
  return y;
}

}  // namespace

Tensor unfold(const Tensor& input, const Shape& kernel_size, const FoldOptions& options) {
  const Shape& shape = input.shape();
  check_space(shape, 2);
  for (int d = shape.rank() - 3; d < shape.rank(); ++d)
    if (shape[d] == 0) throw ShapeError(str("input ", shape, " may be empty in its batch only"));
  return to_columns(input, setup(shape.slice(0, shape.rank() - 3), shape[-3], shape.last(2), kernel_size, options));
}

Tensor fold(const Tensor& input, const Shape& output_size, const Shape& kernel_size, const FoldOptions& options) {
  const Shape& shape = input.shape();
  if (shape.rank() != 2 && shape.rank() != 3)
    throw ShapeError(str("input ", shape, " must be (N, C · product of kernel_size, L), or without N"));
  for (int d = shape.rank() - 2; d < shape.rank(); ++d)
    if (shape[d] == 0) throw ShapeError(str("input ", shape, " may be empty in its batch only"));
  const Shape space = window_sizes("output_size", output_size, 2, 1);
  const int64_t taps = checked_numel(window_sizes("kernel_size", kernel_size, 2, 1));
  if (shape[-2] % taps != 0)
    throw ShapeError(
        str("input ", shape, " must have a multiple of ", taps, " rows, the product of kernel_size=", kernel_size));
  const Setup s = setup(shape.slice(0, shape.rank() - 2), shape[-2] / taps, space, kernel_size, options);
  if (shape != s.columns)
    throw ShapeError(str("input ", shape, " must have ", s.columns.back(), " columns for output_size=", output_size,
                         ", kernel_size=", kernel_size, ", dilation=", options.dilation, ", padding=", options.padding,
                         ", stride=", options.stride));
  checked_numel(s.image, 8);
  return to_image(input, s);
}

}  // namespace lamina::ops

#include "lamina/ops/unpool.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/pool_spans.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pool_planes.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

Shape unpooled_shape(const Shape& input, int n, const Shape& kernel_size, const MaxUnpoolOptions& o) {
  check_space(input, n);
  const Shape kernel = window_sizes("kernel_size", kernel_size, n, 1), padding = window_sizes("padding", o.padding, n),
              stride = window_sizes("stride", o.stride && !o.stride->empty() ? *o.stride : kernel_size, n, 1);
  Shape shape = input;
  for (int d = 0; d < n; ++d)
    if (__builtin_mul_overflow(input[d - n] - 1, stride[d], &shape[d - n]) ||
        __builtin_add_overflow(shape[d - n], kernel[d] - 2 * padding[d], &shape[d - n]))
      throw ShapeError(str("an output for input ", input, " would be too large"));
  if (o.output_size) {
    const Shape& given = *o.output_size;
    if (given.rank() != n && given.rank() != n + 2)
      throw OptionError(str("output_size ", given, " must hold ", n, " or ", n + 2, " numbers"));
    for (int d = 0; d < n; ++d) {
      const int64_t size = given[d - n], usual = shape[d - n];
      if (size <= usual - stride[d] || size >= usual + stride[d])
        throw OptionError(str("output_size ", given, " must lie between ", usual - stride[d], " and ",
                              usual + stride[d], " in dimension ", d));
      shape[d - n] = size;
    }
  }
  for (int d = 0; d < n; ++d)
    if (shape[d - n] < 0)
      throw OptionError(str("input ", input, " with padding=", o.padding, " gives a negative output size ",
                            shape[d - n], " in dimension ", d));
  checked_numel(shape, 8);
  return shape;
}

void check_indices(const Tensor& input, const Tensor& indices, const Tensor& contiguous_indices, int64_t places) {
  if (indices.dtype() != kInt64)
    throw DTypeError(str("indices must be int64, got ", name(indices.dtype())), "Take them from max pooling");
  if (indices.shape() != input.shape())
    throw ShapeError(str("indices ", indices.shape(), " must be of the input's shape ", input.shape()));
  const int64_t* index = contiguous_indices.data<int64_t>();
  for (int64_t i = 0; i < indices.numel(); ++i)
    if (index[i] < 0 || index[i] >= places)
      throw IndexError(str("index ", index[i], " is out of bounds for an output plane of ", places, " elements"));
}

Tensor max_unpool(const Tensor& input, const Tensor& indices, int n, const Shape& kernel_size,
                  const MaxUnpoolOptions& o) {
  static constexpr const char* nodes[] = {"MaxUnpool1DBackward0", "MaxUnpool2DBackward0", "MaxUnpool3DBackward0"};
  if (!input.is_floating_point()) throw_unsupported("max_unpool", input.dtype());
  const Shape shape = unpooled_shape(input.shape(), n, kernel_size, o);
  for (int d = input.rank() - n - 1; d < input.rank(); ++d)
    if (input.size(d) == 0) throw ShapeError(str("input ", input.shape(), " may be empty in its batch only"));
  const Tensor x = contiguous(input.detach()), at = contiguous(indices);
  check_indices(input, indices, at, shape.last(n).numel());
  Tensor y = empty(shape, x.dtype());
  dispatch_floating(x.dtype(), "max_unpool", [&]<class T>() {
    kernels::place_in_planes(x.data<T>(), at.data<int64_t>(), x.shape().slice(0, x.rank() - n).numel(),
                             x.shape().last(n).numel(), shape.last(n).numel(), y.data<T>());
  });
  if (needs_grad(input))
    record(nodes[n - 1], y, {&input},
           [at = Saved(at), n](const Backward& g) -> Tensors { return {gather_planes(g.dy(), at.get(), n)}; });
  return y;
}

}  // namespace

Tensor max_unpool1d(const Tensor& input, const Tensor& indices, const Shape& kernel_size, const MaxUnpoolOptions& o) {
  return max_unpool(input, indices, 1, kernel_size, o);
}
Tensor max_unpool2d(const Tensor& input, const Tensor& indices, const Shape& kernel_size, const MaxUnpoolOptions& o) {
  return max_unpool(input, indices, 2, kernel_size, o);
}
Tensor max_unpool3d(const Tensor& input, const Tensor& indices, const Shape& kernel_size, const MaxUnpoolOptions& o) {
  return max_unpool(input, indices, 3, kernel_size, o);
}

}  // namespace lamina::ops

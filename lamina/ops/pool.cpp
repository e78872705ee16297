#include "lamina/ops/pool.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/pool.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pool_planes.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

struct Windows { Shape kernel, stride, padding, dilation; };

// Every option as one number for each spatial dimension.
Windows spelled_out(int n, const Shape& kernel_size, const MaxPoolOptions& o) {
  Windows w{.kernel = window_sizes("kernel_size", kernel_size, n, 1),
            .stride = window_sizes("stride", o.stride && !o.stride->empty() ? *o.stride : kernel_size, n, 1),
            .padding = window_sizes("padding", o.padding, n, 0),
            .dilation = window_sizes("dilation", o.dilation, n, 1)};
  for (int d = 0; d < n; ++d)
    if (w.padding[d] > w.kernel[d] / 2)
      throw OptionError(str("padding=", o.padding, " must be at most half of kernel_size=", kernel_size));
  return w;
}

Shape pooled_shape(const Shape& input, int n, const Windows& w, bool ceil_mode) {
  check_space(input, n);
  for (int d = input.rank() - n - 1; d < input.rank(); ++d)
    if (input[d] == 0) throw ShapeError(str("input ", input, " may be empty in its batch only"));
  Shape out = input;
  for (int d = 0; d < n; ++d) {
    const int64_t size = input[d - n], reach = w.dilation[d] * (w.kernel[d] - 1) + 1;
    const int64_t room = size + 2 * w.padding[d] - reach + (ceil_mode ? w.stride[d] - 1 : 0);
    int64_t windows = room < 0 ? 0 : room / w.stride[d] + 1;
    if (ceil_mode && (windows - 1) * w.stride[d] >= size + w.padding[d]) --windows;
    if (windows < 1)
      throw ShapeError(str("input ", input, " is smaller than a window of kernel_size=", w.kernel,
                           ", padding=", w.padding, ", dilation=", w.dilation),
                       "Use a smaller kernel or pool less often");
    out[d - n] = windows;
  }
  return out;
}

kernels::PoolGeometry geometry(const Shape& input, const Shape& out, int n, const Windows& w) {
  kernels::PoolGeometry g;
  g.planes = input.slice(0, input.rank() - n).numel();
  to_three(input.last(n), 1, g.in);
  to_three(out.last(n), 1, g.out);
  to_three(w.kernel, 1, g.kernel);
  to_three(w.stride, 1, g.stride);
  to_three(w.padding, 0, g.padding);
  to_three(w.dilation, 1, g.dilation);
  return g;
}

std::pair<Tensor, Tensor> max_pool(const Tensor& input, int n, const Shape& kernel_size, const MaxPoolOptions& o,
                                   bool want_indices) {
  static constexpr const char* names[] = {"MaxPool1DWithIndicesBackward0", "MaxPool2DWithIndicesBackward0",
                                          "MaxPool3DWithIndicesBackward0"};
  if (input.dtype() == kBool) throw_unsupported("max_pool", kBool);
  const Windows w = spelled_out(n, kernel_size, o);
  const Shape shape = pooled_shape(input.shape(), n, w, o.ceil_mode);
  const Tensor x = contiguous(input.detach());
  const bool recorded = needs_grad(input);
  Tensor y = empty(shape, x.dtype()), indices = want_indices || recorded ? empty(shape, kInt64) : Tensor();
  dispatch_all(x.dtype(), [&]<class T>() {
    if constexpr (!std::is_same_v<T, bool>)
      kernels::max_pool(x.data<T>(), geometry(x.shape(), shape, n, w), y.data<T>(), indices.data_or_null<int64_t>());
  });
  if (recorded)
    record(names[n - 1], y, {&input},
           [indices = Saved(indices), from = input.shape(), n](const Backward& g) -> Tensors {
             return {scatter_planes(g.dy(), indices.get(), from, n)};
           });
  return {y, indices};
}

}  // namespace

Shape max_pool_shape(const Shape& input, int spatial, const Shape& kernel_size, const MaxPoolOptions& o) {
  return pooled_shape(input, spatial, spelled_out(spatial, kernel_size, o), o.ceil_mode);
}

Tensor max_pool1d(const Tensor& input, const Shape& kernel_size, const MaxPoolOptions& o) {
  return max_pool(input, 1, kernel_size, o, false).first;
}
Tensor max_pool2d(const Tensor& input, const Shape& kernel_size, const MaxPoolOptions& o) {
  return max_pool(input, 2, kernel_size, o, false).first;
}
Tensor max_pool3d(const Tensor& input, const Shape& kernel_size, const MaxPoolOptions& o) {
  return max_pool(input, 3, kernel_size, o, false).first;
}

std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                  const MaxPoolOptions& o) {
  return max_pool(input, 1, kernel_size, o, true);
}
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                  const MaxPoolOptions& o) {
  return max_pool(input, 2, kernel_size, o, true);
}
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                  const MaxPoolOptions& o) {
  return max_pool(input, 3, kernel_size, o, true);
}

}  // namespace lamina::ops

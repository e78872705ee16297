#include "lamina/ops/pool_average.h"

#include <algorithm>
#include <array>
#include <memory>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/pool_average.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pool.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

using kernels::AverageSpan;

// Every window of an average along each of n spatial dimensions: what forward and backward share.
struct Averages {
  int n;
  std::array<std::vector<AverageSpan>, 3> spans;  // those of the n dimensions last
  int64_t divisor = 0;
  const char *node, *double_node;
};
using AveragesPtr = std::shared_ptr<const Averages>;

kernels::AverageGeometry geometry(const Averages& a, const Shape& input, const Shape& output) {
  kernels::AverageGeometry g;
  g.planes = input.slice(0, input.rank() - a.n).numel();
  to_three(input.last(a.n), 1, g.in);
  to_three(output.last(a.n), 1, g.out);
  for (int d = 0; d < 3; ++d) g.spans[d] = a.spans[size_t(d)].data();
  g.divisor = a.divisor;
  return g;
}

bool in_half_precision(const Tensor& t) { return t.dtype() == kFloat16 || t.dtype() == kBFloat16; }

// Each is the other's gradient.
Tensor spread(const Tensor& dy, const Shape& shape, const AveragesPtr& a);

Tensor average(const Tensor& input, const Shape& shape, const AveragesPtr& a) {
  if (in_half_precision(input)) return to(average(to(input, kFloat32), shape, a), input.dtype());
  const Tensor x = contiguous(input.detach());
  Tensor y = empty(shape, x.dtype());
  if (x.dtype() == kInt64) {
    kernels::average_pool(x.data<int64_t>(), geometry(*a, x.shape(), shape), y.data<int64_t>());
    return y;
  }
  dispatch_real(x.dtype(), "avg_pool",
                [&]<class T>() { kernels::average_pool(x.data<T>(), geometry(*a, x.shape(), shape), y.data<T>()); });
  if (needs_grad(input))
    record(a->node, y, {&input},
           [from = input.shape(), a](const Backward& g) -> Tensors { return {spread(g.dy(), from, a)}; });
  return y;
}

Tensor spread(const Tensor& dy, const Shape& shape, const AveragesPtr& a) {
  if (in_half_precision(dy)) return to(spread(to(dy, kFloat32), shape, a), dy.dtype());
  const Tensor from = contiguous(dy.detach());
  Tensor dx = empty(shape, dy.dtype());
  dispatch_real(dy.dtype(), "avg_pool", [&]<class T>() {
    kernels::average_pool_backward(from.data<T>(), geometry(*a, shape, from.shape()), dx.data<T>());
  });
  if (needs_grad(dy))
    record(a->double_node, dx, {&dy},
           [out = dy.shape(), a](const Backward& g) -> Tensors { return {average(g.dy(), out, a)}; });
  return dx;
}

// Fewer than three dimensions stand at the end: those before them have one window of one element.
std::shared_ptr<Averages> averages(int n, const char* const (&nodes)[3], const char* const (&double_nodes)[3]) {
  auto a = std::make_shared<Averages>();
  a->n = n;
  a->node = nodes[n - 1];
  a->double_node = double_nodes[n - 1];
  for (int d = 0; d < 3 - n; ++d) a->spans[size_t(d)] = {{0, 1, 1}};
  return a;
}

Tensor avg_pool(const Tensor& input, int n, const Shape& kernel_size, const AvgPoolOptions& o) {
  static constexpr const char* nodes[] = {"AvgPool1DBackward0", "AvgPool2DBackward0", "AvgPool3DBackward0"};
  static constexpr const char* double_nodes[] = {"AvgPool1DBackwardBackward0", "AvgPool2DBackwardBackward0",
                                                 "AvgPool3DBackwardBackward0"};
  if (!input.is_floating_point() && input.dtype() != kInt64) throw_unsupported("avg_pool", input.dtype());
  if (o.divisor_override && *o.divisor_override == 0) throw OptionError("divisor_override must not be zero");
  const Shape shape = max_pool_shape(input.shape(), n, kernel_size,
                                     {.stride = o.stride, .padding = o.padding, .ceil_mode = o.ceil_mode});
  const Shape kernel = window_sizes("kernel_size", kernel_size, n, 1), padding = window_sizes("padding", o.padding, n),
              stride = window_sizes("stride", o.stride && !o.stride->empty() ? *o.stride : kernel_size, n, 1);
  const auto a = averages(n, nodes, double_nodes);
  a->divisor = o.divisor_override.value_or(0);
  for (int d = 0; d < n; ++d) {
    const int64_t size = input.shape()[d - n];
    for (int64_t i = 0; i < shape[d - n]; ++i) {
      const int64_t start = i * stride[d] - padding[d], end = std::min(start + kernel[d], size + padding[d]);
      const int64_t from = std::max<int64_t>(start, 0), to = std::min(end, size);
      a->spans[size_t(3 - n + d)].push_back({from, to, o.count_include_pad ? end - start : to - from});
    }
  }
  return average(input, shape, a);
}

Tensor adaptive_avg_pool(const Tensor& input, int n, const OutputSizes& output_size) {
  static constexpr const char* nodes[] = {"AdaptiveAvgPool1DBackward0", "AdaptiveAvgPool2DBackward0",
                                          "AdaptiveAvgPool3DBackward0"};
  static constexpr const char* double_nodes[] = {
      "AdaptiveAvgPool1DBackwardBackward0", "AdaptiveAvgPool2DBackwardBackward0", "AdaptiveAvgPool3DBackwardBackward0"};
  if (!input.is_floating_point()) throw_unsupported("adaptive_avg_pool", input.dtype());
  const Shape& from = input.shape();
  const Shape shape = adaptive_shape(from, n, output_size);
  const auto a = averages(n, nodes, double_nodes);
  for (int d = 0; d < n; ++d) {
    const int64_t in = from[d - n], out = shape[d - n];
    for (int64_t i = 0; i < out && shape.numel(); ++i) {
      const int64_t first = i * in / out, last = ((i + 1) * in + out - 1) / out;
      a->spans[size_t(3 - n + d)].push_back({first, last, last - first});
    }
  }
  return average(input, shape, a);
}

}  // namespace

Tensor avg_pool1d(const Tensor& input, const Shape& kernel_size, const AvgPoolOptions& o) {
  return avg_pool(input, 1, kernel_size, o);
}
Tensor avg_pool2d(const Tensor& input, const Shape& kernel_size, const AvgPoolOptions& o) {
  return avg_pool(input, 2, kernel_size, o);
}
Tensor avg_pool3d(const Tensor& input, const Shape& kernel_size, const AvgPoolOptions& o) {
  return avg_pool(input, 3, kernel_size, o);
}
Tensor adaptive_avg_pool1d(const Tensor& input, const OutputSizes& output_size) {
  return adaptive_avg_pool(input, 1, output_size);
}
Tensor adaptive_avg_pool2d(const Tensor& input, const OutputSizes& output_size) {
  return adaptive_avg_pool(input, 2, output_size);
}
Tensor adaptive_avg_pool3d(const Tensor& input, const OutputSizes& output_size) {
  return adaptive_avg_pool(input, 3, output_size);
}

}  // namespace lamina::ops

#include "lamina/ops/pool_spans.h"

#include <array>
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/pool_spans.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pool_planes.h"
#include "lamina/ops/random.h"

namespace lamina::ops {

namespace {

using kernels::Span;

// The windows along each of n spatial dimensions, which stand last; the same for all planes, or those of one after another.
struct Spans {
  std::array<std::vector<Span>, 3> spans;
  bool for_each_plane = false;
};

std::pair<Tensor, Tensor> pool(const char* node, const Tensor& input, const Shape& shape, int n, const Spans& spans,
                               bool want_indices) {
  const bool recorded = needs_grad(input);
  const Tensor x = contiguous(input.detach());
  Tensor y = empty(shape, x.dtype()), indices = want_indices || recorded ? empty(shape, kInt64) : Tensor();
  kernels::SpanGeometry g;
  g.planes = x.shape().slice(0, x.rank() - n).numel();
  to_three(x.shape().last(n), 1, g.in);
  to_three(shape.last(n), 1, g.out);
  const Span all = {0, 1};
  for (int d = 0; d < 3; ++d) {
    g.spans[d] = d < 3 - n ? &all : spans.spans[size_t(d)].data();
    g.plane_stride[d] = spans.for_each_plane && d >= 3 - n ? g.out[d] : 0;
  }
  if (y.numel() > 0)
    dispatch_floating(x.dtype(), "max_pool", [&]<class T>() {
      kernels::max_over_spans(x.data<T>(), g, y.data<T>(), indices.data_or_null<int64_t>());
    });
  if (recorded)
    record(node, y, {&input}, [indices = Saved(indices), from = input.shape(), n](const Backward& g) -> Tensors {
      return {scatter_planes(g.dy(), indices.get(), from, n)};
    });
  return {y, indices};
}

void check_floating(const Tensor& input, const char* what) {
  if (!input.is_floating_point()) throw_unsupported(what, input.dtype());
}

std::pair<Tensor, Tensor> adaptive(const Tensor& input, int n, const OutputSizes& output_size, bool want_indices) {
  static constexpr const char* nodes[] = {"AdaptiveMaxPool1DBackward0", "AdaptiveMaxPool2DBackward0",
                                          "AdaptiveMaxPool3DBackward0"};
  check_floating(input, "adaptive_max_pool");
  const Shape& from = input.shape();
  const Shape shape = adaptive_shape(from, n, output_size);
  if (from[-1 - n] == 0) throw ShapeError(str("input ", from, " may be empty in its batch only"));
  Spans s;
  for (int d = 0; d < n && shape.numel() > 0; ++d) {
    const int64_t in = from[d - n], out = shape[d - n];
    for (int64_t i = 0; i < out; ++i)
      s.spans[size_t(3 - n + d)].push_back({i * in / out, ((i + 1) * in + out - 1) / out});
  }
  return pool(nodes[n - 1], input, shape, n, s, want_indices);
}

// Where windows start, in the arithmetic of the samples' type T, as PyTorch computes them.
template <class T>
void add_fractional_spans(T sample, int64_t in, int64_t out, int64_t kernel, std::vector<Span>& spans) {
  using C = compute_t<T>;
  const T alpha = out > 1 ? T(C(T(C(in - kernel))) / C(T(C(out - 1)))) : T(0);
  const auto scaled = [&](T position) { return int64_t(C(T(C(position) * C(alpha)))); };
  for (int64_t i = 0; i + 1 < out; ++i) {
    const int64_t start = scaled(T(C(T(C(i))) + C(sample))) - scaled(sample);
    const int64_t inside = std::clamp<int64_t>(start, 0, in - kernel);  // a sample outside [0, 1) is a caller's
    spans.push_back({inside, inside + kernel});
  }
  if (out > 0) spans.push_back({in - kernel, in});
}

Shape fractional_shape(const Shape& input, int n, const Shape& kernel, const FractionalPoolOptions& o) {
  check_space(input, n);
  if (o.output_size.has_value() == o.output_ratio.has_value())
    throw OptionError(o.output_size ? "output_size and output_ratio exclude one another"
                                    : "one of output_size and output_ratio is needed");
  for (int d = input.rank() - n - 1; d < input.rank(); ++d)
    if (input[d] == 0) throw ShapeError(str("input ", input, " may be empty in its batch only"));
  Shape shape = input;
  if (o.output_size) {
    const Shape size = window_sizes("output_size", *o.output_size, n, 0);
    for (int d = 0; d < n; ++d) shape[d - n] = size[d];
  } else {
    const std::vector<double>& ratio = *o.output_ratio;
    if (ratio.size() != 1 && ratio.size() != size_t(n))
      throw OptionError(str("output_ratio must be one number or ", n, ", got ", int64_t(ratio.size()), " of them"));
    for (int d = 0; d < n; ++d) {
      const double r = ratio[ratio.size() == 1 ? 0 : size_t(d)];
      if (!(r > 0 && r < 1)) throw OptionError(str("output_ratio must lie between 0 and 1, got ", r));
      shape[d - n] = int64_t(double(input[d - n]) * r);
    }
  }
  for (int d = 0; d < n; ++d)
    if (shape[d - n] + kernel[d] - (n == 2 ? 1 : 0) > input[d - n])  // PyTorch leaves volumes one place to move
      throw ShapeError(str("input ", input, " is too small for windows of kernel_size=", kernel, " and output size ",
                           shape.last(n), ": at most input − kernel_size + 1 windows fit"));
  return shape;
}

std::pair<Tensor, Tensor> fractional(const Tensor& input, int n, const Shape& kernel_size,
                                     const FractionalPoolOptions& o, bool want_indices) {
  check_floating(input, "fractional_max_pool");
  const Shape kernel = window_sizes("kernel_size", kernel_size, n, 1);
  const Shape& from = input.shape();
  const Shape shape = fractional_shape(from, n, kernel, o);
  const Shape drawn{from.rank() == n + 1 ? 1 : from[0], from[-1 - n], n};
  if (const Tensor& given = o.random_samples; given.defined()) {  // as in PyTorch, of more images than there are too
    if (given.rank() != 3 || given.size(0) < drawn[0] || given.size(1) != drawn[1] || given.size(2) != drawn[2])
      throw ShapeError(str("_random_samples ", given.shape(), " must be ", drawn, " beside input ", from));
    if (given.dtype() != input.dtype())
      throw DTypeError(str("_random_samples are ", name(given.dtype()), ", the input is ", name(input.dtype())));
  }
  const Tensor samples =
      o.random_samples.defined() ? contiguous(o.random_samples.detach()) : rand(drawn, input.dtype());
  Spans s;
  s.for_each_plane = true;
  dispatch_floating(input.dtype(), "fractional_max_pool", [&]<class T>() {
    const T* sample = samples.data<T>();
    for (int64_t plane = 0; plane < drawn[0] * drawn[1]; ++plane, sample += n)
      for (int d = 0; d < n; ++d)  // in two dimensions PyTorch's first sample is that of the width
        add_fractional_spans(sample[n == 2 ? 1 - d : d], from[d - n], shape[d - n], kernel[d],
                             s.spans[size_t(3 - n + d)]);
  });
  return pool(n == 2 ? "FractionalMaxPool2DBackward0" : "FractionalMaxPool3DBackward0", input, shape, n, s,
              want_indices);
}

}  // namespace

Tensor adaptive_max_pool1d(const Tensor& input, const OutputSizes& output_size) {
  return adaptive(input, 1, output_size, false).first;
}
Tensor adaptive_max_pool2d(const Tensor& input, const OutputSizes& output_size) {
  return adaptive(input, 2, output_size, false).first;
}
Tensor adaptive_max_pool3d(const Tensor& input, const OutputSizes& output_size) {
  return adaptive(input, 3, output_size, false).first;
}

std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& input, const OutputSizes& output_size) {
  return adaptive(input, 1, output_size, true);
}
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& input, const OutputSizes& output_size) {
  return adaptive(input, 2, output_size, true);
}
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& input, const OutputSizes& output_size) {
  return adaptive(input, 3, output_size, true);
}

Tensor fractional_max_pool2d(const Tensor& input, const Shape& kernel_size, const FractionalPoolOptions& o) {
  return fractional(input, 2, kernel_size, o, false).first;
}
Tensor fractional_max_pool3d(const Tensor& input, const Shape& kernel_size, const FractionalPoolOptions& o) {
  return fractional(input, 3, kernel_size, o, false).first;
}

std::pair<Tensor, Tensor> fractional_max_pool2d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                             const FractionalPoolOptions& o) {
  return fractional(input, 2, kernel_size, o, true);
}
std::pair<Tensor, Tensor> fractional_max_pool3d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                             const FractionalPoolOptions& o) {
  return fractional(input, 3, kernel_size, o, true);
}

}  // namespace lamina::ops

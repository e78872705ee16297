// Counts in grids of bins, declared in statistics.h.
#include <algorithm>
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/statistics.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// The bin of v between ascending edges, −1 outside.
int64_t bin_of(const double* edges, int64_t count, double v) {
  if (!(v >= edges[0] && v <= edges[count - 1])) return -1;
  return std::min<int64_t>(std::upper_bound(edges, edges + count, v) - edges - 1, count - 2);
}

void check_histogram(const Tensor& x, const Tensors& edges, const Tensor& weight) {
  if (x.dtype() != DType::Float32 && x.dtype() != DType::Float64) throw_unsupported("histogram", x.dtype());
  if (x.rank() < 1 || x.size(-1) != int64_t(edges.size()))
    throw ShapeError(str("histogramdd: expected ", x.rank() ? x.size(-1) : 0, " sequences of bin edges for a ",
                         x.rank() ? x.size(-1) : 0, "-dimensional histogram but got ", edges.size()));
  for (const Tensor& e : edges) {
    if (e.dtype() != x.dtype())
      throw DTypeError("torch.histogramdd: input tensor and bins tensors should have the same dtype");
    if (e.rank() != 1 || e.numel() < 2)
      throw ShapeError("torch.histogram(): bins tensor should have one dimension and at least 2 elements");
  }
  if (!weight.defined()) return;
  if (weight.shape() != x.shape().slice(0, x.rank() - 1))
    throw ShapeError(
        str("histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
            "excluding its innermost dimension, but got input with shape ",
            x.shape(), " and weight with shape ", weight.shape()));
  if (weight.dtype() != x.dtype())
    throw DTypeError(
        "histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype");
}

}  // namespace

Histogram histogram(const Tensor& input, const Tensors& edges, const Tensor& weight, bool density) {
  check_histogram(input, edges, weight);
  const Tensor x = contiguous(to(input.detach(), DType::Float64));
  const Tensor weights = weight.defined() ? contiguous(to(weight.detach(), DType::Float64)) : Tensor();
  const int64_t dims = int64_t(edges.size()), rows = x.numel() / std::max<int64_t>(dims, 1);
  Shape bins;
  Tensors limits;
  for (const Tensor& e : edges) {
    limits.push_back(contiguous(to(e.detach(), DType::Float64)));
    bins.push_back(e.numel() - 1);
  }
  Tensor counts = zeros(bins, DType::Float64);
  for (int64_t i = 0; i < rows; ++i) {
    int64_t at = 0;
    for (int64_t d = 0; d < dims && at >= 0; ++d) {
      const int64_t bin = bin_of(limits[size_t(d)].data<double>(), bins[d] + 1, x.data<double>()[i * dims + d]);
      at = bin < 0 ? -1 : at * bins[d] + bin;
    }
    if (at >= 0) counts.data<double>()[at] += weights.defined() ? weights.data<double>()[i] : 1;
  }
  if (density) {
    counts = div(counts, sum(counts));
    for (int64_t d = 0; d < dims; ++d) {
      Shape along = Shape::filled(int(dims), 1);
      along[d] = bins[d];
      counts = div(counts, reshape(diff(limits[size_t(d)]), along));
    }
  }
  return {to(counts, input.dtype()), edges};
}

Tensor histogram_edges(const Tensor& x, int64_t bins, std::optional<double> min, std::optional<double> max) {
  if (bins < 1) throw OptionError(str("torch.histogram(): bins must be > 0, but got ", bins));
  double low = min.value_or(0), high = max.value_or(min ? low : 1);
  if (!min && x.numel()) {
    low = item(ops::min(x.detach())).to_double();
    high = item(ops::max(x.detach())).to_double();
  }
  if (!std::isfinite(low) || !std::isfinite(high))
    throw OptionError(str("torch.histogram(): range of [", low, ", ", high, "] is not finite"));
  if (low > high) throw OptionError("torch.histogram(): min should not exceed max");
  if (low == high) low -= 0.5, high += 0.5;
  return linspace(low, high, bins + 1, x.dtype());
}

}  // namespace lamina::ops

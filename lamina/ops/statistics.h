// Running extremes, differences, integrals and the statistics of samples. Names and rules are PyTorch's.
#pragma once
#include <optional>
#include <vector>

#include "lamina/ops/reduce.h"
#include "lamina/ops/sort.h"

namespace lamina::ops {

/// The largest (smallest) element so far along dim, and where it stands; of equal ones the last. NaN wins.
ValuesAndIndices cummax(const Tensor& x, int64_t dim);
ValuesAndIndices cummin(const Tensor& x, int64_t dim);
/// log of the running sum of exp(x), without overflow.
Tensor logcumsumexp(const Tensor& x, int64_t dim);
/// x[1:] − x[:-1] along dim, n times, after prepend and append (undefined: nothing) were put at the ends.
Tensor diff(const Tensor& x, int64_t n = 1, int64_t dim = -1, const Tensor& prepend = {}, const Tensor& append = {});
/// The integral of y along dim by the trapezoidal rule, over the points x or at distance dx.
Tensor trapezoid(const Tensor& y, const Tensor& x, int64_t dim = -1);
Tensor trapezoid(const Tensor& y, double dx = 1, int64_t dim = -1);
Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int64_t dim = -1);
Tensor cumulative_trapezoid(const Tensor& y, double dx = 1, int64_t dim = -1);

/// The most frequent element along dim, the smallest of several, and where it stands last.
ValuesAndIndices mode(const Tensor& x, int64_t dim = -1, bool keepdim = false);
/// The lower median of what is not NaN.
ValuesAndIndices nanmedian(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor nanmedian(const Tensor& x);
/// How many elements fall into each of `bins` equal parts of [min, max], or of the range of x where min = max.
Tensor histc(const Tensor& x, int64_t bins = 100, double min = 0, double max = 0);
struct Histogram {
  Tensor counts;  // float, (bins of each dimension)
  Tensors edges;  // of each dimension, one more than bins
};
/// How the rows of x (…, D) fall into a grid of bins, whose edges are ascending vectors; the last bin includes its end. Each
/// row counts 1, or what `weight` (…) says; `density` divides by the total and by each bin's size. Without gradient.
Histogram histogram(const Tensor& x, const Tensors& edges, const Tensor& weight = {}, bool density = false);
/// `bins` equal parts of [min, max], or of the range of x where they are not given.
Tensor histogram_edges(const Tensor& x, int64_t bins, std::optional<double> min = {}, std::optional<double> max = {});

/// How far points lie apart: at a distance, or at given places (a vector).
struct Spacing {
  double step = 1;
  Tensor places;
};
/// The slope of x along each of dims by differences of neighbours, to second order; at the ends to `edge_order` 1 or 2.
Tensors gradient(const Tensor& x, const std::vector<Spacing>& spacing, const Shape& dims, int64_t edge_order = 1);

/// The covariances of the rows of x (variables, observations), weighted by counts and weights where they are given.
Tensor cov(const Tensor& x, int64_t correction = 1, const Tensor& counts = {}, const Tensor& weights = {});
/// The correlations of the rows of x, in [−1, 1].
Tensor corrcoef(const Tensor& x);
/// x with each slice along dim scaled down where its p-norm is larger than maxnorm.
Tensor renorm(const Tensor& x, double p, int64_t dim, double maxnorm);

}  // namespace lamina::ops

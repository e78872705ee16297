#include "lamina/ops/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

template <class T>
bool is_nan(T v) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(v);
  else return false;
}

// The lines of a contiguous tensor along a dimension: where each starts and the step to the next element.
struct Lines {
  int64_t n = 1, inner = 1, count = 1;
  Lines(const Shape& shape, int64_t dim) {
    if (shape.rank() == 0) return;
    n = shape[dim];
    inner = shape.slice(dim + 1).numel();
    count = shape.slice(0, dim).numel() * inner;
  }
  int64_t first(int64_t line) const { return line / inner * n * inner + line % inner; }
};

template <class Better>
ValuesAndIndices running_extreme(const char* node, const Tensor& input, int64_t dim, Better better) {
  const int64_t d = wrap_dim(dim, input.rank());
  const bool half = input.dtype() == DType::BFloat16 || input.dtype() == DType::Float16;
  const Tensor x = contiguous(half ? to(input.detach(), DType::Float32) : input.detach());
  Tensor values = empty_like(x), places = empty(x.shape(), DType::Int64);
  const Lines lines(x.shape(), d);
  dispatch_arithmetic(x.dtype(), node, [&]<class T>() {
    for (int64_t line = 0; line < lines.count; ++line) {
      const int64_t first = lines.first(line);
      int64_t best = 0;
      for (int64_t i = 0; i < lines.n; ++i) {
        const T v = x.data<T>()[first + i * lines.inner], b = x.data<T>()[first + best * lines.inner];
        if (is_nan(v) || (!is_nan(b) && better(v, b))) best = i;
        values.data<T>()[first + i * lines.inner] = x.data<T>()[first + best * lines.inner];
        places.data<int64_t>()[first + i * lines.inner] = best;
      }
    }
  });
  Tensor y = half ? to(values, input.dtype()) : values;
  if (needs_grad(input))
    record(node, y, {&input}, [shape = input.shape(), d, places](const Backward& g) -> Tensors {
      if (shape.rank() == 0) return {g.dy()};
      return {scatter_add(zeros(shape, g.dy().dtype()), d, places, g.dy())};
    });
  return {y, places};
}

Tensor pairs_mean(const Tensor& y, int64_t dim) {
  const int64_t n = y.size(dim);
  return div(add(slice(y, dim, 1), slice(y, dim, 0, std::max<int64_t>(n - 1, 0))), 2);
}

// The areas between neighbours along dim.
Tensor areas(const char* name, const Tensor& given, const Tensor& x, int64_t dim) {
  const Tensor y = to(given, floating_result(given.dtype()));
  if (x.rank() == 1) {
    if (x.numel() != y.size(dim))
      throw ShapeError(
          str(name, ": There must be one `x` value for each sample point, got ", x.numel(), " for ", y.size(dim)));
    Shape along = Shape::filled(y.rank(), 1);
    along[wrap_dim(dim, y.rank())] = x.numel() - 1;
    return mul(pairs_mean(y, dim), reshape(diff(x), along));
  }
  const int64_t from_end = wrap_dim(dim, y.rank()) - y.rank();
  return mul(pairs_mean(y, dim), diff(x, 1, from_end));
}

}  // namespace

ValuesAndIndices cummax(const Tensor& x, int64_t dim) {
  return running_extreme("CummaxBackward0", x, dim, [](auto a, auto b) { return a >= b; });
}
ValuesAndIndices cummin(const Tensor& x, int64_t dim) {
  return running_extreme("CumminBackward0", x, dim, [](auto a, auto b) { return a <= b; });
}

Tensor logcumsumexp(const Tensor& input, int64_t dim) {
  const int64_t d = wrap_dim(dim, input.rank());
  if (!input.is_floating_point()) throw_unsupported("logcumsumexp", input.dtype());
  if (input.dtype() == DType::BFloat16 || input.dtype() == DType::Float16)
    return to(logcumsumexp(to(input, DType::Float32), dim), input.dtype());
  const Tensor x = contiguous(input.detach());
  Tensor y = empty_like(x);
  const Lines lines(x.shape(), d);
  dispatch_real(x.dtype(), "logcumsumexp", [&]<class T>() {
    for (int64_t line = 0; line < lines.count; ++line) {
      T sum = -std::numeric_limits<T>::infinity();
      for (int64_t i = 0, at = lines.first(line); i < lines.n; ++i, at += lines.inner) {
        const T v = x.data<T>()[at], high = std::max(sum, v), low = std::min(sum, v);
        if (is_nan(v) || is_nan(sum)) sum = std::numeric_limits<T>::quiet_NaN();
        else sum = std::isinf(high) && high == low ? high : high + std::log1p(std::exp(low - high));
        y.data<T>()[at] = sum;
      }
    }
  });
  if (needs_grad(input))
    record(
        "LogcumsumexpBackward0", y, {&input},
        [x = Saved(input), y = Saved::output(y), d](const Backward& g) -> Tensors {
          if (g.dy().rank() == 0) return {g.dy()};
          // the parts of dy above and below 0 apart, each as its logarithm, from the other end
          const auto from_end = [&](const Tensor& part) {
            const Tensor logs =  // y is chosen with log(part): where a part is missing, y's gradient is 0 and not NaN
                where(gt(part, 0), sub(log(part), y.get(g)), -std::numeric_limits<double>::infinity());
            return exp(add(flip(logcumsumexp(flip(logs, {d}), d), {d}), x.get()));
          };
          return {sub(from_end(g.dy()), from_end(neg(g.dy())))};
        });
  return y;
}

Tensor diff(const Tensor& x, int64_t n, int64_t dim, const Tensor& prepend, const Tensor& append) {
  if (x.rank() == 0) throw ShapeError("diff expects input to be at least one-dimensional");
  if (n < 0) throw OptionError(str("order must be non-negative but got ", n));
  const int64_t d = wrap_dim(dim, x.rank());
  if (n == 0) return clone(x);
  Tensor y = x;
  if (prepend.defined() || append.defined()) {
    Shape one = x.shape();
    one[d] = 1;
    Tensors parts;
    if (prepend.defined()) parts.push_back(prepend.rank() == 0 ? expand(prepend, one) : prepend);
    parts.push_back(x);
    if (append.defined()) parts.push_back(append.rank() == 0 ? expand(append, one) : append);
    y = cat(parts, d);
  }
  n = std::min(n, y.size(d));
  for (int64_t i = 0; i < n; ++i) {
    const Tensor after = slice(y, d, 1), before = slice(y, d, 0, std::max<int64_t>(y.size(d) - 1, 0));
    y = y.dtype() == DType::Bool ? logical_xor(after, before) : sub(after, before);
  }
  return y;
}

Tensor trapezoid(const Tensor& y, const Tensor& x, int64_t dim) {
  if (y.size(dim) == 0) return sum(to(y, floating_result(y.dtype())), {dim});
  return sum(areas("trapezoid", y, x, dim), {dim});
}
Tensor trapezoid(const Tensor& y, double dx, int64_t dim) {
  const Tensor z = to(y, floating_result(y.dtype()));
  return y.size(dim) == 0 ? sum(z, {dim}) : mul(sum(pairs_mean(z, dim), {dim}), dx);
}
Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int64_t dim) {
  return cumsum(areas("cumulative_trapezoid", y, x, dim), dim);
}
Tensor cumulative_trapezoid(const Tensor& y, double dx, int64_t dim) {
  return mul(cumsum(pairs_mean(to(y, floating_result(y.dtype())), dim), dim), dx);
}

namespace {
// One element of each line along dim, chosen among the sorted ones, with its gradient.
template <class Choose>
ValuesAndIndices of_sorted(const char* name, const Tensor& x, int64_t dim, bool keepdim, Choose choose) {
  const int64_t d = wrap_dim(dim, x.rank());
  if (x.rank() && x.size(d) == 0)
    throw IndexError(str(name, "(): Expected reduction dim ", d, " to have non-zero size."));
  const ValuesAndIndices sorted = sort(x.detach(), d);
  const Tensor values = contiguous(sorted.values), order = contiguous(sorted.indices);
  Shape one = x.shape();
  if (x.rank()) one[d] = 1;
  Tensor places = empty(one, DType::Int64);
  const Lines lines(x.shape(), d);
  dispatch_all(values.dtype(), [&]<class T>() {
    for (int64_t line = 0; line < lines.count; ++line) {
      const int64_t first = lines.first(line);
      const auto value = [&](int64_t i) { return compute_t<T>(values.data<T>()[first + i * lines.inner]); };
      places.data<int64_t>()[line] = order.data<int64_t>()[first + choose(value, lines.n) * lines.inner];
    }
  });
  if (x.rank() == 0) return {clone(x), reshape(places, {})};
  const Tensor y = gather(x, d, places);
  return keepdim ? ValuesAndIndices{y, places} : ValuesAndIndices{squeeze(y, d), squeeze(places, d)};
}
}  // namespace

ValuesAndIndices mode(const Tensor& x, int64_t dim, bool keepdim) {
  return of_sorted("mode", x, dim, keepdim, [](auto value, int64_t n) {
    int64_t best = 0, most = 0;
    for (int64_t i = 0, start = 0; i < n; ++i) {
      if (i > 0 && value(i) != value(i - 1)) start = i;
      if (i - start + 1 > most) most = i - start + 1, best = i;
    }
    return best;
  });
}

ValuesAndIndices nanmedian(const Tensor& x, int64_t dim, bool keepdim) {
  return of_sorted("nanmedian", x, dim, keepdim, [](auto value, int64_t n) {
    int64_t numbers = n;
    while (numbers > 0 && is_nan(value(numbers - 1))) --numbers;
    return std::max<int64_t>(numbers - 1, 0) / 2;
  });
}
Tensor nanmedian(const Tensor& x) { return nanmedian(reshape(x, {-1}), 0).values; }

Tensor histc(const Tensor& input, int64_t bins, double min, double max) {
  if (bins <= 0) throw OptionError(str("torch.histc(): bins must be > 0, but got ", bins));
  const Tensor x = contiguous(to(input.detach(), DType::Float64));
  if (min == max && x.numel()) {
    min = item(ops::min(x)).to_double();
    max = item(ops::max(x)).to_double();
  }
  if (min == max) min -= 1, max += 1;
  if (!std::isfinite(min) || !std::isfinite(max))
    throw OptionError(str("torch.histc: range of [", min, ", ", max, "] is not finite"));
  if (min > max) throw OptionError("torch.histc: max must be larger than min");
  Tensor counts = zeros({bins}, input.dtype());
  dispatch_all(input.dtype(), [&]<class T>() {
    std::vector<int64_t> found(size_t(bins), 0);
    for (int64_t i = 0; i < x.numel(); ++i) {
      const double v = x.data<double>()[i];
      if (v >= min && v <= max) ++found[size_t(std::min(int64_t((v - min) / (max - min) * double(bins)), bins - 1))];
    }
    for (int64_t i = 0; i < bins; ++i) counts.data<T>()[i] = T(compute_t<T>(found[size_t(i)]));
  });
  return counts;
}

namespace {

// Weights of the observations: one for each, none negative.
void check_weights(const char* what, const Tensor& weights, int64_t observations, bool integral) {
  if (!weights.defined()) return;
  if (weights.rank() > 1) throw ShapeError(str(what, " ", weights.shape(), " must have one or fewer dimensions"));
  if (is_floating_point(weights.dtype()) == integral || weights.dtype() == DType::Bool)
    throw DTypeError(str(what, " of ", name(weights.dtype()), " must be ", integral ? "integers" : "floating-point"));
  if (weights.numel() != observations)
    throw ShapeError(
        str(what, " ", weights.shape(), " must have one element for each of ", observations, " observations"));
  const NoGradGuard values_only;
  if (any(lt(weights, Scalar(0))).data<bool>()[0]) throw OptionError(str(what, " cannot be negative"));
}

}  // namespace

Tensor cov(const Tensor& given, int64_t correction, const Tensor& counts, const Tensor& weights) {
  if (given.rank() > 2)
    throw ShapeError(str("cov(): expected input to have two or fewer dimensions but got an input with ", given.rank(),
                         " dimensions"));
  if (given.dtype() == DType::Bool) throw DTypeError("cov(): bool dtype is not supported for input");
  const Tensor x = given.rank() < 2 ? reshape(given, {1, -1}) : given;
  const Tensor values = to(x, floating_result(x.dtype()));
  check_weights("fweights", counts, x.size(1), true);
  check_weights("aweights", weights, x.size(1), false);
  Tensor w;
  if (counts.defined()) w = counts;
  if (weights.defined()) w = w.defined() ? mul(counts, weights) : weights;
  const Tensor total = w.defined() ? sum(w) : full({}, x.size(1), DType::Int64);
  const Tensor mean = w.defined() ? div(sum(mul(values, w), {1}, true), total) : ops::mean(values, {1}, true);
  Tensor norm = to(total, values.dtype());
  if (correction != 0)
    norm = weights.defined() ? sub(total, mul(div(sum(mul(w, weights)), total), correction)) : sub(total, correction);
  const Tensor centred = sub(values, mean);
  const Tensor products = matmul(centred, matrix_transpose(w.defined() ? mul(centred, w) : centred));
  return squeeze(div(products, clamp_min(norm, 0)));
}

Tensor corrcoef(const Tensor& x) {
  if (x.rank() > 2)
    throw ShapeError(str("corrcoef(): expected input to have two or fewer dimensions but got an input with ", x.rank(),
                         " dimensions"));
  const Tensor c = cov(x);
  if (c.rank() == 0) return div(c, c);
  const Tensor deviations = sqrt(diagonal(c));
  return clamp(div(div(c, unsqueeze(deviations, 1)), unsqueeze(deviations, 0)), Scalar(-1), Scalar(1));
}

Tensor renorm(const Tensor& x, double p, int64_t dim, double maxnorm) {
  if (p <= 0) throw OptionError("renorm: non-positive-norm not supported");
  if (maxnorm < 0) throw OptionError(str("renorm: expected maxnorm to be >= 0 but got ", maxnorm));
  if (x.rank() < 2) throw ShapeError(str("renorm: input needs at least 2 dimensions, got ", x.rank(), " dimensions"));
  const int64_t d = wrap_dim(dim, x.rank());
  Shape others;
  for (int64_t k = 0; k < x.rank(); ++k)
    if (k != d) others.push_back(k);
  const Tensor size = norm(x, p, others, true);
  const Tensor factor = div(full({}, maxnorm, x.dtype()), add(size, 1e-7));
  return mul(x, where(gt(size, maxnorm), factor, Scalar(1)));
}

}  // namespace lamina::ops

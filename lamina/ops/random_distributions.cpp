// Rarer distributions, declared in random.h.
#include <cmath>
#include <numbers>

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
#include "lamina/ops/random_fill.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/unary.h"

namespace lamina::ops {

const Tensor& cauchy_(const Tensor& self, double median, double sigma, const GeneratorRef& generator) {
  check_random_floating(self, "cauchy_");
  if (!(sigma > 0)) throw OptionError(str("cauchy_ expects sigma > 0.0, but found sigma=", sigma));
  return fill_in_place(self, "cauchy_", "CauchyBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "cauchy_", [&]<class T>() {
      fill_with<T>(self, [&] {
        return T(compute_t<T>(median + sigma * std::tan(std::numbers::pi * (source.uniform<double>() - 0.5))));
      });
    });
  });
}

const Tensor& log_normal_(const Tensor& self, double mean, double std, const GeneratorRef& generator) {
  check_random_floating(self, "log_normal_");
  if (!(std > 0)) throw OptionError(str("log_normal_ expects std > 0.0, but found std=", std));
  return fill_in_place(self, "log_normal_", "LogNormalBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "log_normal_", [&]<class T>() {
      fill_with<T>(self, [&] { return T(compute_t<T>(std::exp(std::fma(source.normal(), std, mean)))); });
    });
  });
}

const Tensor& geometric_(const Tensor& self, double p, const GeneratorRef& generator) {
  if (self.dtype() == DType::Bool) throw_unsupported("geometric_", self.dtype());
  if (!(p > 0 && p < 1)) throw OptionError(str("geometric_ expects p to be in (0, 1), but got p=", p));
  return fill_in_place(self, "geometric_", "GeometricBackward0", generator, [&](Generator& source) {
    dispatch_all(self.dtype(), [&]<class T>() {
      fill_with<T>(self,
                   [&] { return T(compute_t<T>(std::ceil(std::log(source.uniform<double>()) / std::log1p(-p)))); });
    });
  });
}

namespace {

void check_weights(const Tensor& weights, int64_t count, bool replacement) {
  if (weights.rank() < 1 || weights.rank() > 2)
    throw ShapeError(str("prob_dist must be 1 or 2 dim, got ", weights.rank()));
  check_random_floating(weights, "multinomial");
  if (count <= 0) throw OptionError("cannot sample n_sample <= 0 samples");
  if (!replacement && count > weights.size(-1))
    throw OptionError("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  if (weights.size(-1) > int64_t{1} << 24) throw ShapeError("number of categories cannot exceed 2^24");
  if (weights.numel() == 0) return;
  if (!item(all(logical_and(isfinite(weights), ge(weights, 0)))).to<bool>())
    throw OptionError("probability tensor contains either `inf`, `nan` or element < 0");
  if (item(any(eq(sum(weights, {-1}), 0))).to<bool>())
    throw OptionError("invalid multinomial distribution (sum of probabilities <= 0)");
}

// The first place of a running sum that is not below u.
template <class T>
int64_t place_of(const T* sums, int64_t n, double u) {
  int64_t low = 0, high = n;
  while (high > low) {
    const int64_t middle = low + (high - low) / 2;
    if (double(compute_t<T>(sums[middle])) < u) low = middle + 1;
    else high = middle;
  }
  return low;
}

}  // namespace

Tensor multinomial(const Tensor& given, int64_t count, bool replacement, const GeneratorRef& generator) {
  const Tensor weights = contiguous(given.detach());
  check_weights(weights, count, replacement);
  if (weights.numel() == 0) return empty(weights.shape().slice(0, weights.rank() - 1) + Shape{count}, DType::Int64);
  if (!replacement || count == 1) {  // the largest of weight / exponential number
    const Tensor ratio = div(weights, exponential_(empty_like(weights), 1, generator));
    return count == 1 ? argmax(ratio, -1, true) : topk(ratio, count, -1).indices;
  }
  const int64_t n = weights.size(-1), rows = weights.numel() / n;
  Tensor places = empty(weights.shape().slice(0, weights.rank() - 1) + Shape{count}, DType::Int64);
  const GeneratorRef source = or_default(generator);
  const auto lock = source->lock();
  dispatch_floating(weights.dtype(), "multinomial", [&]<class T>() {
    PooledVector<T> sums(size_t(n), T(0.0f));
    for (int64_t r = 0; r < rows; ++r) {
      compute_t<T> total = 0;
      for (int64_t i = 0; i < n; ++i) sums[size_t(i)] = T(total += compute_t<T>(weights.data<T>()[r * n + i]));
      for (int64_t i = 0; i < n; ++i) sums[size_t(i)] = T(compute_t<T>(sums[size_t(i)]) / total);
      sums.back() = T(compute_t<T>(1));
      for (int64_t j = 0; j < count; ++j)
        places.data<int64_t>()[r * count + j] = place_of(sums.data(), n, source->uniform<double>());
    }
  });
  return places;
}

namespace {

double poisson_number(double rate, Generator& source) {
  if (rate == 0) return 0;
  if (rate < 10) {  // as many factors as keep the product above e^(−rate)
    const double limit = std::exp(-rate);
    double product = 1, count = 0;
    while ((product *= source.uniform<double>()) > limit) ++count;
    return count;
  }
  const double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b,
               inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double inside = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = source.uniform<double>() - 0.5, v = source.uniform<double>(), us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= inside) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        -rate + k * std::log(rate) - std::lgamma(k + 1))
      return k;
  }
}

}  // namespace

Tensor poisson(const Tensor& rates, const GeneratorRef& generator) {
  check_random_floating(rates, "poisson");
  const Tensor x = contiguous(rates.detach());
  if (x.numel() && !item(all(ge(x, 0))).to<bool>())
    throw OptionError("invalid Poisson rate, expected rate to be non-negative");
  if (x.numel() && !item(all(isfinite(x))).to<bool>()) throw OptionError("invalid Poisson rate: it must be finite");
  Tensor y = empty_like(x);
  const GeneratorRef source = or_default(generator);
  const auto lock = source->lock();
  dispatch_floating(x.dtype(), "poisson", [&]<class T>() {
    for (int64_t i = 0; i < x.numel(); ++i)
      y.data<T>()[i] = T(compute_t<T>(poisson_number(double(compute_t<T>(x.data<T>()[i])), *source)));
  });
  if (needs_grad(rates))
    record("PoissonBackward0", y, {&rates}, [](const Backward& g) -> Tensors { return {zeros_like(g.dy())}; });
  return y;
}

}  // namespace lamina::ops

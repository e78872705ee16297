// The formulas of kernels/loss.h as they stand: −Σ_k t[k]·log softmax(x)[k] and its gradient softmax(x)·Σt − t.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "lamina/kernels/activation.h"

namespace lamina::reference {

inline std::vector<double> log_softmax(const double* x, kernels::Groups s) {
  std::vector<double> y(size_t(s.outer * s.n * s.inner));
  for (int64_t o = 0; o < s.outer; ++o)
    for (int64_t i = 0; i < s.inner; ++i) {
      const auto at = [&](int64_t k) { return (o * s.n + k) * s.inner + i; };
      double max = -INFINITY, total = 0;
      for (int64_t k = 0; k < s.n; ++k) max = std::max(max, x[at(k)]);
      for (int64_t k = 0; k < s.n; ++k) total += std::exp(x[at(k)] - max);
      for (int64_t k = 0; k < s.n; ++k) y[size_t(at(k))] = x[at(k)] - max - std::log(total);
    }
  return y;
}

struct LossAndGradient { std::vector<double> loss, dx; };

/// t(o, k, i) is the target's distribution; the gradient is that of Σ dy·loss.
template <class T>
LossAndGradient cross_entropy(const double* x, kernels::Groups s, const double* dy, T t) {
  const auto log_p = log_softmax(x, s);
  LossAndGradient r{std::vector<double>(size_t(s.count())), std::vector<double>(log_p.size())};
  for (int64_t o = 0; o < s.outer; ++o)
    for (int64_t i = 0; i < s.inner; ++i) {
      double mass = 0;
      for (int64_t k = 0; k < s.n; ++k) mass += t(o, k, i);
      for (int64_t k = 0; k < s.n; ++k) {
        const auto at = size_t((o * s.n + k) * s.inner + i), position = size_t(o * s.inner + i);
        if (t(o, k, i) != 0) r.loss[position] -= t(o, k, i) * log_p[at];
        r.dx[at] = dy[position] * (mass * std::exp(log_p[at]) - t(o, k, i));
      }
    }
  return r;
}

}  // namespace lamina::reference

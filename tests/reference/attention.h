// Attention as it is defined, one query after another, in double: what the tiles are compared with.
#pragma once
#include <cmath>
#include <vector>

#include "lamina/ops/creation.h"

namespace lamina::reference {

/// q (n, l, e), k (n, s, e), v (n, s, ev), mask (n, l, s) bool (true takes part) or float64, or undefined; all contiguous
inline Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, bool causal,
                        double scale) {
  const int64_t l = q.size(1), s = k.size(1), e = q.size(2), ev = v.size(2);
  Tensor y = ops::zeros({q.size(0), l, ev}, kFloat64);
  for (int64_t row = 0; row < q.size(0) * l; ++row) {
    const int64_t head = row / l;
    std::vector<double> p(size_t(s), 0);
    double total = 0;
    for (int64_t j = 0; j < s; ++j) {
      double score = 0;
      for (int64_t i = 0; i < e; ++i) score += q.data<double>()[row * e + i] * k.data<double>()[(head * s + j) * e + i];
      score *= scale;
      bool seen = !causal || j <= row % l;
      if (mask.defined() && mask.dtype() == kBool) seen = mask.data<bool>()[row * s + j];
      else if (mask.defined()) score += mask.data<double>()[row * s + j];
      p[size_t(j)] = seen ? std::exp(score) : 0;
      total += p[size_t(j)];
    }
    for (int64_t j = 0; j < s && total > 0; ++j)
      for (int64_t i = 0; i < ev; ++i)
        y.data<double>()[row * ev + i] += p[size_t(j)] / total * v.data<double>()[(head * s + j) * ev + i];
  }
  return y;
}

}  // namespace lamina::reference

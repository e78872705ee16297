// The formulas of kernels/norm.h as they stand, in double: no vectors, no threads, no parts.
#pragma once
#include <cmath>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::reference {

/// Mean and 1/√(var + eps) of the values that `of` names by their offsets.
struct Group {
  std::vector<int64_t> of;
  double mean = 0, var = 0;
  Group(const double* x, std::vector<int64_t> offsets) : of(std::move(offsets)) {
    for (const int64_t i : of) mean += x[i] / double(of.size());
    for (const int64_t i : of) var += (x[i] - mean) * (x[i] - mean) / double(of.size());
  }
};

/// Groups of a layer norm: each row of (rows, cols).
inline std::vector<std::vector<int64_t>> row_groups(int64_t rows, int64_t cols) {
  std::vector<std::vector<int64_t>> groups(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows * cols; ++i) groups[size_t(i / cols)].push_back(i);
  return groups;
}

/// Groups of a batch norm: each channel of (n, c, s).
inline std::vector<std::vector<int64_t>> channel_groups(int64_t n, int64_t c, int64_t s) {
  std::vector<std::vector<int64_t>> groups(static_cast<size_t>(c));
  for (int64_t i = 0; i < n * c * s; ++i) groups[size_t(i / s % c)].push_back(i);
  return groups;
}

struct NormGradients { std::vector<double> y, dx, dweight, dbias; };

/// y and all gradients; `parameter` names the element of weight and bias for an offset.
template <class F>
NormGradients normalise(const double* x, const double* dy, const double* weight, const double* bias, int64_t parameters,
                        double eps, const std::vector<std::vector<int64_t>>& groups, F parameter) {
  size_t count = 0;
  for (const auto& group : groups) count += group.size();
  NormGradients r{std::vector<double>(count), std::vector<double>(count), std::vector<double>(size_t(parameters)),
                  std::vector<double>(size_t(parameters))};
  for (const auto& offsets : groups) {
    const Group g(x, offsets);
    const double rstd = 1 / std::sqrt(g.var + eps);
    double sum_g = 0, sum_gn = 0;
    for (const int64_t i : offsets) {
      const size_t p = size_t(parameter(i));
      const double n = (x[i] - g.mean) * rstd;
      r.y[size_t(i)] = n * weight[p] + bias[p];
      r.dweight[p] += dy[i] * n;
      r.dbias[p] += dy[i];
      sum_g += weight[p] * dy[i];
      sum_gn += weight[p] * dy[i] * n;
    }
    for (const int64_t i : offsets) {
      const double n = (x[i] - g.mean) * rstd, size = double(offsets.size());
      r.dx[size_t(i)] = rstd * (weight[parameter(i)] * dy[i] - sum_g / size - n * sum_gn / size);
    }
  }
  return r;
}

}  // namespace lamina::reference

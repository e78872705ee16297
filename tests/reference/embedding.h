// The formulas of kernels/embedding.h as they stand.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::reference {

/// dweight[index[i]] += dy[i], divided by the number of uses where `mean`; nothing for row `skipped`.
inline std::vector<double> embedding_gradient(const double* dy, const std::vector<int64_t>& index, int64_t rows,
                                              int64_t cols, int64_t skipped, bool mean) {
  std::vector<double> dweight(size_t(rows * cols));
  for (size_t i = 0; i < index.size(); ++i) {
    const auto uses = double(std::count(index.begin(), index.end(), index[i]));
    for (int64_t c = 0; c < cols && index[i] != skipped; ++c)
      dweight[size_t(index[i] * cols + c)] += dy[int64_t(i) * cols + c] / (mean ? uses : 1);
  }
  return dweight;
}

}  // namespace lamina::reference

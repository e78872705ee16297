// Order of contiguous rows. A NaN is larger than every number, as in PyTorch.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include "lamina/core/threads.h"

namespace lamina::kernels {

template <class T>
bool before(T a, T b, bool descending) {
  if constexpr (std::is_floating_point_v<T>) {
    if (descending) return (std::isnan(a) && !std::isnan(b)) || a > b;
    return (!std::isnan(a) && std::isnan(b)) || a < b;
  } else {
    return descending ? a > b : a < b;
  }
}

/// index[r, 0 … k − 1] = where the first k of row r in order stand; equal values keep their order. x (rows, n), index (rows, k)
template <class T>
void order_rows(const T* x, int64_t rows, int64_t n, int64_t k, bool descending, int64_t* index) {
  if (n == 0 || k == 0) return;
  parallel_for(rows, grain_for(n * 8), [&](int64_t from, int64_t to) {
    std::vector<int64_t> places(static_cast<size_t>(n));
    for (int64_t r = from; r < to; ++r) {
      const T* row = x + r * n;
      std::iota(places.begin(), places.end(), int64_t{0});
      if (k == n) {
        std::stable_sort(places.begin(), places.end(),
                         [&](int64_t a, int64_t b) { return before(row[a], row[b], descending); });
      } else {
        std::partial_sort(places.begin(), places.begin() + k, places.end(), [&](int64_t a, int64_t b) {
          return before(row[a], row[b], descending) || (!before(row[b], row[a], descending) && a < b);
        });
      }
      std::copy_n(places.begin(), k, index + r * k);
    }
  });
}

}  // namespace lamina::kernels

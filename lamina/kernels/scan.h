// Running totals and indices of extremes along the middle dimension of contiguous buffers (outer, n, inner).
#pragma once
#include <cstdint>
#include <type_traits>

#include "lamina/core/threads.h"

namespace lamina::kernels {

/// y[o, i, c] = x[o, 0, c] ∘ … ∘ x[o, i, c], or from the other end; floats are accumulated in double.
template <class T, class F>
void scan(const T* x, int64_t outer, int64_t n, int64_t inner, bool reverse, T* y, F join) {
  using Total = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  parallel_for(outer * inner, grain_for(n), [&](int64_t from, int64_t to) {
    for (int64_t line = from; line < to; ++line) {
      const int64_t start = line / inner * n * inner + line % inner;
      Total total{};
      for (int64_t k = 0; k < n; ++k) {
        const int64_t at = start + (reverse ? n - 1 - k : k) * inner;
        total = k == 0 ? Total(x[at]) : join(total, Total(x[at]));
        y[at] = T(total);
      }
    }
  });
}

/// index[o, c] = the first i whose x[o, i, c] is the largest (smallest); a NaN counts as that. n > 0.
template <class T>
void extreme_index(const T* x, int64_t outer, int64_t n, int64_t inner, bool largest, int64_t* index) {
  parallel_for(outer * inner, grain_for(n), [&](int64_t from, int64_t to) {
    for (int64_t line = from; line < to; ++line) {
      const T* p = x + line / inner * n * inner + line % inner;
      T best = p[0];
      int64_t at = 0;
      for (int64_t i = 1; i < n && best == best; ++i) {
        const T v = p[i * inner];
        if ((largest ? v > best : v < best) || v != v) {
          best = v;
          at = i;
        }
      }
      index[line] = at;
    }
  });
}

}  // namespace lamina::kernels

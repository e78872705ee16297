// Rows by number: taking, adding and writing blocks of contiguous buffers. The caller has checked the numbers. What is
// written twice is written in the order of the numbers, for any number of threads.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "lamina/core/threads.h"

namespace lamina::kernels {

/// y[o, m] = x[o, index[m]];  x (outer, n, inner bytes), y (outer, m, inner bytes)
inline void take_rows(const std::byte* x, int64_t outer, int64_t n, int64_t inner_bytes, const int64_t* index,
                      int64_t m, std::byte* y) {
  parallel_for(outer * m, grain_for(inner_bytes / 4 + 4), [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r)
      std::memcpy(y + r * inner_bytes, x + (r / m * n + index[r % m]) * inner_bytes, size_t(inner_bytes));
  });
}

/// x[o, index[m], i] = join(x[o, index[m], i], y[o, m, i]) for m in order;  x (outer, n, inner), y (outer, m, inner)
template <class T, class F>
void join_rows(T* x, int64_t outer, int64_t n, int64_t inner, const int64_t* index, int64_t m, const T* y, F join) {
  constexpr int64_t kTile = 64;
  const int64_t tiles = (inner + kTile - 1) / kTile;
  parallel_for(outer * tiles, grain_for(m * std::min(inner, kTile)), [&](int64_t from, int64_t to) {
    for (int64_t block = from; block < to; ++block) {
      const int64_t o = block / tiles, first = block % tiles * kTile, last = std::min(inner, first + kTile);
      for (int64_t k = 0; k < m; ++k) {
        T* row = x + (o * n + index[k]) * inner;
        const T* values = y + (o * m + k) * inner;
        for (int64_t i = first; i < last; ++i) row[i] = join(row[i], values[i]);
      }
    }
  });
}

/// y[o, j, i] = x[o, index[o, j, i], i];  x (outer, n, inner), index and y (outer, m, inner)
template <class T>
void gather(const T* x, int64_t outer, int64_t n, int64_t inner, const int64_t* index, int64_t m, T* y) {
  parallel_for(outer * m, grain_for(inner), [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r)
      for (int64_t i = 0; i < inner; ++i) y[r * inner + i] = x[(r / m * n + index[r * inner + i]) * inner + i];
  });
}

/// x[o, index[o, j, i], i] = join(x[…], y[o, j, i]) for j in order
template <class T, class F>
void scatter(T* x, int64_t outer, int64_t n, int64_t inner, const int64_t* index, int64_t m, const T* y, F join) {
  parallel_for(outer, grain_for(m * inner), [&](int64_t from, int64_t to) {
    for (int64_t o = from; o < to; ++o)
      for (int64_t j = 0; j < m; ++j)
        for (int64_t i = 0; i < inner; ++i) {
          T& at = x[(o * n + index[(o * m + j) * inner + i]) * inner + i];
          at = join(at, y[(o * m + j) * inner + i]);
        }
  });
}

}  // namespace lamina::kernels

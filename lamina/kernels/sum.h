// Sums that stay exact over long rows, in an order that depends on the length alone.
#pragma once
#include <algorithm>
#include <cstdint>

namespace lamina::kernels {

/// Σ f(i) for i in [0, n): sixteen lanes of T over blocks of 512, the blocks in double.
template <class T, class F>
double sum(int64_t n, F f) {
  constexpr int64_t kLanes = 16, kBlock = 512;
  double total = 0;
  for (int64_t from = 0; from < n; from += kBlock) {
    const int64_t to = std::min(n, from + kBlock);
    T lanes[kLanes] = {};
    int64_t i = from;
    for (; i + kLanes <= to; i += kLanes)
      for (int64_t l = 0; l < kLanes; ++l) lanes[l] += f(i + l);
    for (int64_t l = 0; i < to; ++i, ++l) lanes[l] += f(i);
    double block = 0;
    for (int64_t l = 0; l < kLanes; ++l) block += double(lanes[l]);
    total += block;
  }
  return total;
}

}  // namespace lamina::kernels

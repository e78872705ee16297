#include "lamina/kernels/activation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lamina/core/threads.h"
#include "lamina/kernels/sum.h"

namespace lamina::kernels {

namespace {

constexpr int64_t kBlock = 64;  // neighbouring groups that are worked on together where inner > 1

// run(first element, groups) for blocks of neighbouring groups; the elements of a group are `inner` apart
template <class F>
void each_block(Groups s, F run) {
  const int64_t blocks = (s.inner + kBlock - 1) / kBlock;
  parallel_for(s.outer * blocks, grain_for(8 * s.n * std::min(s.inner, kBlock)), [=](int64_t from, int64_t to) {
    for (int64_t b = from; b < to; ++b) {
      const int64_t outer = b / blocks, i = b % blocks * kBlock;
      run(outer, i, std::min(kBlock, s.inner - i));
    }
  });
}

template <class T>
T largest(const T* x, int64_t n) {
  T m = -std::numeric_limits<T>::infinity();
  for (int64_t k = 0; k < n; ++k) m = x[k] > m ? x[k] : m;
  return m;
}

// of `groups` neighbouring groups: max and Σ exp(x − max)
template <class T>
void block_sums(const T* x, int64_t n, int64_t inner, int64_t groups, T* max, double* total) {
  std::copy_n(x, groups, max);
  std::fill_n(total, groups, 0.0);
  for (int64_t k = 1; k < n; ++k)
    for (int64_t i = 0; i < groups; ++i) max[i] = x[k * inner + i] > max[i] ? x[k * inner + i] : max[i];
  for (int64_t k = 0; k < n; ++k)
    for (int64_t i = 0; i < groups; ++i) total[i] += double(std::exp(x[k * inner + i] - max[i]));
}

}  // namespace

template <class T>
void log_sum_exp(const T* x, Groups s, T* max, T* log_sum) {
  if (s.n == 0) return;
  if (s.inner == 1)
    return parallel_for(s.outer, grain_for(8 * s.n), [=](int64_t from, int64_t to) {
      for (int64_t o = from; o < to; ++o) {
        const T* row = x + o * s.n;
        const T m = largest(row, s.n);
        max[o] = m;
        log_sum[o] = T(std::log(sum<T>(s.n, [=](int64_t k) { return std::exp(row[k] - m); })));
      }
    });
  each_block(s, [=](int64_t o, int64_t i, int64_t groups) {
    double total[kBlock];
    block_sums(x + o * s.n * s.inner + i, s.n, s.inner, groups, max + o * s.inner + i, total);
    for (int64_t g = 0; g < groups; ++g) log_sum[o * s.inner + i + g] = T(std::log(total[g]));
  });
}

template <class T>
void softmax(const T* x, Groups s, bool log, T* y) {
  if (s.n == 0) return;
  if (s.inner == 1)
    return parallel_for(s.outer, grain_for(8 * s.n), [=](int64_t from, int64_t to) {
      for (int64_t o = from; o < to; ++o) {
        const T* in = x + o * s.n;
        T* out = y + o * s.n;
        const T m = largest(in, s.n);
        if (log) {
          const T log_sum = T(std::log(sum<T>(s.n, [=](int64_t k) { return std::exp(in[k] - m); })));
          for (int64_t k = 0; k < s.n; ++k) out[k] = (in[k] - m) - log_sum;
        } else {
          for (int64_t k = 0; k < s.n; ++k) out[k] = std::exp(in[k] - m);
          const T factor = T(1 / sum<T>(s.n, [=](int64_t k) { return out[k]; }));
          for (int64_t k = 0; k < s.n; ++k) out[k] *= factor;
        }
      }
    });
  each_block(s, [=](int64_t o, int64_t i, int64_t groups) {
    const int64_t first = o * s.n * s.inner + i;
    T max[kBlock], part[kBlock];
    double total[kBlock];
    block_sums(x + first, s.n, s.inner, groups, max, total);
    for (int64_t g = 0; g < groups; ++g) part[g] = T(log ? std::log(total[g]) : 1 / total[g]);
    for (int64_t k = 0; k < s.n; ++k)
      for (int64_t g = 0; g < groups; ++g) {
        const int64_t at = first + k * s.inner + g;
        y[at] = log ? (x[at] - max[g]) - part[g] : std::exp(x[at] - max[g]) * part[g];
      }
  });
}

template <class T>
void softmax_backward(const T* dy, const T* y, Groups s, bool log, T* dx) {
  if (s.n == 0) return;
  if (s.inner == 1)
    return parallel_for(s.outer, grain_for((log ? 8 : 2) * s.n), [=](int64_t from, int64_t to) {
      for (int64_t o = from; o < to; ++o) {
        const T *g = dy + o * s.n, *out = y + o * s.n;
        T* in = dx + o * s.n;
        if (log) {
          const T total = T(sum<T>(s.n, [=](int64_t k) { return g[k]; }));
          for (int64_t k = 0; k < s.n; ++k) in[k] = g[k] - std::exp(out[k]) * total;
        } else {
          const T total = T(sum<T>(s.n, [=](int64_t k) { return g[k] * out[k]; }));
          for (int64_t k = 0; k < s.n; ++k) in[k] = out[k] * (g[k] - total);
        }
      }
    });
  each_block(s, [=](int64_t o, int64_t i, int64_t groups) {
    const int64_t first = o * s.n * s.inner + i;
    double total[kBlock] = {};
    for (int64_t k = 0; k < s.n; ++k)
      for (int64_t g = 0; g < groups; ++g) {
        const int64_t at = first + k * s.inner + g;
        total[g] += double(log ? dy[at] : dy[at] * y[at]);
      }
    for (int64_t k = 0; k < s.n; ++k)
      for (int64_t g = 0; g < groups; ++g) {
        const int64_t at = first + k * s.inner + g;
        dx[at] = log ? dy[at] - std::exp(y[at]) * T(total[g]) : y[at] * (dy[at] - T(total[g]));
      }
  });
}

#define LAMINA_INSTANTIATE(T)                          \
  template void log_sum_exp(const T*, Groups, T*, T*); \
  template void softmax(const T*, Groups, bool, T*);   \
  template void softmax_backward(const T*, const T*, Groups, bool, T*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

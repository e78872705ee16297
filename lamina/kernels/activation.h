// Softmax and what it is made of, over the middle dimension of contiguous buffers, for float and double.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// A buffer (outer, n, inner), whose groups are the n values that share outer and inner.
struct Groups {
  int64_t outer, n, inner;
  int64_t count() const { return outer * inner; }
};

// max[o,i] = max_k x[o,k,i];  log_sum[o,i] = log Σ_k exp(x[o,k,i] − max[o,i]):  log Σ exp x is max + log_sum, kept apart since
// their sum is too coarse far from zero
//   x (outer, n, inner);  max, log_sum (outer, inner)
template <class T>
void log_sum_exp(const T* x, Groups shape, T* max, T* log_sum);

// y = exp(x − max) / Σ exp(x − max), or its logarithm x − max − log_sum
//   x, y (outer, n, inner)
template <class T>
void softmax(const T* x, Groups shape, bool log, T* y);

// dx = y·(dy − Σ dy·y), or of the logarithm: dx = dy − exp(y)·Σ dy
//   dy, y, dx (outer, n, inner)
template <class T>
void softmax_backward(const T* dy, const T* y, Groups shape, bool log, T* dx);

}  // namespace lamina::kernels

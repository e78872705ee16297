// Normalisation over groups of channels of contiguous buffers, for float and double. The caller has checked shapes.
#pragma once
#include <cstdint>

#include "lamina/kernels/norm.h"

namespace lamina::kernels {

/// A buffer (n, g, c, s): n samples of g groups of c channels with s values.
struct ChannelGroups {
  int64_t n, g, c, s;
  int64_t rows() const { return n * g; }
  int64_t cols() const { return c * s; }
  int64_t channels() const { return g * c; }
};

// y = (x − mean)·rstd·weight + bias, the moments by sample and group, the rest by channel
//   x, y (n, g, c, s), not overlapping;  weight, bias (g·c) or null;  moments (n, g)
template <class T>
void group_norm(const T* x, ChannelGroups shape, const T* weight, const T* bias, double eps, T* y, Moments<T>* moments);

// h = weight·dy, n = (x − mean)·rstd:  dx = rstd·(h − avg h − n·avg(h·n)), averages over a group;  dweight = Σ dy·n;  dbias = Σ dy
//   dx (n, g, c, s);  dweight, dbias (g·c);  each of the three may be null;  sums (n, g·c, 2) is scratch
template <class T>
void group_norm_backward(const T* dy, const T* x, ChannelGroups shape, const T* weight, const Moments<T>* moments,
                         T* dx, T* dweight, T* dbias, double* sums);

}  // namespace lamina::kernels

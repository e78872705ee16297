// Averages over windows of one to three spatial dimensions: planes (images and channels merged) of contiguous space.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// The window of one output index along one dimension: inputs from, …, below to, counted as `count` of them.
struct AverageSpan { int64_t from, to, count; };

/// Fewer than three spatial dimensions stand at the end, with sizes of 1 before them.
struct AverageGeometry {
  int64_t planes;
  int64_t in[3], out[3];
  const AverageSpan* spans[3];  // one for each output index of the dimension
  int64_t divisor;              // of every window; 0: the product of its counts
  int64_t in_space() const { return in[0] * in[1] * in[2]; }
  int64_t out_space() const { return out[0] * out[1] * out[2]; }
};

/// y[n, o] = Σ x over o's window / divisor, of integers rounded towards zero;  x (planes, in), y (planes, out)
template <class T>
void average_pool(const T* x, const AverageGeometry& g, T* y);
/// dx[n, i] = Σ dy[n, o] / divisor over the windows o that hold i;  dx (planes, in), dy (planes, out)
template <class T>
void average_pool_backward(const T* dy, const AverageGeometry& g, T* dx);

}  // namespace lamina::kernels

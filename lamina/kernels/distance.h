// Distances between the rows of two sets, for float and double. The caller has checked shapes.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// Two sets in each of `batch` batches: a (batch, n, cols), b (batch, m, cols); and the order p ≥ 0 of the norm.
struct RowPairs {
  int64_t batch, n, m, cols;
  double p;
};

// y[i,j] = (Σ_c |a[i,c] − b[j,c]|ᵖ)^(1/p); for p = 0 how many differ, for p = ∞ the largest. In double, so that float neither
// overflows nor vanishes on the way; the differences are scaled where even double would.
//   y (batch, n, m)
template <class T>
void row_distances(const T* a, const T* b, RowPairs shape, T* y);

// da[i,c] = Σ_j dy[i,j]·∂y[i,j]/∂a[i,c]: for d = a − b, sign(d)·(|d| / y)^(p − 1), for p = ∞ sign(d) where |d| = y; 0 where y = 0
//   dy, y (batch, n, m), or (batch, m, n) when `transposed`: then the gradient of b comes from (b, a)
template <class T>
void row_distances_backward(const T* dy, const T* y, const T* a, const T* b, RowPairs shape, bool transposed, T* da);

}  // namespace lamina::kernels

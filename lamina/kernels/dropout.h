// Dropout by a counter-based mask: whether element i is kept depends on the key and i alone, so the mask need not be stored.
#pragma once
#include <cstdint>

namespace lamina::kernels {

// y[i] = x[i] · (kept(key, i) ? scale : 0), kept with probability 1 − p;  x, y (n), which may be the same
template <class T>
void dropout(const T* x, int64_t n, uint64_t key, double p, T scale, T* y);

}  // namespace lamina::kernels

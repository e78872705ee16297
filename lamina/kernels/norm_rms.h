// Division of rows by their root mean square, for float and double. The caller has checked shapes.
#pragma once
#include <cstdint>

namespace lamina::kernels {

// y[r,c] = x[r,c]·rrms[r]·weight[c], rrms = 1/√(avg x² + eps)
//   x, y (rows, cols), not overlapping;  weight (cols) or null;  rrms (rows)
template <class T>
void rms_norm(const T* x, const T* weight, int64_t rows, int64_t cols, double eps, T* y, T* rrms);

/// How many parts the sums over rows are cut into, by shape.
int64_t rms_norm_parts(int64_t rows);
// g = weight·dy, n = x·rrms:  dx = rrms·(g − n·avg(g·n));  dweight = Σ_r dy·n
//   dx (rows, cols);  dweight (cols);  either may be null;  parts (rms_norm_parts(rows), cols) is scratch
template <class T>
void rms_norm_backward(const T* dy, const T* x, const T* weight, const T* rrms, int64_t rows, int64_t cols, T* dx,
                       T* dweight, double* parts);

}  // namespace lamina::kernels

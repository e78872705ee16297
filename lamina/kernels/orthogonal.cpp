#include "lamina/kernels/orthogonal.h"

#include <cstddef>

#include "lamina/core/allocator.h"
#include "lamina/kernels/blas.h"

extern "C" {  // LAPACK, which OpenBLAS carries
void dgeqrf_(const int* m, const int* n, double* a, const int* lda, double* tau, double* work, const int* lwork,
             int* info);
void dorgqr_(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau, double* work,
             const int* lwork, int* info);
}

namespace lamina::kernels {

bool orthogonal_factor(double* a, int64_t rows, int64_t cols) {
  prepare_blas();
  const int m = int(rows), n = int(cols), ask = -1;
  int info = 0;
  double best[2] = {1, 1};
  PooledVector<double> tau(static_cast<std::size_t>(n));
  dgeqrf_(&m, &n, a, &m, tau.data(), &best[0], &ask, &info);
  dorgqr_(&m, &n, &n, a, &m, tau.data(), &best[1], &ask, &info);
  PooledVector<double> work(std::size_t(best[0] > best[1] ? best[0] : best[1]));
  const int length = int(work.size());
  dgeqrf_(&m, &n, a, &m, tau.data(), work.data(), &length, &info);
  if (info != 0) return false;
  PooledVector<double> signs(static_cast<std::size_t>(n));
  for (int64_t c = 0; c < cols; ++c) {
    const double diagonal = a[c * rows + c];
    signs[std::size_t(c)] = diagonal > 0 ? 1 : diagonal < 0 ? -1 : diagonal;
  }
  dorgqr_(&m, &n, &n, a, &m, tau.data(), work.data(), &length, &info);
  if (info != 0) return false;
  for (int64_t c = 0; c < cols; ++c)
    for (int64_t r = 0; r < rows; ++r) a[c * rows + r] *= signs[std::size_t(c)];
  return true;
}

}  // namespace lamina::kernels

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
  const int m = int(rows), n = int(cols), length = 64 * n;  // LAPACK's own width of the columns that it takes together
  int info = 0;
  PooledVector<double> tau(std::size_t(cols), 0.0), work(std::size_t(length), 0.0);
  dgeqrf_(&m, &n, a, &m, tau.data(), work.data(), &length, &info);
  if (info != 0) return false;
  PooledVector<bool> turned(std::size_t(cols), false);
  for (int64_t c = 0; c < cols; ++c) turned[std::size_t(c)] = a[c * rows + c] < 0;
  dorgqr_(&m, &n, &n, a, &m, tau.data(), work.data(), &length, &info);
  if (info != 0) return false;
  for (int64_t c = 0; c < cols; ++c)
    for (int64_t r = 0; turned[std::size_t(c)] && r < rows; ++r) a[c * rows + r] = -a[c * rows + r];
  return true;
}

}  // namespace lamina::kernels

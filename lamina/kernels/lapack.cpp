#include "lamina/kernels/lapack.h"

#include <algorithm>
#include <climits>
#include <cstddef>

#include "lamina/core/allocator.h"
#include "lamina/kernels/blas.h"

extern "C" {
void dgetrf_(const int* m, const int* n, double* a, const int* lda, int* pivots, int* info);
void dgetrs_(const char* trans, const int* n, const int* columns, const double* a, const int* lda, const int* pivots,
             double* b, const int* ldb, int* info);
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);
void dgeqrf_(const int* m, const int* n, double* a, const int* lda, double* tau, double* work, const int* lwork,
             int* info);
void dorgqr_(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau, double* work,
             const int* lwork, int* info);
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info);
void dgesdd_(const char* jobz, const int* m, const int* n, double* a, const int* lda, double* s, double* u,
             const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork, int* iwork, int* info);
void dgelsd_(const int* m, const int* n, const int* columns, double* a, const int* lda, double* b, const int* ldb,
             double* s, const double* rcond, int* rank, double* work, const int* lwork, int* iwork, int* info);
void dgels_(const char* trans, const int* m, const int* n, const int* columns, double* a, const int* lda, double* b,
            const int* ldb, double* work, const int* lwork, int* info);
void dtrsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m, const int* n,
            const double* alpha, const double* a, const int* lda, double* b, const int* ldb);
void dsytrf_(const char* uplo, const int* n, double* a, const int* lda, int* pivots, double* work, const int* lwork,
             int* info);
void dsytrs_(const char* uplo, const int* n, const int* columns, const double* a, const int* lda, const int* pivots,
             double* b, const int* ldb, int* info);
}

namespace lamina::kernels::lapack {

namespace {

constexpr int kTooLarge = INT_MIN;  // the workspace does not fit into LAPACK's int

// run(work, length) once for the length that it wants (length −1), once with that much.
template <class Run>
int with_workspace(Run run) {
  prepare_blas();
  double wanted = 0;
  int length = -1;
  if (const int info = run(&wanted, &length); info != 0) return info;
  if (!(wanted < double(INT_MAX))) return kTooLarge;
  length = std::max(1, int(wanted));
  PooledVector<double> work(std::size_t(length), 0.0);
  return run(work.data(), &length);
}

}  // namespace

int lu(double* a, int64_t m, int64_t n, int* pivots) {
  prepare_blas();
  const int rows = int(m), cols = int(n);
  int info = 0;
  dgetrf_(&rows, &cols, a, &rows, pivots, &info);
  return info;
}

int lu_solve(const double* lu, int64_t n, const int* pivots, double* b, int64_t columns, bool transposed) {
  prepare_blas();
  const int size = int(n), count = int(columns);
  int info = 0;
  dgetrs_(transposed ? "T" : "N", &size, &count, lu, &size, pivots, b, &size, &info);
  return info;
}

int cholesky(double* a, int64_t n, bool upper) {
  prepare_blas();
  const int size = int(n);
  int info = 0;
  dpotrf_(upper ? "U" : "L", &size, a, &size, &info);
  return info;
}

int qr(double* a, int64_t m, int64_t n, double* tau) {
  const int rows = int(m), cols = int(n);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dgeqrf_(&rows, &cols, a, &rows, tau, work, length, &info);
    return info;
  });
}

int product_of_reflections(double* a, int64_t m, int64_t columns, int64_t k, const double* tau) {
  const int rows = int(m), cols = int(columns), count = int(k);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dorgqr_(&rows, &cols, &count, a, &rows, tau, work, length, &info);
    return info;
  });
}

int eigh(double* a, int64_t n, bool upper, bool vectors, double* w) {
  const int size = int(n), integers = vectors ? 3 + 5 * size : 1;
  PooledVector<int> iwork(std::size_t(integers), 0);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dsyevd_(vectors ? "V" : "N", upper ? "U" : "L", &size, a, &size, w, work, length, iwork.data(), &integers, &info);
    return info;
  });
}

int svd(double* a, int64_t m, int64_t n, bool full, double* s, double* u, double* vt) {
  const int rows = int(m), cols = int(n), k = std::min(rows, cols), rows_of_vt = full ? cols : k;
  PooledVector<int> iwork(std::size_t(8) * std::size_t(k), 0);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dgesdd_(!u     ? "N"
            : full ? "A"
                   : "S",
            &rows, &cols, a, &rows, s, u, &rows, vt, &rows_of_vt, work, length, iwork.data(), &info);
    return info;
  });
}

int least_squares(double* a, int64_t m, int64_t n, double* b, int64_t columns, double rcond, double* s, int* rank) {
  const int rows = int(m), cols = int(n), count = int(columns), ldb = std::max(rows, cols);
  // LAPACK's bound: 3·k·(levels of halving) + 11·k, with at most 32 levels
  PooledVector<int> iwork(std::size_t(std::min(rows, cols)) * 107 + 1, 0);
  PooledVector<double> own(s ? 0 : std::size_t(std::min(rows, cols)), 0.0);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dgelsd_(&rows, &cols, &count, a, &rows, b, &ldb, s ? s : own.data(), &rcond, rank, work, length, iwork.data(),
            &info);
    return info;
  });
}

int least_squares_full_rank(double* a, int64_t m, int64_t n, double* b, int64_t columns) {
  const int rows = int(m), cols = int(n), count = int(columns), ldb = std::max(rows, cols);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dgels_("N", &rows, &cols, &count, a, &rows, b, &ldb, work, length, &info);
    return info;
  });
}

void triangular_solve(const double* a, int64_t n, bool upper, bool transposed, bool unit, double* b, int64_t columns) {
  prepare_blas();
  const int size = int(n), count = int(columns);
  const double one = 1;
  dtrsm_("L", upper ? "U" : "L", transposed ? "T" : "N", unit ? "U" : "N", &size, &count, &one, a, &size, b, &size);
}

int ldl(double* a, int64_t n, int* pivots) {
  const int size = int(n);
  return with_workspace([&](double* work, const int* length) {
    int info = 0;
    dsytrf_("L", &size, a, &size, pivots, work, length, &info);
    return info;
  });
}

int ldl_solve(const double* a, int64_t n, const int* pivots, double* b, int64_t columns) {
  prepare_blas();
  const int size = int(n), count = int(columns);
  int info = 0;
  dsytrs_("L", &size, &count, a, &size, pivots, b, &size, &info);
  return info;
}

}  // namespace lamina::kernels::lapack

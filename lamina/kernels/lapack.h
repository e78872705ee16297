// Decompositions and solutions of one matrix in float64, over LAPACK, which OpenBLAS carries. Matrices lie column by column
// without gaps: a (m, n) is a[c·m + r]. They are overwritten unless they are const. The caller has checked shapes, and that
// no size is 0 or above 2³¹; each function returns LAPACK's info: 0, or i > 0 where it found no result at column i.
#pragma once
#include <cstdint>

namespace lamina::kernels::lapack {

/// The sizes that LAPACK counts in int; larger matrices are refused by the caller.
constexpr int64_t kLargest = 1 << 30;

/// a (m, n) → L below the diagonal (ones on it) and U; row r was exchanged with row pivots[r] − 1, pivots (min(m, n)).
int lu(double* a, int64_t m, int64_t n, int* pivots);
/// b (n, columns) → the solution of op(A)·x = b for what lu gave of A (n, n).
int lu_solve(const double* lu, int64_t n, const int* pivots, double* b, int64_t columns, bool transposed);
/// The lower (upper) triangle of a (n, n) → L with A = L·Lᵀ (U with A = Uᵀ·U); the other triangle is left as it is.
int cholesky(double* a, int64_t n, bool upper);
/// a (m, n) → R in the upper triangle and the reflections below, with tau (min(m, n)).
int qr(double* a, int64_t m, int64_t n, double* tau);
/// The first `columns` columns of the product of k reflections, over a (m, columns).
int product_of_reflections(double* a, int64_t m, int64_t columns, int64_t k, const double* tau);
/// The eigenvalues of a symmetric matrix of which one triangle is read, ascending → w (n); with vectors they replace a.
int eigh(double* a, int64_t n, bool upper, bool vectors, double* w);
/// a (m, n) = u·diag(s)·vt, s (min(m, n)) descending. u and vt are null (values only), u (m, k) and vt (k, n) with
/// k = min(m, n), or u (m, m) and vt (n, n) with `full`.
int svd(double* a, int64_t m, int64_t n, bool full, double* s, double* u, double* vt);
/// b (max(m, n), columns) → the x (n, columns) of the smallest |a·x − b|, then of the smallest |x|. Singular values below
/// rcond·(the largest) count as 0; how many do not is the rank. s (min(m, n)) or null.
int least_squares(double* a, int64_t m, int64_t n, double* b, int64_t columns, double rcond, double* s, int* rank);
/// Of full rank, by QR.
int least_squares_full_rank(double* a, int64_t m, int64_t n, double* b, int64_t columns);
/// x = op(A)⁻¹·b over b (n, columns), A a triangle of a (n, n); `unit`: with ones on the diagonal.
void triangular_solve(const double* a, int64_t n, bool upper, bool transposed, bool unit, double* b, int64_t columns);
/// The lower triangle of a symmetric a (n, n) → L·D·Lᵀ in LAPACK's form, and the solution for it. Bunch–Kaufman pivots (n).
int ldl(double* a, int64_t n, int* pivots);
int ldl_solve(const double* a, int64_t n, const int* pivots, double* b, int64_t columns);

}  // namespace lamina::kernels::lapack

// Linear algebra on batches of matrices (…, m, n), over LAPACK: the functions of torch.linalg under their names, and beside
// them those that PyTorch keeps outside it (logdet, cholesky_solve, lu_unpack, …).
//   Tensor x = ops::linalg::solve(a, b);  auto [u, s, vh] = ops::linalg::svd(a, false);
// float32 and float64; the work happens in float64. Every function whose result has fractions is differentiable, as often as
// one likes, unless it says otherwise. A matrix without a result (singular, not positive definite) is a LinAlgError, which
// names it by its number in the batch; the *_ex functions return LAPACK's `info` (int32) instead: 0 is good.
#pragma once
#include <optional>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/tensor.h"

namespace lamina {
/// A matrix for which there is no result; in Python torch.linalg.LinAlgError.
class LinAlgError : public Error { using Error::Error; };
}  // namespace lamina

namespace lamina::ops::linalg {

// ---- solutions and determinants (linalg_solve.cpp) -------------------------------------------------------------------
struct ResultAndInfo { Tensor result, info; };
struct SignAndLog { Tensor sign, logabsdet; };
/// A⁻¹ of square matrices.
Tensor inv(const Tensor& a);
ResultAndInfo inv_ex(const Tensor& a, bool check_errors = false);
/// x with A·x = b, or x·A = b with left = false. b (…, n) is a batch of vectors where its shape is that of A without its last
/// dimension, or it has one dimension; else (…, n, columns). Batches broadcast.
Tensor solve(const Tensor& a, const Tensor& b, bool left = true);
ResultAndInfo solve_ex(const Tensor& a, const Tensor& b, bool left = true, bool check_errors = false);
/// The same for triangular A, of which the other triangle is not read; `unitriangular`: with ones on the diagonal.
Tensor solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left = true, bool unitriangular = false);
Tensor det(const Tensor& a);
/// The determinant's sign and the logarithm of its size: 0 and −∞ of a singular matrix.
SignAndLog slogdet(const Tensor& a);
Tensor logdet(const Tensor& a);  // NaN where the determinant is negative
/// x with prod(x's dimensions)-sized A as a matrix; see torch.linalg.tensorsolve. `dims` of A are moved to its end first.
Tensor tensorsolve(const Tensor& a, const Tensor& b, const Shape& dims = {});
/// The inverse of A as a matrix of its first `ind` dimensions and the others.
Tensor tensorinv(const Tensor& a, int64_t ind = 2);

// ---- decompositions (linalg_factor.cpp, linalg_lu.cpp, linalg_reflections.cpp) ---------------------------------------
/// L with A = L·Lᵀ (with upper U, A = Uᵀ·U), of a symmetric matrix whose lower (upper) triangle is read.
Tensor cholesky(const Tensor& a, bool upper = false);
ResultAndInfo cholesky_ex(const Tensor& a, bool upper = false, bool check_errors = false);
Tensor cholesky_solve(const Tensor& b, const Tensor& factor, bool upper = false);
Tensor cholesky_inverse(const Tensor& factor, bool upper = false);
struct QR { Tensor q, r; };
/// A = Q·R. mode "reduced": Q (m, k), R (k, n), k = min(m, n); "complete": Q (m, m), R (m, n); "r": R alone.
QR qr(const Tensor& a, const std::string& mode = "reduced");
struct LU { Tensor lu, pivots, info; };
/// L below the diagonal and U of A = P·L·U in one; row i was exchanged with row pivots[i] − 1 (int32).
LU lu_factor_ex(const Tensor& a, bool check_errors = false);
LU lu_factor(const Tensor& a);
struct PLU { Tensor p, l, u; };
PLU lu(const Tensor& a);
/// The factors of what lu_factor gave; those not asked for are empty.
PLU lu_unpack(const Tensor& lu, const Tensor& pivots, bool data = true, bool permutation = true);
/// x with A·x = b for what lu_factor gave of A; adjoint: Aᵀ·x = b.
Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left = true, bool adjoint = false);
/// The symmetric factorisation of LAPACK's sytrf and the solution for it; without gradient.
LU ldl_factor_ex(const Tensor& a, bool check_errors = false);
Tensor ldl_solve(const Tensor& ld, const Tensor& pivots, const Tensor& b);
struct Reflections { Tensor a, tau; };
/// LAPACK's geqrf; without gradient.
Reflections geqrf(const Tensor& a);
/// The first columns of the product of the reflections 1 − tau·v·vᵀ, whose v stand below the diagonal of a (m, n), m ≥ n.
Tensor householder_product(const Tensor& a, const Tensor& tau);
/// That product times b, b times it (left = false), or its transpose in its place.
Tensor ormqr(const Tensor& a, const Tensor& tau, const Tensor& b, bool left = true, bool transpose = false);

// ---- eigenvalues and singular values (linalg_spectral.cpp, linalg_pinv.cpp) ------------------------------------------
struct Eigen { Tensor values, vectors; };
/// Of symmetric matrices whose lower (upper) triangle is read; ascending. The gradient of vectors needs distinct values.
Eigen eigh(const Tensor& a, bool upper = false);
Tensor eigvalsh(const Tensor& a, bool upper = false);
struct SVD { Tensor u, s, vh; };
/// A = U·diag(S)·Vh, S descending. U (m, k) and Vh (k, n), or (m, m) and (n, n) with full_matrices, whose further columns
/// have no gradient. The gradient of U and Vh needs distinct values.
SVD svd(const Tensor& a, bool full_matrices = true);
Tensor svdvals(const Tensor& a);
/// The pseudoinverse; singular values up to max(atol, rtol·largest) count as 0. Undefined tolerances: atol 0, and rtol
/// max(m, n)·eps where atol is not given either.
Tensor pinv(const Tensor& a, const Tensor& atol = {}, const Tensor& rtol = {}, bool hermitian = false);
/// How many singular values are larger than those tolerances → int64.
Tensor matrix_rank(const Tensor& a, const Tensor& atol = {}, const Tensor& rtol = {}, bool hermitian = false);
struct LeastSquares { Tensor solution, residuals, rank, singular_values; };
/// The x of the smallest |A·x − b|, and of those the smallest. driver "gelsy", "gels", "gelsd" or "gelss".
LeastSquares lstsq(const Tensor& a, const Tensor& b, std::optional<double> rcond = {},
                   const std::string& driver = "gelsy");

// ---- norms (linalg_norm.cpp) -----------------------------------------------------------------------------------------
/// The order of a norm: a number, "fro" or "nuc".
struct Order {
  Order(double number) : number(number) {}
  Order(std::string name) : name(std::move(name)) {}
  Order(const char* name) : name(name) {}
  std::string name;
  double number = 0;
  std::string text() const { return name.empty() ? str(number) : name; }
};
using Dims = std::optional<Shape>;
Tensor vector_norm(const Tensor& x, double order = 2, const Dims& dims = {}, bool keepdim = false,
                   std::optional<DType> dtype = {});
/// Order "fro", "nuc", ±∞, ±1 or ±2 over two dimensions.
Tensor matrix_norm(const Tensor& a, const Order& order = "fro", const Shape& dims = {-2, -1}, bool keepdim = false,
                   std::optional<DType> dtype = {});
/// vector_norm or matrix_norm, as order and dims say; without either the 2-norm of all elements.
Tensor norm(const Tensor& x, const std::optional<Order>& order = {}, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
/// |A|·|A⁻¹| in the norm of this order; none is 2.
Tensor cond(const Tensor& a, const std::optional<Order>& order = {});

// ---- products and powers (linalg_products.cpp) -----------------------------------------------------------------------
/// The product of matrices in the order that costs least; the first and the last may be vectors.
Tensor multi_dot(const Tensors& tensors);
Tensor vecdot(const Tensor& x, const Tensor& y, int64_t dim = -1);
Tensor cross(const Tensor& a, const Tensor& b, int64_t dim = -1);
/// Aⁿ of square matrices; n < 0: of the inverse.
Tensor matrix_power(const Tensor& a, int64_t n);
/// Σ Aᵏ/k!. Source: Higham, "The scaling and squaring method for the matrix exponential revisited", 2005.
Tensor matrix_exp(const Tensor& a);
/// The rows 1, x, … xᴺ⁻¹ of each element.
Tensor vander(const Tensor& x, std::optional<int64_t> n = {});

}  // namespace lamina::ops::linalg

// torch.linalg as the submodule lamina._C._linalg, and what PyTorch keeps outside it as functions and methods: lamina.det,
// x.cholesky(), …
#include "lamina/ops/linalg.h"

#include "lamina/ops/creation.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/rearrange.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/creation.h"
#include "python/return_types.h"

namespace lamina::python {

namespace {

namespace la = ops::linalg;

nb::object named(const char* type, std::initializer_list<std::pair<const char*, Tensor>> results) {
  return return_type(type, results);
}

// The results, copied into the tensors of `out` where it is given.
nb::object into(nb::object results, const nb::object& out) {
  if (out.is_none()) return results;
  if (nb::len(out) != nb::len(results))
    throw OptionError("out must be a tuple of as many tensors as there are results");
  for (size_t i = 0; i < nb::len(results); ++i) finish(nb::cast<Tensor>(results[i]), out[i], false);
  return results;
}

using Out = const nb::object&;
bool is_upper(const std::string& uplo) {
  if (uplo.size() != 1 || std::string("LUlu").find(uplo) == std::string::npos)
    throw OptionError("Expected UPLO argument to be 'L' or 'U', but got " + uplo);
  return uplo == "U" || uplo == "u";
}

la::Order order_from(nb::handle order) {
  if (PyUnicode_Check(order.ptr())) return la::Order(nb::cast<std::string>(order));
  return la::Order(scalar_of(order.ptr(), "ord").to_double());
}
std::optional<la::Order> maybe_order(nb::handle order) {
  if (order.is_none()) return {};
  return order_from(order);
}

// A tolerance that is a tensor, a number or nothing, in float64.
Tensor tolerance(const std::optional<Operand>& given) {
  if (!given) return {};
  return given->tensor ? *given->tensor : ops::full({}, given->scalar, kFloat64);
}

const auto no_out = "out"_a = nb::none();

void bind_solutions(const Op& op) {
  op.function(
      "inv", [](const Tensor& A, Out out) { return finish(la::inv(A), out, false); }, "A⁻¹", "A"_a, nb::kw_only(),
      no_out);
  op.function(
      "inv_ex",
      [](const Tensor& A, bool check_errors, Out out) {
        const auto y = la::inv_ex(A, check_errors);
        return into(named("linalg_inv_ex", {{"inverse", y.result}, {"info", y.info}}), out);
      },
      "A⁻¹ and LAPACK's info.", "A"_a, nb::kw_only(), "check_errors"_a = false, no_out);
  op.function(
      "solve",
      [](const Tensor& A, const Tensor& B, bool left, Out out) { return finish(la::solve(A, B, left), out, false); },
      "X with A·X = B, or X·A = B.", "A"_a, "B"_a, nb::kw_only(), "left"_a = true, no_out);
  op.function(
      "solve_ex",
      [](const Tensor& A, const Tensor& B, bool left, bool check_errors, Out out) {
        const auto y = la::solve_ex(A, B, left, check_errors);
        return into(named("linalg_solve_ex", {{"result", y.result}, {"info", y.info}}), out);
      },
      "The same with LAPACK's info.", "A"_a, "B"_a, nb::kw_only(), "left"_a = true, "check_errors"_a = false, no_out);
  op.function(
      "solve_triangular",
      [](const Tensor& A, const Tensor& B, bool upper, bool left, bool unitriangular, Out out) {
        return finish(la::solve_triangular(A, B, upper, left, unitriangular), out, false);
      },
      "solve for triangular A.", "A"_a, "B"_a, nb::kw_only(), "upper"_a, "left"_a = true, "unitriangular"_a = false,
      no_out);
  op.function(
      "det", [](const Tensor& A, Out out) { return finish(la::det(A), out, false); }, "The determinant.", "A"_a,
      nb::kw_only(), no_out);
  op.function(
      "slogdet",
      [](const Tensor& A, Out out) {
        const auto y = la::slogdet(A);
        return into(named("linalg_slogdet", {{"sign", y.sign}, {"logabsdet", y.logabsdet}}), out);
      },
      "The determinant's sign and the logarithm of its size.", "A"_a, nb::kw_only(), no_out);
  op.function(
      "tensorsolve",
      [](const Tensor& A, const Tensor& B, std::optional<Shape> dims, Out out) {
        return finish(la::tensorsolve(A, B, dims.value_or(Shape{})), out, false);
      },
      "X with tensordot(A, X) = B.", "A"_a, "B"_a, "dims"_a = nb::none(), nb::kw_only(), no_out);
  op.function(
      "tensorinv", [](const Tensor& A, int64_t ind, Out out) { return finish(la::tensorinv(A, ind), out, false); },
      "The inverse for tensordot over ind dimensions.", "A"_a, "ind"_a = 2, nb::kw_only(), no_out);
  op.function(
      "lstsq",
      [](const Tensor& A, const Tensor& B, std::optional<double> rcond, std::optional<std::string> driver) {
        const auto y = la::lstsq(A, B, rcond, driver.value_or("gelsy"));
        return named("linalg_lstsq", {{"solution", y.solution},
                                      {"residuals", y.residuals},
                                      {"rank", y.rank},
                                      {"singular_values", y.singular_values}});
      },
      "The X of the smallest |A·X − B|.", "A"_a, "B"_a, "rcond"_a = nb::none(), nb::kw_only(), "driver"_a = nb::none());
}

nb::object lu_named(const la::PLU& y, Out out) {
  return into(named("linalg_lu", {{"P", y.p}, {"L", y.l}, {"U", y.u}}), out);
}
void check_pivot(bool pivot) {
  if (!pivot) throw OptionError("linalg.lu_factor: LU without pivoting is not implemented on the CPU");
}

void bind_factors(const Op& op) {
  op.function(
      "cholesky", [](const Tensor& A, bool upper, Out out) { return finish(la::cholesky(A, upper), out, false); },
      "L with A = L·Lᵀ.", "A"_a, nb::kw_only(), "upper"_a = false, no_out);
  op.function(
      "cholesky_ex",
      [](const Tensor& A, bool upper, bool check_errors, Out out) {
        const auto y = la::cholesky_ex(A, upper, check_errors);
        return into(named("linalg_cholesky_ex", {{"L", y.result}, {"info", y.info}}), out);
      },
      "The same with LAPACK's info.", "A"_a, nb::kw_only(), "upper"_a = false, "check_errors"_a = false, no_out);
  op.function(
      "qr",
      [](const Tensor& A, const std::string& mode, Out out) {
        const auto y = la::qr(A, mode);
        return into(named("linalg_qr", {{"Q", y.q}, {"R", y.r}}), out);
      },
      "A = Q·R", "A"_a, "mode"_a = "reduced", nb::kw_only(), no_out);
  op.function(
      "lu",
      [](const Tensor& A, bool pivot, Out out) {
        check_pivot(pivot);
        return lu_named(la::lu(A), out);
      },
      "A = P·L·U", "A"_a, nb::kw_only(), "pivot"_a = true, no_out);
  op.function(
      "lu_factor",
      [](const Tensor& A, bool pivot, Out out) {
        check_pivot(pivot);
        const auto y = la::lu_factor(A);
        return into(named("linalg_lu_factor", {{"LU", y.lu}, {"pivots", y.pivots}}), out);
      },
      "L and U in one, and the exchanges of rows.", "A"_a, nb::kw_only(), "pivot"_a = true, no_out);
  op.function(
      "lu_factor_ex",
      [](const Tensor& A, bool pivot, bool check_errors, Out out) {
        check_pivot(pivot);
        const auto y = la::lu_factor_ex(A, check_errors);
        return into(named("linalg_lu_factor_ex", {{"LU", y.lu}, {"pivots", y.pivots}, {"info", y.info}}), out);
      },
      "The same with LAPACK's info.", "A"_a, nb::kw_only(), "pivot"_a = true, "check_errors"_a = false, no_out);
  op.function(
      "lu_solve",
      [](const Tensor& LU, const Tensor& pivots, const Tensor& B, bool left, bool adjoint, Out out) {
        return finish(la::lu_solve(LU, pivots, B, left, adjoint), out, false);
      },
      "solve for what lu_factor gave.", "LU"_a, "pivots"_a, "B"_a, nb::kw_only(), "left"_a = true, "adjoint"_a = false,
      no_out);
  op.function(
      "ldl_factor",
      [](const Tensor& A, bool hermitian, Out out) {
        const auto y = la::ldl_factor_ex(A, true);
        return into(named("linalg_ldl_factor", {{"LD", y.lu}, {"pivots", y.pivots}}), out);
      },
      "A = L·D·Lᵀ of a symmetric matrix, in LAPACK's form.", "A"_a, nb::kw_only(), "hermitian"_a = false, no_out);
  op.function(
      "ldl_factor_ex",
      [](const Tensor& A, bool hermitian, bool check_errors, Out out) {
        const auto y = la::ldl_factor_ex(A, check_errors);
        return into(named("linalg_ldl_factor_ex", {{"LD", y.lu}, {"pivots", y.pivots}, {"info", y.info}}), out);
      },
      "The same with LAPACK's info.", "A"_a, nb::kw_only(), "hermitian"_a = false, "check_errors"_a = false, no_out);
  op.function(
      "ldl_solve",
      [](const Tensor& LD, const Tensor& pivots, const Tensor& B, bool hermitian, Out out) {
        return finish(la::ldl_solve(LD, pivots, B), out, false);
      },
      "solve for what ldl_factor gave.", "LD"_a, "pivots"_a, "B"_a, nb::kw_only(), "hermitian"_a = false, no_out);
  op.function(
      "householder_product",
      [](const Tensor& A, const Tensor& tau, Out out) { return finish(la::householder_product(A, tau), out, false); },
      "The first columns of a product of reflections.", "A"_a, "tau"_a, nb::kw_only(), no_out);
}

void bind_spectra(const Op& op) {
  op.function(
      "eigh",
      [](const Tensor& A, const std::string& UPLO, Out out) {
        const auto y = la::eigh(A, is_upper(UPLO));
        return into(named("linalg_eigh", {{"eigenvalues", y.values}, {"eigenvectors", y.vectors}}), out);
      },
      "Eigenvalues and eigenvectors of symmetric matrices.", "A"_a, "UPLO"_a = "L", nb::kw_only(), no_out);
  op.function(
      "eigvalsh",
      [](const Tensor& A, const std::string& UPLO, Out out) {
        return finish(la::eigvalsh(A, is_upper(UPLO)), out, false);
      },
      "Eigenvalues of symmetric matrices.", "A"_a, "UPLO"_a = "L", nb::kw_only(), no_out);
  op.function(
      "svd",
      [](const Tensor& A, bool full_matrices, nb::object driver, Out out) {
        const auto y = la::svd(A, full_matrices);
        return into(named("linalg_svd", {{"U", y.u}, {"S", y.s}, {"Vh", y.vh}}), out);
      },
      "A = U·diag(S)·Vh", "A"_a, "full_matrices"_a = true, nb::kw_only(), "driver"_a = nb::none(), no_out);
  op.function(
      "svdvals", [](const Tensor& A, nb::object driver, Out out) { return finish(la::svdvals(A), out, false); },
      "The singular values.", "A"_a, nb::kw_only(), "driver"_a = nb::none(), no_out);
  using Tolerance = std::optional<Operand>;
  op.function(
      "pinv",
      [](const Tensor& A, const Tolerance& rcond, const Tolerance& atol, const Tolerance& rtol, bool hermitian,
         Out out) {
        return finish(la::pinv(A, tolerance(atol), tolerance(rtol ? rtol : rcond), hermitian), out, false);
      },
      "The pseudoinverse.", "A"_a, "rcond"_a = nb::none(), nb::kw_only(), "atol"_a = nb::none(), "rtol"_a = nb::none(),
      "hermitian"_a = false, no_out);
  op.function(
      "matrix_rank",
      [](const Tensor& A, const Tolerance& tol, bool hermitian, const Tolerance& atol, const Tolerance& rtol, Out out) {
        return finish(tol ? la::matrix_rank(A, tolerance(tol), tolerance(Operand{}), hermitian)
                          : la::matrix_rank(A, tolerance(atol), tolerance(rtol), hermitian),
                      out, false);
      },
      "How many singular values are not 0.", "A"_a, "tol"_a = nb::none(), "hermitian"_a = false, nb::kw_only(),
      "atol"_a = nb::none(), "rtol"_a = nb::none(), no_out);
}

void bind_norms(const Op& op) {
  using MaybeType = std::optional<DType>;
  op.function(
      "vector_norm",
      [](const Tensor& x, Scalar ord, const la::Dims& dim, bool keepdim, MaybeType dtype, Out out) {
        return finish(la::vector_norm(x, ord.to_double(), dim, keepdim, dtype), out, false);
      },
      "The norm of x as a vector.", "x"_a, "ord"_a = 2, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(),
      "dtype"_a = nb::none(), no_out);
  op.function(
      "matrix_norm",
      [](const Tensor& A, nb::handle ord, const Shape& dim, bool keepdim, MaybeType dtype, Out out) {
        return finish(la::matrix_norm(A, order_from(ord), dim, keepdim, dtype), out, false);
      },
      "The norm of matrices.", "A"_a, "ord"_a = "fro", "dim"_a = nb::make_tuple(-2, -1), "keepdim"_a = false,
      nb::kw_only(), "dtype"_a = nb::none(), no_out);
  op.function(
      "norm",
      [](const Tensor& A, nb::handle ord, const la::Dims& dim, bool keepdim, Out out, MaybeType dtype) {
        return finish(la::norm(A, maybe_order(ord), dim, keepdim, dtype), out, false);
      },
      "The norm of a vector or of matrices.", "A"_a, "ord"_a = nb::none(), "dim"_a = nb::none(), "keepdim"_a = false,
      nb::kw_only(), no_out, "dtype"_a = nb::none());
  op.function(
      "cond", [](const Tensor& A, nb::handle p, Out out) { return finish(la::cond(A, maybe_order(p)), out, false); },
      "The condition number.", "A"_a, "p"_a = nb::none(), nb::kw_only(), no_out);
}

void bind_products(const Op& op) {
  op.function(
      "multi_dot", [](const Tensors& tensors, Out out) { return finish(la::multi_dot(tensors), out, false); },
      "The product of matrices in the cheapest order.", "tensors"_a, nb::kw_only(), no_out);
  op.function(
      "vecdot",
      [](const Tensor& x, const Tensor& y, int64_t dim, Out out) { return finish(la::vecdot(x, y, dim), out, false); },
      "Σ x·y along dim.", "x"_a, "y"_a, nb::kw_only(), "dim"_a = -1, no_out);
  op.function(
      "cross",
      [](const Tensor& input, const Tensor& other, int64_t dim, Out out) {
        return finish(la::cross(input, other, dim), out, false);
      },
      "The vector product.", "input"_a, "other"_a, nb::kw_only(), "dim"_a = -1, no_out);
  op.function(
      "matmul",
      [](const Tensor& input, const Tensor& other, Out out) { return finish(ops::matmul(input, other), out, false); },
      "The matrix product.", "input"_a, "other"_a, nb::kw_only(), no_out);
  op.function(
      "matrix_power", [](const Tensor& A, int64_t n, Out out) { return finish(la::matrix_power(A, n), out, false); },
      "Aⁿ", "A"_a, "n"_a, nb::kw_only(), no_out);
  op.function("matrix_exp", &la::matrix_exp, "Σ Aᵏ/k!", "A"_a);
  op.function(
      "diagonal",
      [](const Tensor& A, int64_t offset, int64_t dim1, int64_t dim2) { return ops::diagonal(A, offset, dim1, dim2); },
      "The diagonal of matrices.", "A"_a, nb::kw_only(), "offset"_a = 0, "dim1"_a = -2, "dim2"_a = -1);
  op.function("vander", &la::vander, "The rows 1, x, … xᴺ⁻¹.", "x"_a, "N"_a = nb::none());
  for (const char* name : {"eig", "eigvals"})
    op.function(
        name,
        [name](nb::args, nb::kwargs) {
          throw NotImplementedError(
              std::string("linalg.") + name + ": its results are complex numbers, which Lamina does not have",
              "eigh and eigvalsh are for symmetric matrices");
        },
        "Refused: complex numbers.");
}

}  // namespace

void bind_linalg(nb::module_& linalg) {
  const Op op{linalg};
  bind_solutions(op);
  bind_factors(op);
  bind_spectra(op);
  bind_norms(op);
  bind_products(op);
  linalg.attr("LinAlgError") = nb::borrow(LinAlgErrorType);
}

}  // namespace lamina::python

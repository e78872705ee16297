// The functions on matrices that PyTorch keeps outside torch.linalg, as functions and methods: lamina.det, x.cholesky(), …
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/out.h"
#include "python/return_types.h"

namespace lamina::python {

namespace {

namespace la = ops::linalg;

void bind_solutions(const OutOp& op) {
  op("det", &la::det, "The determinant.", "input"_a);
  op("logdet", &la::logdet, "The logarithm of the determinant.", "input"_a);
  op("inverse", &la::inv, "The inverse of square matrices.", "input"_a);
  op(
      "pinverse", [](const Tensor& input, double rcond) { return la::pinv(input, {}, ops::full({}, rcond, kFloat64)); },
      "The pseudoinverse.", "input"_a, "rcond"_a = 1e-15);
  op(
      "slogdet",
      [](const Tensor& input) {
        const auto y = la::slogdet(input);
        return return_type("slogdet", {{"sign", y.sign}, {"logabsdet", y.logabsdet}});
      },
      "The determinant's sign and the logarithm of its size.", "input"_a);
  op(
      "triangular_solve",
      [](const Tensor& b, const Tensor& A, bool upper, bool transpose, bool unitriangular) {
        const Tensor x =
            la::solve_triangular(transpose ? ops::matrix_transpose(A) : A, b, upper != transpose, true, unitriangular);
        return return_type("triangular_solve", {{"solution", x}, {"cloned_coefficient", ops::clone(A)}});
      },
      "x with A·x = b for triangular A.", "b"_a, "A"_a, "upper"_a = true, "transpose"_a = false,
      "unitriangular"_a = false);
  op("matrix_exp", &la::matrix_exp, "Σ Aᵏ/k!", "input"_a);
}

void bind_factors(const OutOp& op) {
  op("cholesky", &la::cholesky, "L with input = L·Lᵀ.", "input"_a, "upper"_a = false);
  op("cholesky_solve", &la::cholesky_solve, "The solution for what cholesky gave.", "B"_a, "L"_a, "upper"_a = false);
  op("cholesky_inverse", &la::cholesky_inverse, "The inverse of what cholesky was given.", "L"_a, "upper"_a = false);
  op(
      "qr",
      [](const Tensor& input, bool some) {
        const auto y = la::qr(input, some ? "reduced" : "complete");
        return return_type("qr", {{"Q", y.q}, {"R", y.r}});
      },
      "input = Q·R", "input"_a, "some"_a = true);
  op(
      "svd",
      [](const Tensor& input, bool some, bool compute_uv) {
        if (!compute_uv) {
          const Tensor u = ops::zeros(input.shape().slice(0, input.rank() - 1) + Shape{input.size(-2)}, input.dtype());
          const Tensor v = ops::zeros(input.shape().slice(0, input.rank() - 2) + Shape{input.size(-1), input.size(-1)},
                                      input.dtype());
          return return_type("svd", {{"U", u}, {"S", la::svdvals(input)}, {"V", v}});
        }
        const auto y = la::svd(input, !some);
        return return_type("svd", {{"U", y.u}, {"S", y.s}, {"V", ops::matrix_transpose(y.vh)}});
      },
      "input = U·diag(S)·Vᵀ", "input"_a, "some"_a = true, "compute_uv"_a = true);
  op(
      "geqrf",
      [](const Tensor& input) {
        const auto y = la::geqrf(input);
        return return_type("geqrf", {{"a", y.a}, {"tau", y.tau}});
      },
      "R and the reflections of a QR decomposition.", "input"_a);
  op("orgqr", &la::householder_product, "The first columns of a product of reflections.", "input"_a, "tau"_a);
  op("ormqr", &la::ormqr, "A product of reflections times other.", "input"_a, "tau"_a, "other"_a, "left"_a = true,
     "transpose"_a = false);
}

void bind_lu(const OutOp& op) {
  op(
      "lu",
      [](const Tensor& A, bool pivot, bool get_infos) -> nb::object {
        if (!pivot) throw OptionError("lu: LU without pivoting is not implemented on the CPU");
        const auto y = la::lu_factor_ex(A, !get_infos);
        if (get_infos) return nb::make_tuple(y.lu, y.pivots, y.info);
        return nb::make_tuple(y.lu, y.pivots);
      },
      "L and U in one, and the exchanges of rows.", "A"_a, "pivot"_a = true, "get_infos"_a = false);
  op(
      "lu_solve",
      [](const Tensor& b, const Tensor& LU_data, const Tensor& LU_pivots) {
        return la::lu_solve(LU_data, LU_pivots, b);
      },
      "The solution for what lu gave.", "b"_a, "LU_data"_a, "LU_pivots"_a);
  op.function(
      "lu_unpack",
      [](const Tensor& LU_data, const Tensor& LU_pivots, bool unpack_data, bool unpack_pivots) {
        const auto y = la::lu_unpack(LU_data, LU_pivots, unpack_data, unpack_pivots);
        return return_type("lu_unpack", {{"P", y.p}, {"L", y.l}, {"U", y.u}});
      },
      "P, L and U of what lu gave.", "LU_data"_a, "LU_pivots"_a, "unpack_data"_a = true, "unpack_pivots"_a = true);
}

}  // namespace

void bind_matrices(nb::module_& m) {
  const OutOp op{m};
  bind_solutions(op);
  bind_factors(op);
  bind_lu(op);
}

}  // namespace lamina::python

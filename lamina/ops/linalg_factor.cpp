// The Cholesky and QR decompositions.
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/lapack.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/linalg_matrices.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"

namespace lamina::ops::linalg {

namespace lapack = kernels::lapack;

namespace {

Tensor mT(const Tensor& t) { return matrix_transpose(t); }

// x with the diagonal times `factor`.
Tensor with_diagonal(const Tensor& x, double factor) {
  const Tensor d = diagonal(x, 0, -2, -1);
  return add(x, diag_embed(mul(d, factor - 1)));
}

// A = L·Lᵀ: dA = ½·L⁻ᵀ·(P + Pᵀ)·L⁻¹ with P the lower triangle of Lᵀ·dL, its diagonal halved.
Tensor cholesky_gradient(const Tensor& dl, const Tensor& l) {
  const Tensor p = with_diagonal(tril(matmul(mT(l), dl)), 0.5);
  const Tensor both = add(p, mT(p));
  const Tensor half = solve_triangular(mT(l), both, true);   // L⁻ᵀ·P
  return mul(solve_triangular(l, half, false, false), 0.5);  // …·L⁻¹
}

// A = Q·R with Q (m, n), m ≥ n: dA = (dQ + Q·sym(upper(dR·Rᵀ − Qᵀ·dQ)))·R⁻ᵀ.
Tensor qr_gradient_tall(const Tensor& dq, const Tensor& dr, const Tensor& q, const Tensor& r) {
  Tensor m;
  if (dr.defined()) m = matmul(dr, mT(r));
  if (dq.defined()) m = m.defined() ? sub(m, matmul(mT(q), dq)) : neg(matmul(mT(q), dq));
  m = triu(m);
  const Tensor symmetric = with_diagonal(add(m, mT(m)), 0.5);
  Tensor right = matmul(q, symmetric);
  if (dq.defined()) right = add(dq, right);
  return solve_triangular(mT(r), right, false, false);
}

// m < n: A = [X Y] = Q·[U V], so X = Q·U and V = Qᵀ·Y.
Tensor qr_gradient(const Tensor& dq, const Tensor& dr, const Tensor& a, const Tensor& q, const Tensor& r) {
  const int64_t m = a.size(-2), n = a.size(-1);
  if (m >= n) return qr_gradient_tall(dq, dr, q, r);
  const Tensor y = narrow(a, -1, m, n - m), u = narrow(r, -1, 0, m);
  if (!dr.defined()) return cat({qr_gradient_tall(dq, {}, q, u), zeros_like(y)}, -1);
  const Tensor dv = narrow(dr, -1, m, n - m);
  Tensor dq_all = matmul(y, mT(dv));
  if (dq.defined()) dq_all = add(dq, dq_all);
  return cat({qr_gradient_tall(dq_all, narrow(dr, -1, 0, m), q, u), matmul(q, dv)}, -1);
}

// x with L·Lᵀ·x = b. dL = −(db·xᵀ + x·dbᵀ)·L, of the whole matrix as in PyTorch, though one triangle is read.
Tensor cholesky_solution(const Tensor& b, const Tensor& factor, bool upper) {
  const Tensor l = upper ? mT(factor.detach()) : factor.detach();
  Tensor x = solve_triangular(mT(l), solve_triangular(l, b.detach(), false), true);
  if (needs_grad(b, factor))
    record("CholeskySolveBackward0", x, {&b, &factor},
           [factor = Saved(factor), x = Saved::output(x), upper](const Backward& g) -> Tensors {
             const Tensor db = cholesky_solution(g.dy(), factor.get(), upper);
             if (!g.needs(1)) return {db, Tensor()};
             const Tensor product = matmul(db, mT(x.get(g))), both = neg(add(product, mT(product)));
             return {g.needs(0) ? db : Tensor(), upper ? matmul(factor.get(), both) : matmul(both, factor.get())};
           });
  return x;
}

}  // namespace

ResultAndInfo cholesky_ex(const Tensor& a, bool upper, bool check_errors) {
  const char* name = "linalg.cholesky";
  check_square(name, a);
  const int64_t n = a.size(-1);
  const Tensor factors = to_columns(a), info = zeros(batch_of(a), kInt32);
  if (n > 0)
    each_matrix(info.numel(), n, [&](int64_t i) {
      double* own = factors.data<double>() + i * n * n;
      info.data<int32_t>()[i] = lapack::cholesky(own, n, upper);
      for (int64_t c = 0; c < n; ++c)
        for (int64_t r = upper ? c + 1 : 0; r < (upper ? n : c); ++r) own[c * n + r] = 0;
    });
  if (check_errors)
    check_info(name, info, [](int i) {
      return str(
          "The factorization could not be completed because the input is not positive-definite (the leading minor of "
          "order ",
          i, " is not positive-definite).");
    });
  Tensor l = from_columns(factors, a.dtype());
  if (needs_grad(a))
    record("LinalgCholeskyExBackward0", l, {&a}, [l = Saved::output(l), upper](const Backward& g) -> Tensors {
      const Tensor factor = l.get(g);
      return {upper ? cholesky_gradient(mT(g.dy()), mT(factor)) : cholesky_gradient(g.dy(), factor)};
    });
  return {l, info};
}

Tensor cholesky(const Tensor& a, bool upper) { return cholesky_ex(a, upper, true).result; }

Tensor cholesky_solve(const Tensor& b, const Tensor& factor, bool upper) {
  const char* name = "cholesky_solve";
  check_square(name, factor);
  if (b.rank() < 2)
    throw ShapeError(str("b should have at least 2 dimensions, but has ", b.rank(), " dimensions instead"));
  if (b.size(-2) != factor.size(-1))
    throw ShapeError(str("Incompatible matrix sizes for cholesky_solve: each A matrix is ", factor.size(-1), " by ",
                         factor.size(-1), " but each b matrix is ", b.size(-2), " by ", b.size(-1)));
  const Shape batch = broadcast(batch_of(factor), batch_of(b));
  return cholesky_solution(in_batch(b, batch), in_batch(factor, batch), upper);
}

Tensor cholesky_inverse(const Tensor& factor, bool upper) {
  check_square("cholesky_inverse", factor);
  return cholesky_solve(expand(eye(factor.size(-1), factor.dtype()), factor.shape()), factor, upper);
}

QR qr(const Tensor& a, const std::string& mode) {
  check_matrices("linalg.qr", a);
  if (mode != "reduced" && mode != "complete" && mode != "r")
    throw OptionError(
        str("qr received unrecognized mode '", mode, "' but expected one of 'reduced' (default), 'r', or 'complete'"));
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const bool complete = mode == "complete", with_q = mode != "r";
  const int64_t columns = complete ? m : k;  // of Q, rows of R
  const Shape batch = batch_of(a);
  const Tensor factors = to_columns(a);
  const Tensor qs = new_columns(batch, m, columns), rs = new_columns(batch, columns, n);
  fill_values(rs, 0);
  each_matrix(batch.numel(), std::max(m, n), [&](int64_t i) {
    PooledVector<double> tau(size_t(k), 0.0);
    double *own = factors.data<double>() + i * m * n, *r = rs.data<double>() + i * columns * n;
    double* q = qs.data<double>() + i * m * columns;
    if (k > 0) lapack::qr(own, m, n, tau.data());
    for (int64_t c = 0; c < n; ++c) std::copy_n(own + c * m, std::min(c + 1, k), r + c * columns);
    if (!with_q) return;
    std::fill_n(q, m * columns, 0.0);
    for (int64_t c = 0; c < columns; ++c) q[c * m + c] = 1;  // of no reflections
    if (k == 0) return;
    for (int64_t c = 0; c < k; ++c) std::copy_n(own + c * m, m, q + c * m);
    lapack::product_of_reflections(q, m, columns, k, tau.data());
  });
  Tensor q = with_q ? from_columns(qs, a.dtype()) : empty({0}, a.dtype()), r = from_columns(rs, a.dtype());
  if (needs_grad(a))
    record("LinalgQrBackward0", {&q, &r}, Tensors{a},
           [a = Saved(a), q = saved_output(q, 0), r = saved_output(r, 1), mode](const Backward& g) -> Tensors {
             const Tensor matrices = a.get();
             if (mode == "r")
               throw Error("The derivative of linalg.qr depends on Q, which is not computed when mode='r'",
                           "Please use linalg.qr(A, mode='reduced') if you are going to require gradients.");
             if (mode == "complete" && matrices.size(-2) > matrices.size(-1))
               throw Error("The QR decomposition is not differentiable when mode='complete' and nrows > ncols");
             return {qr_gradient(g.grads[0], g.grads[1], matrices, q.get(g), r.get(g))};
           });
  return {q, r};
}

}  // namespace lamina::ops::linalg

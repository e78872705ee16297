// The LU decomposition with rows exchanged, and the symmetric one.
#include <numeric>

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

// P (m, m) with P·L·U = A.
Tensor permutation(const Tensor& pivots, int64_t m, DType type) {
  const Tensor swaps = contiguous(to(pivots.detach(), kInt32));
  const Shape batch = batch_of(swaps, 1);
  const int64_t k = swaps.size(-1);
  Tensor p = zeros(batch + Shape{m, m}, kFloat64);
  PooledVector<int64_t> rows(size_t(m), 0);
  for (int64_t i = 0; i < batch.numel(); ++i) {
    std::iota(rows.begin(), rows.end(), int64_t{0});
    for (int64_t r = 0; r < k; ++r) {
      const int64_t other = swaps.data<int32_t>()[i * k + r] - 1;
      if (other < 0 || other >= m)
        throw IndexError("torch.lu_unpack: LU_pivots must contain values between 1 and LU_data.size(-2)");
      std::swap(rows[size_t(r)], rows[size_t(other)]);
    }
    for (int64_t r = 0; r < m; ++r) p.data<double>()[(i * m + rows[size_t(r)]) * m + r] = 1;
  }
  return to(p, type);
}

Tensor unit_lower(const Tensor& lu, int64_t k) {
  const Tensor l = tril(narrow(lu, -1, 0, k), -1);
  return add(l, eye(lu.size(-2), k, lu.dtype()));
}
Tensor upper_of(const Tensor& lu, int64_t k) { return triu(narrow(lu, -2, 0, k)); }

// d(L below the diagonal, U) → dA. With L = [L₁; L₂], U = [U₁ U₂], of k rows and columns the first:
//   dA = P·[L₁⁻ᵀ·(lower(L₁ᵀ·dL₁ − dU₂·U₂ᵀ) + upper(dU₁·U₁ᵀ − L₂ᵀ·dL₂))·U₁⁻ᵀ  L₁⁻ᵀ·dU₂; dL₂·U₁⁻ᵀ  ·]
Tensor lu_gradient(const Tensor& dlu, const Tensor& lu, const Tensor& pivots) {
  const int64_t m = lu.size(-2), n = lu.size(-1), k = std::min(m, n);
  const Tensor l = unit_lower(lu, k), u = upper_of(lu, k), dl = tril(narrow(dlu, -1, 0, k), -1), du = upper_of(dlu, k);
  const Tensor l1 = narrow(l, -2, 0, k), u1 = narrow(u, -1, 0, k);
  Tensor below = matmul(mT(l1), narrow(dl, -2, 0, k)), above = matmul(narrow(du, -1, 0, k), mT(u1));
  if (m < n) below = sub(below, matmul(narrow(du, -1, k, n - k), mT(narrow(u, -1, k, n - k))));
  if (m > n) above = sub(above, matmul(mT(narrow(l, -2, k, m - k)), narrow(dl, -2, k, m - k)));
  const Tensor inner = add(tril(below, -1), triu(above));
  const auto over_u = [&](const Tensor& t) { return solve_triangular(mT(u1), t, false, false); };       // t·U₁⁻ᵀ
  const auto under_l = [&](const Tensor& t) { return solve_triangular(mT(l1), t, true, true, true); };  // L₁⁻ᵀ·t
  Tensor da = over_u(under_l(inner));
  if (m < n) da = cat({da, under_l(narrow(du, -1, k, n - k))}, -1);
  if (m > n) da = cat({da, over_u(narrow(dl, -2, k, m - k))}, -2);
  return matmul(permutation(pivots, m, lu.dtype()), da);
}

}  // namespace

LU lu_factor_ex(const Tensor& a, bool check_errors) {
  check_matrices("torch.linalg.lu_factor", a);
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const Shape batch = batch_of(a);
  const Tensor factors = to_columns(a), pivots = zeros(batch + Shape{k}, kInt32), info = zeros(batch, kInt32);
  if (k > 0)
    each_matrix(batch.numel(), std::max(m, n), [&](int64_t i) {
      static_assert(sizeof(int) == sizeof(int32_t));
      info.data<int32_t>()[i] =
          lapack::lu(factors.data<double>() + i * m * n, m, n, reinterpret_cast<int*>(pivots.data<int32_t>() + i * k));
    });
  if (check_errors)
    check_info("torch.linalg.lu_factor", info, [](int i) {
      return str("U[", i, ",", i,
                 "] is zero and using it on lu_solve would result in a division by zero. If you still want "
                 "to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)");
    });
  Tensor lu = from_columns(factors, a.dtype());
  if (needs_grad(a))
    record("LinalgLuFactorExBackward0", lu, {&a}, [lu = Saved::output(lu), pivots](const Backward& g) -> Tensors {
      return {lu_gradient(g.dy(), lu.get(g), pivots)};
    });
  return {lu, pivots, info};
}

LU lu_factor(const Tensor& a) { return lu_factor_ex(a, true); }

PLU lu_unpack(const Tensor& lu, const Tensor& pivots, bool data, bool permutation_too) {
  if (lu.rank() < 2)
    throw ShapeError("torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: " + lu.shape().list_text());
  if (permutation_too && pivots.dtype() != kInt32)
    throw DTypeError("torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.");
  const int64_t m = lu.size(-2), k = std::min(m, lu.size(-1));
  PLU y{empty({0}, lu.dtype()), empty({0}, lu.dtype()), empty({0}, lu.dtype())};
  if (permutation_too) y.p = permutation(pivots, m, lu.dtype());
  if (data) y.l = unit_lower(lu, k), y.u = upper_of(lu, k);
  return y;
}

PLU lu(const Tensor& a) {
  check_matrices("linalg.lu", a);
  const auto [factors, pivots, info] = lu_factor_ex(a);
  return lu_unpack(factors, pivots);
}

Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool adjoint) {
  check_square("torch.linalg.lu_solve", lu);
  if (pivots.dtype() != kInt32)
    throw DTypeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32. Got " +
                     std::string(scalar_type_name(pivots.dtype())));
  if (b.dtype() != lu.dtype())
    throw DTypeError(str("linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type ",
                         scalar_type_name(lu.dtype()), " and B of type ", scalar_type_name(b.dtype()), " instead"));
  if (pivots.shape() != lu.shape().slice(0, lu.rank() - 1))
    throw ShapeError(
        str("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix, got ",
            pivots.shape(), " for ", lu.shape()));
  if (!left) return mT(lu_solve(lu, pivots, mT(b), true, !adjoint));
  const auto [p, l, u] = lu_unpack(lu, pivots);
  if (adjoint)  // Uᵀ·Lᵀ·Pᵀ·x = b
    return matmul(p, solve_triangular(mT(l), solve_triangular(mT(u), b, false), true, true, true));
  return solve_triangular(u, solve_triangular(l, matmul(mT(p), b), false, true, true), true);
}

LU ldl_factor_ex(const Tensor& a, bool check_errors) {
  check_square("torch.linalg.ldl_factor_ex", a);
  const int64_t n = a.size(-1);
  const Tensor factors = to_columns(a), pivots = zeros(a.shape().slice(0, a.rank() - 1), kInt32);
  const Tensor info = zeros(batch_of(a), kInt32);
  if (n > 0)
    each_matrix(info.numel(), n, [&](int64_t i) {
      double* own = factors.data<double>() + i * n * n;
      info.data<int32_t>()[i] = lapack::ldl(own, n, reinterpret_cast<int*>(pivots.data<int32_t>() + i * n));
      for (int64_t c = 1; c < n; ++c) std::fill_n(own + c * n, c, 0.0);
    });
  if (check_errors)
    check_info("torch.linalg.ldl_factor_ex", info, [](int i) {
      return str("The factorization could not be completed: D[", i, ",", i, "] is exactly zero.");
    });
  return {from_columns(factors, a.dtype()), pivots, info};
}

Tensor ldl_solve(const Tensor& ld, const Tensor& pivots, const Tensor& b) {
  const char* name = "torch.linalg.ldl_solve";
  check_square(name, ld);
  if (b.rank() < 2)
    throw ShapeError(
        str(name, ": Expected B to have at least 2 dimensions, but it has ", b.rank(), " dimensions instead"));
  if (b.size(-2) != ld.size(-1))
    throw ShapeError(str("Incompatible shapes of A and B for the equation AX = B (", ld.size(-2), "x", ld.size(-1),
                         " and ", b.size(-2), "x", b.size(-1), ")"));
  if (b.dtype() != ld.dtype()) throw DTypeError(str(name, ": LD and B must have the same dtype"));
  if (pivots.shape() != ld.shape().slice(0, ld.rank() - 1) || (pivots.dtype() != kInt32 && pivots.dtype() != kInt64))
    throw ShapeError(str(name, ": Expected pivots.shape to be LD.shape without its last dimension, and integers, got ",
                         pivots.shape(), " for ", ld.shape()));
  const Shape batch = broadcast(batch_of(ld), batch_of(b));
  const int64_t n = ld.size(-1), columns = b.size(-1);
  const Tensor factors = to_columns(in_batch(ld, batch)), x = to_columns(in_batch(b, batch));
  const Tensor swaps = contiguous(expand(to(pivots, kInt32), batch + Shape{n}));
  if (n > 0 && columns > 0)
    each_matrix(batch.numel(), n, [&](int64_t i) {
      lapack::ldl_solve(factors.data<double>() + i * n * n, n, reinterpret_cast<int*>(swaps.data<int32_t>() + i * n),
                        x.data<double>() + i * n * columns, columns);
    });
  return from_columns(x, b.dtype());
}

}  // namespace lamina::ops::linalg

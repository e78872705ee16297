// Eigenvalues of symmetric matrices and singular values. Source of the gradients: Giles, "An extended collection of matrix
// derivative results", 2008, with the projections that PyTorch applies.
#include <cmath>

#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/lapack.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/linalg_matrices.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"

namespace lamina::ops::linalg {

namespace lapack = kernels::lapack;

namespace {

Tensor mT(const Tensor& t) { return matrix_transpose(t); }
Tensor as_row(const Tensor& t) { return unsqueeze(t, -2); }
Tensor as_column(const Tensor& t) { return unsqueeze(t, -1); }
Tensor skew(const Tensor& t) { return sub(t, mT(t)); }

// values[j] − values[i] beside the diagonal, ones on it.
Tensor differences(const Tensor& values) {
  return add(sub(as_row(values), as_column(values)), eye(values.size(-1), values.dtype()));
}

bool all_finite(const double* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if (!std::isfinite(values[i])) return false;
  return true;
}

constexpr int kNotFinite = -1000;
std::string failure(int info) {
  if (info == kNotFinite)
    return "The algorithm failed to converge because the input matrix contained non-finite values.";
  return str(
      "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated "
      "singular values or eigenvalues (error code: ",
      info, ").");
}

Eigen eigen_of(const Tensor& a, bool upper, bool vectors) {
  check_square("linalg.eigh", a);
  const int64_t n = a.size(-1);
  const Tensor columns = to_columns(a), info = zeros(batch_of(a), kInt32);
  const Tensor w = empty(a.shape().slice(0, a.rank() - 1), kFloat64);
  if (n > 0)
    each_matrix(info.numel(), n, [&](int64_t i) {
      double *own = columns.data<double>() + i * n * n, *values = w.data<double>() + i * n;
      if (all_finite(own, n * n)) {
        info.data<int32_t>()[i] = lapack::eigh(own, n, upper, vectors, values);
      } else {
        std::fill_n(own, n * n, std::nan(""));
        std::fill_n(values, n, std::nan(""));
      }
    });
  check_info("linalg.eigh", info, failure);
  return {to(w, a.dtype()), vectors ? from_columns(columns, a.dtype()) : Tensor()};
}

// dA = V·(diag(dL) + ½·skew(Vᵀ·dV) / E)·Vᵀ,  E[i, j] = L[j] − L[i]
Tensor eigen_gradient(const Tensor& dvalues, const Tensor& dvectors, const Tensor& values, const Tensor& vectors) {
  if (!dvectors.defined()) return matmul(mul(vectors, as_row(dvalues)), mT(vectors));
  Tensor inner = div(mul(skew(matmul(mT(vectors), dvectors)), 0.5), differences(values));
  if (dvalues.defined()) inner = add(inner, diag_embed(dvalues));
  return matmul(matmul(vectors, inner), mT(vectors));
}

SVD svd_of(const Tensor& a, bool full, bool vectors) {
  check_matrices("linalg.svd", a);
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n), mu = full ? m : k, nv = full ? n : k;
  const Shape batch = batch_of(a);
  const Tensor columns = to_columns(a), s = empty(batch + Shape{k}, kFloat64), info = zeros(batch, kInt32);
  const Tensor u = new_columns(batch, m, mu), vt = new_columns(batch, nv, n);
  if (k > 0) {
    each_matrix(batch.numel(), std::max(m, n), [&](int64_t i) {
      double* own = columns.data<double>() + i * m * n;
      info.data<int32_t>()[i] = !all_finite(own, m * n)
                                    ? kNotFinite
                                    : lapack::svd(own, m, n, full, s.data<double>() + i * k,
                                                  vectors ? u.data<double>() + i * m * mu : nullptr,
                                                  vectors ? vt.data<double>() + i * nv * n : nullptr);
    });
    check_info("linalg.svd", info, failure);
  } else {
    copy_values(u, eye(mu, m, kFloat64));
    copy_values(vt, eye(n, nv, kFloat64));
  }
  if (!vectors) return {Tensor(), to(s, a.dtype()), Tensor()};
  return {from_columns(u, a.dtype()), to(s, a.dtype()), from_columns(vt, a.dtype())};
}

// dA = (U·(skew(Uᵀ·dU)/E·S + S·skew(Vᵀ·dV)/E + diag(dS)) + (1 − U·Uᵀ)·dU/S)·Vᵀ + U·(dVᵀ/S)·(1 − V·Vᵀ),
//   E[i, j] = S[j]² − S[i]², 1 on the diagonal
Tensor svd_gradient(const Backward& g, const Tensor& u, const Tensor& s, const Tensor& vh) {
  const int64_t m = u.size(-2), n = vh.size(-1), k = s.size(-1);
  const Tensor &du = g.grads[0], &ds = g.grads[1], &dvh = g.grads[2];
  if (!du.defined() && !dvh.defined()) return matmul(mul(u, as_row(ds)), vh);
  const Tensor e = differences(square(s));
  Tensor inner;
  if (du.defined()) inner = mul(div(skew(matmul(mT(u), du)), e), as_row(s));
  if (dvh.defined()) {
    const Tensor right = mul(as_column(s), div(skew(matmul(vh, mT(dvh))), e));
    inner = inner.defined() ? add(inner, right) : right;
  }
  if (ds.defined()) inner = add(inner, diag_embed(ds));
  Tensor left = matmul(u, inner);
  if (du.defined() && m > k) {
    const Tensor scaled = div(du, as_row(s));
    left = add(left, sub(scaled, matmul(u, matmul(mT(u), scaled))));
  }
  Tensor da = matmul(left, vh);
  if (dvh.defined() && n > k) {
    const Tensor scaled = div(dvh, as_column(s));
    da = add(da, matmul(u, sub(scaled, matmul(matmul(scaled, mT(vh)), vh))));
  }
  return da;
}

}  // namespace

Eigen eigh(const Tensor& a, bool upper) {
  Eigen y = eigen_of(a, upper, true);
  if (needs_grad(a))
    record("LinalgEighBackward0", {&y.values, &y.vectors}, Tensors{a},
           [values = saved_output(y.values, 0), vectors = saved_output(y.vectors, 1)](const Backward& g) -> Tensors {
             return {eigen_gradient(g.grads[0], g.grads[1], values.get(g), vectors.get(g))};
           });
  return y;
}

Tensor eigvalsh(const Tensor& a, bool upper) {
  return needs_grad(a) ? eigh(a, upper).values : eigen_of(a, upper, false).values;
}

SVD svd(const Tensor& a, bool full_matrices) {
  if (full_matrices && needs_grad(a) && a.rank() >= 2 && a.size(-1) != a.size(-2)) {
    // the further columns of U and V have no gradient
    const auto [u, s, vh] = svd(a, false);
    const SVD whole = svd_of(a.detach(), true, true);
    const int64_t k = s.size(-1), m = a.size(-2), n = a.size(-1);
    const auto joined = [](const Tensor& part, const Tensor& all, int64_t dim, int64_t from, int64_t count) {
      return count == 0 ? part : cat({part, narrow(all, dim, from, count)}, dim);
    };
    return {joined(u, whole.u, -1, k, m - k), s, joined(vh, whole.vh, -2, k, n - k)};
  }
  SVD y = svd_of(a, full_matrices, true);
  if (needs_grad(a))
    record("LinalgSvdBackward0", {&y.u, &y.s, &y.vh}, Tensors{a},
           [u = saved_output(y.u, 0), s = saved_output(y.s, 1), vh = saved_output(y.vh, 2)](
               const Backward& g) -> Tensors { return {svd_gradient(g, u.get(g), s.get(g), vh.get(g))}; });
  return y;
}

Tensor svdvals(const Tensor& a) { return needs_grad(a) ? svd(a, false).s : svd_of(a, false, false).s; }

}  // namespace lamina::ops::linalg

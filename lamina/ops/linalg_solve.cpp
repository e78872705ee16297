// Solutions, inverses and determinants, by LU.
#include <cmath>
#include <limits>

#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/lapack.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/linalg_matrices.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops::linalg {

namespace lapack = kernels::lapack;

namespace {

Tensor mT(const Tensor& t) { return matrix_transpose(t); }

// A·x = b for matrices of one batch; info (batch).
Tensor solve_matrices(const Tensor& a, const Tensor& b, const Tensor& info) {
  const int64_t n = a.size(-1), columns = b.size(-1), count = info.numel();
  const Tensor lu = to_columns(a), x = to_columns(b);
  fill_values(info, 0);
  if (n > 0)
    each_matrix(count, n, [&](int64_t i) {
      PooledVector<int> pivots(size_t(n), 0);
      double* factors = lu.data<double>() + i * n * n;
      info.data<int32_t>()[i] = lapack::lu(factors, n, n, pivots.data());
      if (columns > 0) lapack::lu_solve(factors, n, pivots.data(), x.data<double>() + i * n * columns, columns, false);
    });
  Tensor y = from_columns(x, a.dtype());
  if (needs_grad(a, b))
    record("LinalgSolveExBackward0", y, {&a, &b}, [a = Saved(a), y = Saved::output(y)](const Backward& g) -> Tensors {
      const Tensor db = solve_matrices(mT(a.get()), g.dy(), empty(batch_of(a.get()), kInt32));
      return {g.needs(0) ? neg(matmul(db, mT(y.get(g)))) : Tensor(), g.needs(1) ? db : Tensor()};
    });
  return y;
}

Tensor inverse_of(const Tensor& a, const Tensor& info) {
  const Tensor ones = expand(eye(a.size(-1), a.dtype()), a.shape());
  return solve_matrices(a, ones, info);
}

void check_right_side(const std::string& name, const Tensor& a, const Tensor& b) {
  check_square(name, a);
  if (a.dtype() != b.dtype())
    throw DTypeError(str(name, ": Expected A and B to have the same dtype, but found A of type ",
                         scalar_type_name(a.dtype()), " and B of type ", scalar_type_name(b.dtype()), " instead"));
}

bool is_vector(const Tensor& a, const Tensor& b) {
  return b.rank() == 1 || b.shape() == a.shape().slice(0, a.rank() - 1);
}

void check_sides(const std::string& name, const Tensor& a, const Tensor& b, bool left) {
  const int64_t n = a.size(-1), own = b.size(left ? -2 : -1);
  if (b.rank() < 2) throw ShapeError(str(name, ": The input tensor B must have at least 2 dimensions."));
  if (n != own)
    throw ShapeError(str(name, ": Incompatible shapes of A and B for the equation ", left ? "AX = B" : "XA = B", " (",
                         n, "x", n, " and ", b.size(-2), "x", b.size(-1), ")"));
}

// What belongs to one matrix of `own`, which was expanded to info's batch.
Tensor of_own_batch(const Tensor& info, const Shape& own) {
  Tensor y = info;
  while (y.rank() > own.rank()) y = y.size(0) > 0 ? select(y, 0, 0) : zeros(y.shape().slice(1), kInt32);
  for (int d = 0; d < own.rank(); ++d)
    if (own[d] == 1 && y.size(d) > 1) y = narrow(y, d, 0, 1);
  return contiguous(y);
}

}  // namespace

ResultAndInfo solve_ex(const Tensor& a, const Tensor& b, bool left, bool check_errors) {
  const char* name = "linalg.solve";
  check_right_side(name, a, b);
  const bool vector = is_vector(a, b);
  if (vector && !left)
    throw OptionError("linalg.solve: Vector broadcasting of the left hand side is not supported for left=False");
  const Tensor right = vector ? unsqueeze(b, -1) : b;
  check_sides(name, a, right, left);
  const Shape batch = broadcast(batch_of(a), batch_of(right));
  Tensor info = empty(batch, kInt32);
  const Tensor matrices = in_batch(a, batch), sides = in_batch(right, batch);
  const Tensor x = left ? solve_matrices(matrices, sides, info) : mT(solve_matrices(mT(matrices), mT(sides), info));
  info = of_own_batch(info, batch_of(a));
  if (check_errors)
    check_info("torch.linalg.solve", info,
               [](int) -> std::string { return "The solver failed because the input matrix is singular."; });
  return {vector ? squeeze(x, -1) : x, info};
}

Tensor solve(const Tensor& a, const Tensor& b, bool left) { return solve_ex(a, b, left, true).result; }

ResultAndInfo inv_ex(const Tensor& a, bool check_errors) {
  check_square("linalg.inv", a);
  const Tensor info = empty(batch_of(a), kInt32);
  const Tensor y = inverse_of(a, info);
  if (check_errors)
    check_info("linalg.inv", info, [](int i) {
      return str("The diagonal element ", i,
                 " is zero, the inversion could not be completed because the input matrix is singular.");
    });
  return {y, info};
}

Tensor inv(const Tensor& a) { return inv_ex(a, true).result; }

namespace {

Tensor triangular(const Tensor& a, const Tensor& b, bool upper, bool unit) {
  const int64_t n = a.size(-1), columns = b.size(-1), count = batch_of(b).numel();
  const Tensor matrices = to_columns(a), x = to_columns(b);
  if (n > 0 && columns > 0)
    each_matrix(count, n, [&](int64_t i) {
      lapack::triangular_solve(matrices.data<double>() + i * n * n, n, upper, false, unit,
                               x.data<double>() + i * n * columns, columns);
    });
  Tensor y = from_columns(x, a.dtype());
  if (needs_grad(a, b))
    record("LinalgSolveTriangularBackward0", y, {&a, &b},
           [a = Saved(a), y = Saved::output(y), upper, unit](const Backward& g) -> Tensors {
             const Tensor db = triangular(mT(a.get()), g.dy(), !upper, unit);
             if (!g.needs(0)) return {Tensor(), db};
             const Tensor da = neg(matmul(db, mT(y.get(g))));
             return {upper ? triu(da, unit) : tril(da, unit ? -1 : 0), g.needs(1) ? db : Tensor()};
           });
  return y;
}

}  // namespace

Tensor solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left, bool unitriangular) {
  const char* name = "linalg.solve_triangular";
  check_right_side(name, a, b);
  check_sides(name, a, b, left);
  const Shape batch = broadcast(batch_of(a), batch_of(b));
  const Tensor matrices = in_batch(a, batch), sides = in_batch(b, batch);
  if (left) return triangular(matrices, sides, upper, unitriangular);
  return mT(triangular(mT(matrices), mT(sides), !upper, unitriangular));
}

namespace {

// The sign and the logarithm of the size of each determinant in float64.
void determinants(const Tensor& a, const Tensor& sign, const Tensor& logarithm) {
  const int64_t n = a.size(-1);
  const Tensor lu = to_columns(a);
  each_matrix(sign.numel(), n, [&](int64_t i) {
    PooledVector<int> pivots(size_t(n), 0);
    double* factors = lu.data<double>() + i * n * n;
    if (n > 0) lapack::lu(factors, n, n, pivots.data());
    double s = 1, sum = 0;
    for (int64_t k = 0; k < n; ++k) {
      const double v = factors[k * n + k];
      if (pivots[size_t(k)] != k + 1) s = -s;
      s *= v > 0 ? 1 : v < 0 ? -1 : v;  // 0 and NaN stay
      sum += std::log(std::fabs(v));
    }
    sign.data<double>()[i] = s;
    logarithm.data<double>()[i] = sum;
  });
}

// The matrices of cofactors, by singular values: also of singular matrices.
Tensor cofactors(const Tensor& a) {
  const auto [u, s, vh] = svd(a, false);
  const int64_t n = a.size(-1);
  Tensors others;
  for (int64_t k = 0; k < n; ++k)
    others.push_back(mul(prod(narrow(s, -1, 0, k), {-1}, true), prod(narrow(s, -1, k + 1, n - k - 1), {-1}, true)));
  const Tensor sign = mul(det(u.detach()), det(vh.detach()));  // ±1
  return mul(matmul(mul(u, unsqueeze(cat(others, -1), -2)), vh), unsqueeze(unsqueeze(sign, -1), -1));
}

Tensor as_factor(const Tensor& t) { return unsqueeze(unsqueeze(t, -1), -1); }

}  // namespace

Tensor det(const Tensor& a) {
  check_square("linalg.det", a);
  const int64_t n = a.size(-1);
  const Tensor lu = to_columns(a), values = empty(batch_of(a), kFloat64);
  each_matrix(values.numel(), n, [&](int64_t i) {
    PooledVector<int> pivots(size_t(n), 0);
    double *factors = lu.data<double>() + i * n * n, product = 1;
    if (n > 0) lapack::lu(factors, n, n, pivots.data());
    for (int64_t k = 0; k < n; ++k) product *= pivots[size_t(k)] != k + 1 ? -factors[k * n + k] : factors[k * n + k];
    values.data<double>()[i] = product;
  });
  Tensor y = to(values, a.dtype());
  if (needs_grad(a))
    record("LinalgDetBackward0", y, {&a}, [a = Saved(a), y = Saved::output(y)](const Backward& g) -> Tensors {
      const Tensor matrices = a.get();
      if (matrices.size(-1) == 0) return {zeros_like(matrices)};
      if (item(any(eq(y.get(), 0))).to<bool>()) return {mul(as_factor(g.dy()), cofactors(matrices))};
      const Tensor inverse = inverse_of(matrices, empty(batch_of(matrices), kInt32));
      return {mul(as_factor(mul(g.dy(), y.get(g))), mT(inverse))};
    });
  return y;
}

SignAndLog slogdet(const Tensor& a) {
  check_square("linalg.slogdet", a);
  const Tensor sign = empty(batch_of(a), kFloat64), logarithm = empty(batch_of(a), kFloat64);
  determinants(a, sign, logarithm);
  Tensor s = to(sign, a.dtype()), y = to(logarithm, a.dtype());
  if (needs_grad(a))
    record("LinalgSlogdetBackward0", {&s, &y}, Tensors{a}, [a = Saved(a)](const Backward& g) -> Tensors {
      if (!g.grads[1].defined()) return {Tensor()};  // the sign is constant
      const Tensor inverse = inverse_of(a.get(), empty(batch_of(a.get()), kInt32));
      return {mul(as_factor(g.grads[1]), mT(inverse))};
    });
  return {s, y};
}

Tensor logdet(const Tensor& a) {
  check_square("logdet", a);
  const auto [sign, logarithm] = slogdet(a);
  return where(lt(sign, 0), std::numeric_limits<double>::quiet_NaN(), logarithm);
}

Tensor tensorsolve(const Tensor& a, const Tensor& b, const Shape& dims) {
  Tensor matrix = a;
  if (!dims.empty()) {
    Shape destination;
    for (int i = 0; i < dims.rank(); ++i) destination.push_back(a.rank() - dims.rank() + i);
    matrix = movedim(a, dims, destination);
  }
  if (matrix.rank() < b.rank()) throw ShapeError("linalg.tensorsolve: other should not have more dimensions than self");
  const Shape result = matrix.shape().slice(b.rank());
  if (matrix.shape().slice(0, b.rank()).numel() != result.numel() || b.numel() != result.numel())
    throw ShapeError(
        str("Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            "prod(self.shape[:other.ndim]), but got ",
            result.numel(), " != ", matrix.shape().slice(0, b.rank()).numel()));
  const Tensor x = solve(reshape(matrix, {result.numel(), result.numel()}), reshape(b, {-1}));
  return reshape(x, result);
}

Tensor tensorinv(const Tensor& a, int64_t ind) {
  check_floating("tensorinv", a);
  if (ind <= 0) throw OptionError("Expected a strictly positive integer for 'ind'");
  const int64_t first = std::min<int64_t>(ind, a.rank());
  const Shape start = a.shape().slice(0, first), end = a.shape().slice(first);
  if (start.numel() != end.numel())
    throw ShapeError(
        str("Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ",
            end.numel(), " != ", start.numel()));
  return reshape(inv(reshape(a, {start.numel(), end.numel()})), end + start);
}

}  // namespace lamina::ops::linalg

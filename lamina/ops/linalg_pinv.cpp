// What counts singular values as 0 below a tolerance: the pseudoinverse, ranks, least squares.
#include <limits>

#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/lapack.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/linalg_matrices.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops::linalg {

namespace lapack = kernels::lapack;

namespace {

Tensor mT(const Tensor& t) { return matrix_transpose(t); }

double epsilon(DType type) {
  return type == kFloat32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
}

// max(atol, rtol·largest) for each matrix, as a column beside s (batch, k).
Tensor tolerance(const Tensor& a, const Tensor& largest, const Tensor& atol, const Tensor& rtol) {
  const auto as_column = [&](const Tensor& t) { return unsqueeze(to(t.detach(), a.dtype()), -1); };
  const Tensor absolute = atol.defined() ? as_column(atol) : zeros({1}, a.dtype());
  Tensor relative;
  if (rtol.defined()) relative = as_column(rtol);
  else if (atol.defined())
    relative = where(gt(absolute, 0), Scalar(0),
                     full({1}, epsilon(a.dtype()) * double(std::max(a.size(-1), a.size(-2))), a.dtype()));
  else relative = full({1}, epsilon(a.dtype()) * double(std::max(a.size(-1), a.size(-2))), a.dtype());
  return maximum(absolute, mul(relative, largest));
}

// Source: Golub and Pereyra, "The differentiation of pseudo-inverses", 1973, in the order of products of PyTorch.
Tensor pinv_gradient(const Tensor& dy, const Tensor& y, const Tensor& a) {
  const Tensor yt = mT(y), dyt = mT(dy);
  if (a.size(-2) <= a.size(-1)) {
    const Tensor k = matmul(dyt, y), kyt = matmul(k, yt);
    return add(sub(sub(kyt, mT(matmul(y, k))), matmul(matmul(a, y), kyt)),
               matmul(matmul(yt, y), sub(dyt, matmul(k, a))));
  }
  const Tensor k = matmul(y, dyt), ytk = matmul(yt, k);
  return add(sub(ytk, mT(matmul(k, y))), sub(matmul(matmul(sub(dyt, matmul(a, k)), y), yt), matmul(matmul(ytk, y), a)));
}

Tensor pinv_values(const Tensor& a, const Tensor& atol, const Tensor& rtol, bool hermitian) {
  const NoGradGuard guard;
  Tensor left, values, right;  // A = left·diag(values)·right
  if (hermitian) {
    const auto [w, v] = eigh(a);
    left = v, values = w, right = mT(v);
  } else {
    const auto [u, s, vh] = svd(a, false);
    left = u, values = s, right = vh;
  }
  const Tensor sizes = abs(values), largest = amax(sizes, {-1}, true);
  const Tensor counts = gt(sizes, tolerance(a, largest, atol, rtol));
  const Tensor inverse = where(counts, reciprocal(values), Scalar(0));
  return matmul(mul(mT(right), unsqueeze(inverse, -2)), mT(left));
}

}  // namespace

Tensor pinv(const Tensor& input, const Tensor& atol, const Tensor& rtol, bool hermitian) {
  const Tensor a = input.detach();
  if (hermitian) check_square("linalg.pinv", a);
  else check_matrices("linalg.pinv", a);
  Tensor y;
  if (a.numel() == 0) {
    Shape shape = a.shape();
    std::swap(shape[-1], shape[-2]);
    y = empty(shape, a.dtype());
  } else {
    y = pinv_values(a, atol, rtol, hermitian);
  }
  if (needs_grad(input))
    record("LinalgPinvBackward0", y, {&input}, [a = Saved(input), y = Saved::output(y)](const Backward& g) -> Tensors {
      return {pinv_gradient(g.dy(), y.get(g), a.get())};
    });
  return y;
}

Tensor matrix_rank(const Tensor& input, const Tensor& atol, const Tensor& rtol, bool hermitian) {
  const Tensor a = input.detach();
  if (hermitian) check_square("linalg.matrix_rank", a);
  else check_matrices("linalg.matrix_rank", a);
  if (a.numel() == 0) return zeros(batch_of(a), kInt64);
  const Tensor sizes = hermitian ? abs(eigvalsh(a)) : svdvals(a), largest = amax(sizes, {-1}, true);
  return sum(to(gt(sizes, tolerance(a, largest, atol, rtol)), kInt64), {-1});
}

LeastSquares lstsq(const Tensor& a, const Tensor& b, std::optional<double> rcond, const std::string& driver) {
  const char* name = "torch.linalg.lstsq";
  check_matrices(name, a);
  if (driver != "gelsy" && driver != "gels" && driver != "gelsd" && driver != "gelss")
    throw OptionError(str(name, ": parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"));
  if (b.rank() < 1) throw ShapeError(str(name, ": other must have at least 1 dimension."));
  if (a.dtype() != b.dtype())
    throw DTypeError(str(name, ": Expected input and other to have the same dtype, but got input's dtype ",
                         scalar_type_name(a.dtype()), " and other's dtype ", scalar_type_name(b.dtype())));
  const bool vector = b.rank() == 1 ? a.rank() == 2 : b.shape() == a.shape().slice(0, a.rank() - 1);
  const Tensor right = vector ? unsqueeze(b, -1) : b;
  const int64_t m = a.size(-2), n = a.size(-1);
  if (right.rank() < 2 || right.size(-2) != m)
    throw ShapeError(str(name, ": input.size(-2) should match other.size(-2), got ", a.shape(), " and ", b.shape()));
  const int64_t columns = right.size(-1), k = std::min(m, n), rows = std::max(m, n);
  const Shape batch = broadcast(batch_of(a), batch_of(right));
  const Tensor matrices = in_batch(a, batch), sides = in_batch(right, batch);
  const Tensor own = to_columns(matrices), given = to_columns(sides), found = new_columns(batch, rows, columns);
  fill_values(found, 0);
  copy_values(narrow(found, -1, 0, m), given);
  const Tensor rank = zeros(batch, kInt64), singular = zeros(batch + Shape{k}, kFloat64), info = zeros(batch, kInt32);
  const double cut = rcond.value_or(epsilon(a.dtype()) * double(rows));
  if (k > 0 && columns > 0)
    each_matrix(batch.numel(), rows, [&](int64_t i) {
      double *left = own.data<double>() + i * m * n, *x = found.data<double>() + i * rows * columns;
      int known = int(k);
      info.data<int32_t>()[i] = driver == "gels" ? lapack::least_squares_full_rank(left, m, n, x, columns)
                                                 : lapack::least_squares(left, m, n, x, columns, cut,
                                                                         singular.data<double>() + i * k, &known);
      rank.data<int64_t>()[i] = known;
    });
  check_info(name, info, [](int) -> std::string {
    return "The least squares solution could not be computed because the input matrix does not have full rank or the "
           "algorithm failed to converge.";
  });
  Tensor x = from_columns(contiguous(narrow(found, -1, 0, n)), a.dtype());
  if (needs_grad(a, b))
    record("LinalgLstsqBackward0", x, {&matrices, &sides},
           [a = Saved(matrices), b = Saved(sides)](const Backward& g) -> Tensors {
             const Tensor inverse = pinv(a.get());
             return {g.needs(0) ? pinv_gradient(matmul(g.dy(), mT(b.get())), inverse, a.get()) : Tensor(),
                     g.needs(1) ? matmul(mT(inverse), g.dy()) : Tensor()};
           });
  const bool full_rank = driver == "gels" || rank.numel() == 0 || item(all(eq(rank, n))).to<bool>();
  LeastSquares y{vector ? squeeze(x, -1) : x, empty({0}, a.dtype()), empty({0}, kInt64), empty({0}, a.dtype())};
  if (m > n && full_rank && driver != "gelsy") y.residuals = sum(square(sub(matmul(matrices, x), sides)), {-2});
  if (driver != "gels") y.rank = rank;
  if (driver == "gelsd" || driver == "gelss") y.singular_values = to(singular, a.dtype());
  return y;
}

}  // namespace lamina::ops::linalg

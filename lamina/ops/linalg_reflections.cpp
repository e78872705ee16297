// Householder's reflections 1 − tau·v·vᵀ, one after another.
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

namespace {

// v of reflection i (…, m, 1): zeros, a one, what stands below the diagonal.
Tensor direction(const Tensor& a, int64_t i) {
  const int64_t m = a.size(-2);
  const Tensor column = narrow(a, -1, i, 1), start = zeros(batch_of(a) + Shape{m, 1}, a.dtype());
  const Tensor one = narrow(start, -2, i, 1);
  return cat({narrow(start, -2, 0, i), add(one, 1), narrow(column, -2, i + 1, m - i - 1)}, -2);
}

// Every reflection applied to b from the left; the last one first, or the first one first with `transpose`.
Tensor reflect(const Tensor& a, const Tensor& tau, const Tensor& b, bool transpose) {
  const int64_t count = tau.size(-1);
  Tensor y = b;
  if (count == 0 && needs_grad(a, tau, b)) {
    y = clone(b.detach());
    record("HouseholderProductBackward0", y, {&a, &tau, &b},
           [a = a.shape(), tau = tau.shape()](const Backward& g) -> Tensors {
             return {zeros(a, g.dy().dtype()), zeros(tau, g.dy().dtype()), g.dy()};
           });
  }
  for (int64_t step = 0; step < count; ++step) {
    const int64_t i = transpose ? step : count - 1 - step;
    const Tensor v = direction(a, i), factor = unsqueeze(narrow(tau, -1, i, 1), -1);
    y = sub(y, mul(factor, matmul(v, matmul(matrix_transpose(v), y))));
  }
  return y;
}

void check_reflections(const char* name, const Tensor& a, const Tensor& tau) {
  check_matrices(name, a);
  if (tau.rank() != a.rank() - 1 || batch_of(tau, 1) != batch_of(a))
    throw ShapeError(str(name, ": Expected batch dimensions of tau to be equal to input.shape[:-2], but got ",
                         tau.shape(), " for ", a.shape()));
  if (tau.dtype() != a.dtype())
    throw DTypeError(str(name, ": tau dtype ", scalar_type_name(tau.dtype()), " does not match input dtype ",
                         scalar_type_name(a.dtype())));
}

}  // namespace

Reflections geqrf(const Tensor& a) {
  check_matrices("torch.geqrf", a);
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const Shape batch = batch_of(a);
  const Tensor factors = to_columns(a), tau = zeros(batch + Shape{k}, kFloat64);
  if (k > 0)
    each_matrix(batch.numel(), std::max(m, n), [&](int64_t i) {
      kernels::lapack::qr(factors.data<double>() + i * m * n, m, n, tau.data<double>() + i * k);
    });
  return {from_columns(factors, a.dtype()), to(tau, a.dtype())};
}

Tensor householder_product(const Tensor& a, const Tensor& tau) {
  const char* name = "torch.linalg.householder_product";
  check_reflections(name, a, tau);
  if (a.size(-2) < a.size(-1))
    throw ShapeError(str(name, ": input.shape[-2] must be greater than or equal to input.shape[-1]"));
  if (a.size(-1) < tau.size(-1))
    throw ShapeError(str(name, ": input.shape[-1] must be greater than or equal to tau.shape[-1]"));
  return reflect(a, tau, expand(eye(a.size(-2), a.size(-1), a.dtype()), a.shape()), false);
}

Tensor ormqr(const Tensor& a, const Tensor& tau, const Tensor& b, bool left, bool transpose) {
  const char* name = "torch.ormqr";
  check_reflections(name, a, tau);
  if (b.rank() < 2) throw ShapeError(str(name, ": other must have at least 2 dimensions."));
  if (b.dtype() != a.dtype())
    throw DTypeError(str(name, ": Expected input and other to have the same dtype, but input has dtype ",
                         scalar_type_name(a.dtype()), " and other has dtype ", scalar_type_name(b.dtype())));
  if (a.size(-2) != b.size(left ? -2 : -1) || a.size(-1) < tau.size(-1) || batch_of(a) != batch_of(b))
    throw ShapeError(str(name, ": other.shape[", left ? -2 : -1, "] must be equal to input.shape[-2], got ", b.shape(),
                         " and ", a.shape()));
  if (left) return reflect(a, tau, b, transpose);
  return matrix_transpose(reflect(a, tau, matrix_transpose(b), !transpose));
}

}  // namespace lamina::ops::linalg

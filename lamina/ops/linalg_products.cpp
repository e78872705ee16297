// Products of several matrices, powers, exponentials.
#include <cmath>
#include <limits>

#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/graph/node.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/linalg_matrices.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/rearrange.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"

namespace lamina::ops::linalg {

namespace {

// Where the product of matrices [i, j] is cut, by the usual table of costs.
using Cuts = std::vector<std::vector<size_t>>;
Cuts cheapest_cuts(const std::vector<int64_t>& sizes) {
  const size_t n = sizes.size() - 1;
  std::vector<std::vector<double>> cost(n, std::vector<double>(n, 0));
  Cuts cut(n, std::vector<size_t>(n, 0));
  for (size_t length = 1; length < n; ++length)
    for (size_t i = 0; i + length < n; ++i) {
      const size_t j = i + length;
      cost[i][j] = std::numeric_limits<double>::infinity();
      for (size_t k = i; k < j; ++k) {
        const double c = cost[i][k] + cost[k + 1][j] + double(sizes[i]) * double(sizes[k + 1]) * double(sizes[j + 1]);
        if (c < cost[i][j]) cost[i][j] = c, cut[i][j] = k;
      }
    }
  return cut;
}

Tensor product_of(const Tensors& matrices, const Cuts& cut, size_t i, size_t j) {
  if (i == j) return matrices[i];
  const size_t k = cut[i][j];
  return mm(product_of(matrices, cut, i, k), product_of(matrices, cut, k + 1, j));
}

}  // namespace

Tensor multi_dot(const Tensors& tensors) {
  const size_t n = tensors.size();
  if (n < 2) throw OptionError(str("multi_dot(): expected at least 2 tensors but got ", n));
  Tensors matrices = tensors;
  const bool row = tensors.front().rank() == 1, column = tensors.back().rank() == 1;
  if (row) matrices.front() = unsqueeze(tensors.front(), 0);
  if (column) matrices.back() = unsqueeze(tensors.back(), 1);
  for (size_t i = 0; i < n; ++i) {
    if (matrices[i].rank() != 2)
      throw ShapeError(str("multi_dot(): tensor ", i,
                           i == 0 || i + 1 == n ? " must be 1D or 2D but got " : " must be 2D but got ",
                           tensors[i].rank(), "D"));
    if (matrices[i].dtype() != matrices[0].dtype())
      throw DTypeError(str("multi_dot(): all tensors must have be the same dtype but tensor 0 is ",
                           scalar_type_name(matrices[0].dtype()), " and tensor ", i, " ",
                           scalar_type_name(matrices[i].dtype())));
  }
  std::vector<int64_t> sizes{matrices[0].size(0)};
  for (size_t i = 0; i < n; ++i) {
    if (matrices[i].size(0) != sizes.back())
      throw ShapeError(str("multi_dot(): tensors ", i - 1, " and ", i, " with shapes ",
                           tensors[i - 1].shape().list_text(), " and ", tensors[i].shape().list_text(),
                           " cannot be multiplied"));
    sizes.push_back(matrices[i].size(1));
  }
  Tensor y = product_of(matrices, cheapest_cuts(sizes), 0, n - 1);
  if (column) y = squeeze(y, 1);
  return row ? squeeze(y, 0) : y;
}

Tensor vecdot(const Tensor& x, const Tensor& y, int64_t dim) {
  if (!x.is_floating_point())
    throw DTypeError(
        str("linalg.vecdot: Expected a floating point or complex tensor as input. Got ", scalar_type_name(x.dtype())));
  if (x.dtype() != y.dtype())
    throw DTypeError(str("linalg.vecdot: Expected vectors to have the same dtype, got ", scalar_type_name(x.dtype()),
                         " and ", scalar_type_name(y.dtype())));
  return sum(mul(x, y), {dim});
}

Tensor cross(const Tensor& a, const Tensor& b, int64_t dim) {
  if (a.rank() != b.rank()) throw ShapeError("linalg.cross: inputs must have the same number of dimensions.");
  if (a.size(dim) != 3 || b.size(dim) != 3)
    throw ShapeError(
        str("linalg.cross: inputs dimension ", dim, " must have length 3. Got ", a.size(dim), " and ", b.size(dim)));
  return ops::cross(a, b, dim);
}

Tensor matrix_power(const Tensor& a, int64_t n) { return ops::matrix_power(a, n); }

namespace {

// The Padé approximation of order 13, of A halved until its 1-norm is below 5.37, squared back.
Tensor exponential(const Tensor& a) {
  const NoGradGuard guard;
  if (a.numel() == 0) return clone(a);
  const Tensor x = to(a, kFloat64);
  const double size = item(ops::max(sum(abs(x), {-2}))).to_double();
  const int halvings = std::isfinite(size) && size > 5.37 ? int(std::ceil(std::log2(size / 5.37))) : 0;
  const Tensor b = mul(x, std::ldexp(1.0, -halvings)), one = eye(x.size(-1), kFloat64);
  const Tensor b2 = matmul(b, b), b4 = matmul(b2, b2), b6 = matmul(b4, b2);
  const auto sum_of = [&](double c6, double c4, double c2) { return add(add(mul(b6, c6), mul(b4, c4)), mul(b2, c2)); };
  const auto with = [&](const Tensor& t, double c6, double c4, double c2, double c0) {
    return add(add(matmul(b6, t), sum_of(c6, c4, c2)), mul(one, c0));
  };
  const Tensor odd =
      matmul(b, with(sum_of(1, 16380, 40840800), 33522128640., 10559470521600., 1187353796428800., 32382376266240000.));
  const Tensor even =
      with(sum_of(182, 960960, 1323241920), 670442572800., 129060195264000., 7771770303897600., 64764752532480000.);
  Tensor y = solve_ex(sub(even, odd), add(even, odd)).result;
  for (int i = 0; i < halvings; ++i) y = matmul(y, y);
  return to(y, a.dtype());
}

}  // namespace

Tensor matrix_exp(const Tensor& a) {
  const char* name = "linalg.matrix_exp";
  if (a.rank() < 2) throw ShapeError(str(name, ": The input tensor A must have at least 2 dimensions."));
  if (!a.is_floating_point())
    throw DTypeError(
        str(name, ": Expected a floating point or complex tensor as input. Got ", scalar_type_name(a.dtype())));
  if (a.size(-1) != a.size(-2))
    throw ShapeError(str(name, ": A must be batches of square matrices, but they are ", a.size(-2), " by ", a.size(-1),
                         " matrices"));
  Tensor y = exponential(a.detach());
  if (needs_grad(a))
    record("LinalgMatrixExpBackward0", y, {&a}, [a = Saved(a)](const Backward& g) -> Tensors {
      // exp of [Aᵀ dy; 0 Aᵀ] has the derivative in its corner
      const Tensor transposed = matrix_transpose(a.get());
      const int64_t n = transposed.size(-1);
      if (transposed.numel() == 0) return {zeros_like(transposed)};
      const Tensor above = cat({transposed, g.dy()}, -1), below = cat({zeros_like(transposed), transposed}, -1);
      return {narrow(narrow(matrix_exp(cat({above, below}, -2)), -2, 0, n), -1, n, n)};
    });
  return y;
}

Tensor vander(const Tensor& x, std::optional<int64_t> n) {
  if (n && *n <= 1) throw OptionError("linalg.vander: N must be greater than 1.");
  const Tensor vector = x.rank() ? x : reshape(x, {1});
  const Tensor values = is_floating_point(x.dtype()) ? vector : to(vector, kInt64);
  const int64_t count = n.value_or(values.size(-1));
  const Tensor column = unsqueeze(values, -1);
  if (count <= 1) return ones_like(column.detach());
  const Tensor powers = cumprod(expand(column, values.shape() + Shape{count - 1}), -1);
  return cat({ones_like(column.detach()), powers}, -1);
}

}  // namespace lamina::ops::linalg

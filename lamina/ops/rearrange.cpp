#include "lamina/ops/rearrange.h"

#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {
void check_splittable(const Tensor& x) {
  if (x.rank() == 0)
    throw ShapeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
}
}  // namespace

Tensors tensor_split(const Tensor& x, int64_t sections, int64_t dim) {
  check_splittable(x);
  if (sections <= 0) throw OptionError(str("number of sections must be larger than 0, got ", sections));
  const int64_t d = wrap_dim(dim, x.rank()), n = x.size(d);
  Tensors parts;
  for (int64_t i = 0, start = 0; i < sections; ++i) {
    const int64_t length = n / sections + (i < n % sections);
    parts.push_back(slice(x, d, start, start + length));
    start += length;
  }
  return parts;
}

Tensors tensor_split(const Tensor& x, const Shape& indices, int64_t dim) {
  check_splittable(x);
  Tensors parts;
  int64_t start = 0;
  for (const int64_t end : indices) {
    parts.push_back(slice(x, dim, start, end));
    start = end;
  }
  parts.push_back(slice(x, dim, start));
  return parts;
}

Tensor dstack(const Tensors& tensors) {
  Tensors deep;
  for (Tensor t : tensors) {
    while (t.rank() < 2) t = unsqueeze(t, 0);
    deep.push_back(t.rank() == 2 ? unsqueeze(t, 2) : t);
  }
  return cat(deep, 2);
}

Tensor column_stack(const Tensors& tensors) {
  Tensors columns;
  for (const Tensor& t : tensors) columns.push_back(t.rank() <= 1 ? reshape(t, {t.numel(), 1}) : t);
  return cat(columns, 1);
}

Tensor block_diag(const Tensors& matrices) {
  int64_t width = 0, before = 0;
  Tensors blocks, rows;
  for (const Tensor& m : matrices) {
    if (m.rank() > 2)
      throw ShapeError(str("torch.block_diag: Input tensors must have 2 or fewer dimensions, got shape ", m.shape()));
    blocks.push_back(m.rank() == 2 ? m : reshape(m, {1, m.numel()}));
    width += blocks.back().size(1);
  }
  if (blocks.empty()) return empty({1, 0}, default_dtype());
  for (const Tensor& b : blocks) {
    const int64_t after = width - before - b.size(1);
    rows.push_back(cat({zeros({b.size(0), before}, b.dtype()), b, zeros({b.size(0), after}, b.dtype())}, 1));
    before += b.size(1);
  }
  return cat(rows, 0);
}

Tensor rot90(const Tensor& x, int64_t k, const Shape& dims) {
  if (dims.rank() != 2) throw ShapeError(str("expected total rotation dims == 2, but got dims = ", dims.rank()));
  if (x.rank() < 2) throw ShapeError(str("expected total dims >= 2, but got total dims = ", x.rank()));
  const int64_t a = wrap_dim(dims[0], x.rank()), b = wrap_dim(dims[1], x.rank());
  if (a == b)
    throw OptionError(str("expected rotation dims to be different, but got dim0 = ", dims[0], " and dim1 = ", dims[1]));
  switch ((k % 4 + 4) % 4) {
    case 1: return transpose(flip(x, {b}), a, b);
    case 2: return flip(x, {a, b});
    case 3: return transpose(flip(x, {a}), a, b);
    default: return clone(x);
  }
}

namespace {
void check_places(const char* name, const Tensor& index) {
  if (index.dtype() != DType::Int64)
    throw DTypeError(str(name, "(): Expected a long tensor for index, but got ", scalar_type_name(index.dtype())));
}
}  // namespace

Tensor take(const Tensor& x, const Tensor& index) {
  check_places("take", index);
  if (x.numel() == 0 && index.numel() > 0) throw IndexError("take(): tried to take from an empty tensor");
  return reshape(ops::index(reshape(x, {-1}), {reshape(index, {-1})}), index.shape());
}

const Tensor& put_(const Tensor& self, const Tensor& index, const Tensor& source, bool accumulate) {
  check_places("put_", index);
  if (source.numel() != index.numel())
    throw ShapeError(str("put_(): Expected source and index to have the same number of elements, but got ",
                         source.numel(), " and ", index.numel()));
  return inplace(self, "put_", [&](const Tensor& before) {
    const Tensor flat = clone(reshape(before, {-1}));
    index_put_(flat, {reshape(index, {-1})}, reshape(source, {-1}), accumulate);
    return reshape(flat, before.shape());
  });
}

namespace {
// A copy of x in which `part`, a view of the copy, is overwritten.
template <class View>
Tensor overwritten(const char* name, const Tensor& x, const Tensor& src, View view) {
  const Tensor y = clone(x), part = view(y);
  if (part.shape() != src.shape())
    throw ShapeError(str(name, ": expected src to have a size equal to the slice of self. src size = ", src.shape(),
                         ", slice size = ", part.shape()));
  copy_(part, src);
  return y;
}
}  // namespace

Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index) {
  return overwritten("select_scatter", x, src, [&](const Tensor& y) { return select(y, dim, index); });
}
Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim, std::optional<int64_t> start,
                     std::optional<int64_t> end, int64_t step) {
  return overwritten("slice_scatter", x, src, [&](const Tensor& y) { return slice(y, dim, start, end, step); });
}
Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) {
  return overwritten("diagonal_scatter", x, src, [&](const Tensor& y) { return diagonal(y, offset, dim1, dim2); });
}
Tensor as_strided_scatter(const Tensor& x, const Tensor& src, const Shape& shape, const Strides& strides,
                          std::optional<int64_t> storage_offset) {
  // the numbers are those of x's own memory, which the copy does not share
  return overwritten("as_strided_scatter", contiguous(x), src,
                     [&](const Tensor& y) { return as_strided(y, shape, strides, storage_offset.value_or(0)); });
}

namespace {
template <class Keep>
Tensor triangle_places(int64_t rows, int64_t cols, Keep keep) {
  if (rows < 0 || cols < 0) throw OptionError(str("row and col must be non-negative, got ", rows, " and ", cols));
  std::vector<int64_t> first, second;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      if (keep(i, j)) first.push_back(i), second.push_back(j);
  return stack({tensor(first), tensor(second)}, 0);
}
}  // namespace

Tensor tril_indices(int64_t rows, int64_t cols, int64_t offset) {
  return triangle_places(rows, cols, [&](int64_t i, int64_t j) { return j - i <= offset; });
}
Tensor triu_indices(int64_t rows, int64_t cols, int64_t offset) {
  return triangle_places(rows, cols, [&](int64_t i, int64_t j) { return j - i >= offset; });
}

Tensor cartesian_prod(const Tensors& vectors) {
  if (vectors.empty()) throw OptionError("cartesian_prod expects at least one tensor");
  Shape shape;
  for (const Tensor& v : vectors) {
    if (v.rank() != 1) throw ShapeError(str("Expect a 1D vector, but got shape ", v.shape()));
    shape.push_back(v.numel());
  }
  if (vectors.size() == 1) return vectors[0];
  Tensors columns;
  for (size_t i = 0; i < vectors.size(); ++i) {
    Shape one = Shape::filled(shape.rank(), 1);
    one[int64_t(i)] = vectors[i].numel();
    columns.push_back(reshape(expand(reshape(vectors[i], one), shape), {-1}));
  }
  return stack(columns, 1);
}

Tensor combinations(const Tensor& x, int64_t r, bool with_replacement) {
  if (x.rank() != 1) throw ShapeError(str("Expect a 1D vector, but got shape ", x.shape()));
  if (r < 0) throw OptionError(str("Expect a non-negative number, but got ", r));
  if (r == 0) return empty({0}, x.dtype());
  std::vector<int64_t> places, now;
  int64_t rows = 0;
  const auto choose = [&](auto& self, int64_t from) -> void {
    if (int64_t(now.size()) == r) {
      places.insert(places.end(), now.begin(), now.end());
      ++rows;
      return;
    }
    for (int64_t i = from; i < x.numel(); ++i) {
      now.push_back(i);
      self(self, with_replacement ? i : i + 1);
      now.pop_back();
    }
  };
  choose(choose, 0);
  return reshape(index_select(x, 0, tensor(places)), {rows, r});
}

Tensor vander(const Tensor& x, std::optional<int64_t> n, bool increasing) {
  if (x.rank() != 1) throw ShapeError(str("vander: x must be a one-dimensional tensor, got shape ", x.shape()));
  const int64_t count = n.value_or(x.numel());
  if (count < 0) throw OptionError(str("vander: N must be non-negative, got ", count));
  const DType type = x.is_floating_point() ? x.dtype() : DType::Int64;
  if (count == 0) return empty({x.numel(), 0}, type);
  const Tensor base = to(x, type), one = ones({x.numel(), 1}, type);
  const Tensor powers =
      count == 1 ? one : cat({one, cumprod(expand(unsqueeze(base, 1), {x.numel(), count - 1}), 1)}, 1);
  return increasing ? powers : flip(powers, {1});
}

Tensor inner(const Tensor& a, const Tensor& b) {
  if (a.rank() == 0 || b.rank() == 0) return mul(a, b);
  if (a.size(-1) != b.size(-1))
    throw ShapeError(str("inner() the last dimension must match on both input tensors but got shapes ", a.shape(),
                         " and ", b.shape()));
  const auto rows = [](const Tensor& x) {
    const int64_t n = x.size(-1);
    return reshape(x, {x.numel() / std::max<int64_t>(n, 1), n});
  };
  return reshape(matmul(rows(a), t(rows(b))), a.shape().slice(0, -1) + b.shape().slice(0, -1));
}

Tensor kron(const Tensor& a, const Tensor& b) {
  const int64_t rank = std::max(a.rank(), b.rank());
  Shape left, right, joined;
  for (int64_t d = 0; d < rank; ++d) {
    const int64_t n = d < rank - a.rank() ? 1 : a.shape()[d - (rank - a.rank())];
    const int64_t m = d < rank - b.rank() ? 1 : b.shape()[d - (rank - b.rank())];
    left.push_back(n), left.push_back(1);
    right.push_back(1), right.push_back(m);
    joined.push_back(n * m);
  }
  return reshape(mul(reshape(a, left), reshape(b, right)), joined);
}

namespace {
// An integer's factor loses its fraction, as in PyTorch; a bool stays one.
Tensor scaled(const Tensor& x, Scalar factor) {
  if (x.dtype() == DType::Bool) return factor.to_double() != 0 ? x : zeros_like(x);
  if (!x.is_floating_point()) factor = factor.to<int64_t>();
  return factor.to_double() == 1 ? x : mul(x, factor);
}
// With beta·x, of which nothing counts where beta is 0, not even a NaN.
Tensor plus_scaled(const Tensor& product, const Tensor& x, Scalar beta) {
  return beta.to_double() == 0 ? product : add(product, scaled(x, beta));
}
}  // namespace

Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  if (a.rank() != 1 || b.rank() != 1)
    throw ShapeError(str("addr: Expected 1-D arguments vec1 and vec2, but got shapes ", a.shape(), " and ", b.shape()));
  const Tensor product = mul(unsqueeze(a, 1), unsqueeze(b, 0));
  return plus_scaled(scaled(product, alpha), expand(x, product.shape()), beta);
}

Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  const Tensor product = sum(bmm(a, b), {0});
  return to(plus_scaled(scaled(product, alpha), expand(x, product.shape()), beta), product.dtype());
}

Tensor matrix_power(const Tensor& x, int64_t n) {
  if (x.rank() < 2 || x.size(-1) != x.size(-2))
    throw ShapeError(str("linalg.matrix_power: A must be batches of square matrices, but they are ", x.shape()));
  if (n < 0) return matrix_power(linalg::inv(x), -n);
  if (n == 0) {
    Tensor y = clone(expand(eye(x.size(-1), x.dtype()), x.shape()));
    if (needs_grad(x))
      record("LinalgMatrixPowerBackward0", y, {&x}, [](const Backward& g) -> Tensors { return {zeros_like(g.dy())}; });
    return y;
  }
  Tensor power, square = x;
  for (; n; n >>= 1) {
    if (n & 1) power = power.defined() ? matmul(power, square) : square;
    if (n > 1) square = matmul(square, square);
  }
  return power.is(x) ? clone(x) : power;
}

}  // namespace lamina::ops

// Ranges, triangles and single numbers, declared in creation.h.
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// values[i] = f(i), in the type that arithmetic on T happens in
template <class F>
Tensor filled_by(int64_t n, DType dtype, F f) {
  Tensor t = empty({n}, dtype);
  dispatch_all(dtype, [&]<class T>() {
    T* out = t.data<T>();
    for (int64_t i = 0; i < n; ++i) out[i] = T(compute_t<T>(f(i)));
  });
  return t;
}

bool is_integer(Scalar s) { return s.kind() != Scalar::Kind::Float; }

}  // namespace

Tensor full_like(const Tensor& t, Scalar value) { return full(t.shape(), value, t.dtype()); }
Tensor tensor(Scalar value, DType dtype) { return full({}, value, dtype); }

Tensor arange(Scalar start, Scalar end, Scalar step, std::optional<DType> dtype) {
  if (dtype == DType::Int64 && !(is_integer(start) && is_integer(end) && is_integer(step)))
    return arange(start.to<int64_t>(), end.to<int64_t>(), step.to<int64_t>(), dtype);  // as PyTorch: cut off first
  const bool integers = is_integer(start) && is_integer(end) && is_integer(step);
  const DType type = dtype.value_or(integers ? DType::Int64 : default_dtype());
  const double from = start.to_double(), to = end.to_double(), by = step.to_double();
  if (by == 0 || std::isnan(by)) throw OptionError("step must be nonzero");
  if (!std::isfinite(from) || !std::isfinite(to)) throw OptionError(str("unsupported range: ", from, " -> ", to));
  if ((by > 0 && from > to) || (by < 0 && from < to))
    throw OptionError(str("upper bound and lower bound inconsistent with step sign: ", start, ", ", end, ", ", step));
  double count;
  if (integers) {
    const int64_t a = start.to<int64_t>(), b = end.to<int64_t>(), s = step.to<int64_t>();
    const int64_t last = b - (s > 0 ? 1 : -1);
    count = a == b ? 0 : double((last - a) / s + 1);
  } else {
    count = std::ceil((to - from) / by);
  }
  if (count > 9e18) throw ShapeError(str("arange: ", count, " elements are too many"));
  const auto n = int64_t(count);
  if (integers) {
    const int64_t a = start.to<int64_t>(), s = step.to<int64_t>();
    return filled_by(n, type, [=](int64_t i) { return a + i * s; });
  }
  return filled_by(n, type, [=](int64_t i) { return from + double(i) * by; });
}
Tensor arange(Scalar end, std::optional<DType> dtype) {
  return arange(is_integer(end) ? Scalar(0) : Scalar(0.0), end, 1, dtype);
}

Tensor linspace(double start, double end, int64_t steps, DType dtype) {
  if (steps < 0) throw OptionError(str("number of steps must be non-negative, got ", steps));
  const double step = steps > 1 ? (end - start) / double(steps - 1) : 0;
  // from both ends, so that both are exact
  return filled_by(steps, dtype, [=](int64_t i) {
    return i < steps / 2 || steps == 1 ? start + step * double(i) : end - step * double(steps - 1 - i);
  });
}

Tensor logspace(double start, double end, int64_t steps, double base, DType dtype) {
  if (steps < 0) throw OptionError(str("number of steps must be non-negative, got ", steps));
  const double step = steps > 1 ? (end - start) / double(steps - 1) : 0;
  return filled_by(steps, dtype, [=](int64_t i) {
    return std::pow(base, i < steps / 2 || steps == 1 ? start + step * double(i) : end - step * double(steps - 1 - i));
  });
}

Tensor eye(int64_t rows, DType dtype) { return eye(rows, rows, dtype); }
Tensor eye(int64_t rows, int64_t cols, DType dtype) {
  if (rows < 0 || cols < 0) throw ShapeError(str("n must be greater or equal to 0, got ", std::min(rows, cols)));
  Tensor y = zeros({rows, cols}, dtype);
  fill_values(diagonal(y), 1);
  return y;
}

namespace {
Tensor triangle(const Tensor& x, int64_t offset, bool lower) {
  if (x.rank() < 2)
    throw ShapeError(str(lower ? "tril" : "triu", ": input tensor must have at least 2 dimensions, got ", x.shape()));
  Tensor y = empty_like(x);
  copy_values(y, x);
  const int64_t rows = x.size(-2), cols = x.size(-1), count = y.numel() ? y.numel() / (rows * cols) : 0,
                size = element_size(x.dtype());
  for (int64_t r = 0; r < count * rows; ++r) {
    const int64_t edge =
        std::clamp<int64_t>(r % rows + offset + (lower ? 1 : 0), 0, cols);  // the first column that is cut (kept)
    std::byte* row = y.bytes() + r * cols * size;
    if (lower) std::fill(row + edge * size, row + cols * size, std::byte{0});
    else std::fill(row, row + edge * size, std::byte{0});
  }
  if (needs_grad(x))
    record(lower ? "TrilBackward0" : "TriuBackward0", y, {&x},
           [offset, lower](const Backward& g) -> Tensors { return {triangle(g.dy(), offset, lower)}; });
  return y;
}
}  // namespace

Tensor tril(const Tensor& x, int64_t diagonal) {
  return triangle(x, std::clamp<int64_t>(diagonal, -(1LL << 60), 1LL << 60), true);
}
Tensor triu(const Tensor& x, int64_t diagonal) {
  return triangle(x, std::clamp<int64_t>(diagonal, -(1LL << 60), 1LL << 60), false);
}

Tensor diag(const Tensor& x, int64_t offset) {
  if (x.rank() == 2) return clone(diagonal(x, offset));
  if (x.rank() != 1) throw ShapeError(str("diag(): Supports 1D or 2D tensors. Got ", x.rank(), "D"));
  const int64_t size = x.size(0) + std::abs(offset);
  Tensor y = zeros({size, size}, x.dtype());
  copy_values(diagonal(y, offset), x);
  if (needs_grad(x))
    record("DiagBackward0", y, {&x}, [offset](const Backward& g) -> Tensors { return {diagonal(g.dy(), offset)}; });
  return y;
}

Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const int64_t a = wrap_dim(dim1, x.rank() + 1), b = wrap_dim(dim2, x.rank() + 1);
  if (x.rank() == 0 || a == b) throw ShapeError(str("diagonal dimensions cannot be identical ", dim1, ", ", dim2));
  const int64_t size = x.size(-1) + std::abs(offset);
  Shape shape = x.shape().slice(0, -1);
  shape.insert(std::min(a, b), size);
  shape.insert(std::max(a, b), size);
  Tensor y = zeros(shape, x.dtype());
  copy_values(diagonal(y, offset, a, b), x);
  if (needs_grad(x))
    record("DiagEmbedBackward0", y, {&x},
           [=](const Backward& g) -> Tensors { return {diagonal(g.dy(), offset, a, b)}; });
  return y;
}

Scalar item(const Tensor& t) {
  if (t.numel() != 1)
    throw Error(str("a Tensor with ", t.numel(), " elements cannot be converted to Scalar"),
                "Index it, or reduce it first");
  return dispatch_all(t.dtype(), [&]<class T>() { return Scalar(compute_t<T>(t.data<T>()[0])); });
}

}  // namespace lamina::ops

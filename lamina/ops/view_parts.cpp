// The views that hold a part of their input, declared in view.h.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/make_view.h"
#include "lamina/ops/overlapping.h"
#include "lamina/ops/placed.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// Zeros of `shape` with dy in the place that part(zeros) names: the gradient of part. part is linear, so its own gradient is part.
template <class F>
Tensor embed(const Tensor& dy, const Shape& shape, F part) {
  Tensor y = zeros(shape, dy.dtype());
  copy_values(part(y), dy);
  if (needs_grad(dy))
    record("EmbedBackward0", y, {&dy}, [part](const Backward& g) -> Tensors { return {part(g.dy())}; });
  return y;
}

// A part that needs nothing but numbers: its gradient is embed of itself.
template <class F>
Tensor make_part(const char* node, const Tensor& x, const Shape& shape, const Strides& strides, int64_t offset,
                 F part) {
  return make_view(node, x, shape, strides, offset,
                   [own = x.shape(), part](const Tensor& dy) { return embed(dy, own, part); });
}

}  // namespace

Tensor slice(const Tensor& x, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> stop, int64_t step) {
  if (x.rank() == 0) throw ShapeError("slice() cannot be applied to a 0-dim tensor.");
  const int64_t d = wrap_dim(dim, x.rank()), size = x.shape()[d];
  if (step <= 0) throw OptionError(str("slice step must be positive, got ", step));
  const auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size); };
  const int64_t from = bound(start.value_or(0)), to = std::max(from, bound(stop.value_or(size)));
  Shape shape = x.shape();
  Strides strides = x.strides();
  const int64_t offset = shape[d] ? from * strides[d] : 0;
  shape[d] = (to - from) / step + ((to - from) % step != 0);
  if (shape[d] > 1) strides[d] *= step;
  return make_part("SliceBackward0", x, shape, strides, offset,
                   [=](const Tensor& t) { return slice(t, d, from, to, step); });
}

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  if (x.rank() == 0) throw ShapeError("narrow() cannot be applied to a 0-dim tensor.");
  const int64_t d = wrap_dim(dim, x.rank()), size = x.shape()[d];
  if (length < 0) throw ShapeError(str("narrow(): length must be non-negative, got ", length));
  if (start < -size || start > size)
    throw IndexError(
        str("start out of range (expected to be in range of [", -size, ", ", size, "], but got ", start, ")"));
  const int64_t from = start < 0 ? start + size : start;
  if (length > size - from)
    throw IndexError(str("start (", from, ") + length (", length, ") exceeds dimension size (", size, ")."));
  return slice(x, d, from, from + length);
}

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  if (x.rank() == 0) throw IndexError("select() cannot be applied to a 0-dim tensor.");
  const int64_t d = wrap_dim(dim, x.rank()), size = x.shape()[d];
  if (index < -size || index >= size)
    throw IndexError(str("index ", index, " is out of bounds for dimension ", d, " with size ", size));
  const int64_t i = index < 0 ? index + size : index;
  Shape shape = x.shape();
  Strides strides = x.strides();
  const int64_t offset = i * strides[d];
  shape.erase(d);
  strides.erase(d);
  return make_part("SelectBackward0", x, shape, strides, offset, [=](const Tensor& t) { return select(t, d, i); });
}

Tensors unbind(const Tensor& x, int64_t dim) {
  if (x.rank() == 0) throw IndexError("Dimension specified as 0 but tensor has no dimensions");
  const int64_t d = wrap_dim(dim, x.rank());
  Tensors parts;
  for (int64_t i = 0; i < x.shape()[d]; ++i) parts.push_back(select(x, d, i));
  return parts;
}

Tensors split(const Tensor& x, int64_t split_size, int64_t dim) {
  if (x.rank() == 0) throw ShapeError("split expects at least a 1-dimensional tensor");
  const int64_t d = wrap_dim(dim, x.rank()), size = x.shape()[d];
  if (split_size < 0 || (split_size == 0 && size != 0))
    throw OptionError(str("split_size must be positive, got ", split_size, " for a dimension of size ", size));
  Tensors parts;
  if (size == 0) parts.push_back(slice(x, d));
  for (int64_t from = 0; from < size; from += std::min(split_size, size - from))
    parts.push_back(slice(x, d, from, from + std::min(split_size, size - from)));
  return parts;
}

Tensors split(const Tensor& x, const Shape& sizes, int64_t dim) {
  if (x.rank() == 0) throw ShapeError("split expects at least a 1-dimensional tensor");
  const int64_t d = wrap_dim(dim, x.rank()), size = x.shape()[d];
  int64_t total = 0;
  for (const int64_t s : sizes) {
    if (s < 0)
      throw ShapeError(str("split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=",
                           sizes.list_text()));
    total = s > size - total ? size + 1 : total + s;
  }
  if (total != size)
    throw ShapeError(str("split_with_sizes expects split_sizes to sum exactly to ", size,
                         " (input tensor's size at dimension ", d, "), but got split_sizes=", sizes.list_text()));
  Tensors parts;
  int64_t from = 0;
  for (const int64_t s : sizes) {
    parts.push_back(slice(x, d, from, from + s));
    from += s;
  }
  return parts;
}

Tensors chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  if (x.rank() == 0) throw ShapeError("chunk expects at least a 1-dimensional tensor");
  if (chunks <= 0) throw OptionError(str("chunk expects `chunks` to be greater than 0, got: ", chunks));
  const int64_t size = x.size(dim), part = size / chunks + (size % chunks != 0);
  if (part > 0) return split(x, part, dim);
  return split(x, Shape::filled(int(chunks), 0), dim);
}

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const int64_t a = wrap_dim(dim1, x.rank()), b = wrap_dim(dim2, x.rank());
  if (x.rank() < 2 || a == b)
    throw ShapeError(
        str("diagonal dimensions cannot be identical ", dim1, ", ", dim2, " of a tensor of shape ", x.shape()));
  const int64_t rows = x.shape()[a], cols = x.shape()[b];
  const int64_t length =
      offset >= 0 ? std::clamp<int64_t>(cols - offset, 0, rows) : std::clamp<int64_t>(rows + offset, 0, cols);
  const int64_t first = length == 0 ? 0 : offset >= 0 ? offset * x.strides()[b] : -offset * x.strides()[a];
  Shape shape = x.shape();
  Strides strides = x.strides();
  const int64_t step = strides[a] + strides[b];
  for (const int64_t d : {std::max(a, b), std::min(a, b)}) {
    shape.erase(d);
    strides.erase(d);
  }
  shape.push_back(length);
  strides.push_back(step);
  return make_part("DiagonalBackward0", x, shape, strides, first,
                   [=](const Tensor& t) { return diagonal(t, offset, a, b); });
}

Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step) {
  const int64_t d = wrap_dim(dim, x.rank()), length = x.rank() ? x.shape()[d] : 1;
  if (size < 0) throw OptionError(str("size is ", size, " but must be >= 0"));
  if (size > length)
    throw OptionError(str("maximum size for tensor at dimension ", d, " is ", length, " but size is ", size));
  if (step <= 0) throw OptionError(str("step is ", step, " but must be > 0"));
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape.push_back(size);
  strides.push_back(x.rank() ? strides[d] : 1);
  if (x.rank()) {
    shape[d] = (length - size) / step + 1;
    strides[d] *= step;
  }
  return make_view("UnfoldBackward0", x, shape, strides, 0, [own = x.shape(), d, size, step](const Tensor& dy) {
    Tensor dx = zeros(own, dy.dtype());
    add_overlapping(unfold(dx, d, size, step), dy.detach());
    if (needs_grad(dy))
      record("UnfoldBackwardBackward0", dx, {&dy},
             [=](const Backward& g) -> Tensors { return {unfold(g.dy(), d, size, step)}; });
    return dx;
  });
}

Tensor as_strided(const Tensor& x, const Shape& shape, const Strides& strides, std::optional<int64_t> storage_offset) {
  if (shape.rank() != strides.rank())
    throw ShapeError(str("mismatch in length of strides and shape: ", strides.list_text(), " and ", shape.list_text()));
  const int64_t first = storage_offset.value_or(x.storage_offset()), n = checked_numel(shape, element_size(x.dtype()));
  if (first < 0) throw OptionError(str("Tensor: invalid storage offset ", first));
  int64_t last = first;
  for (int d = 0; d < shape.rank(); ++d) {
    int64_t reach;
    if (strides[d] < 0)
      throw OptionError(
          str("as_strided: Negative strides are not supported at the moment, got strides: ", strides.list_text()));
    if (__builtin_mul_overflow(std::max<int64_t>(shape[d] - 1, 0), strides[d], &reach) ||
        __builtin_add_overflow(last, reach, &last))
      throw ShapeError(str("as_strided: sizes ", shape.list_text(), " and strides ", strides.list_text(), " overflow"));
  }
  const int64_t capacity = x->storage->bytes / element_size(x.dtype());
  if (n > 0 && last >= capacity)
    throw ShapeError(str("setStorage: sizes ", shape.list_text(), ", strides ", strides.list_text(),
                         ", storage offset ", first, ", and itemsize ", element_size(x.dtype()),
                         " requiring a storage size of ", (last + 1) * element_size(x.dtype()),
                         " are out of bounds for storage of size ", x->storage->bytes));
  if (needs_grad(x) && x.overlaps_itself())
    throw NotImplementedError("as_strided of an expanded tensor has no gradient here", "Call contiguous() first");
  const int64_t own_first = x.storage_offset();
  return make_view("AsStridedBackward0", x, shape, strides, n == 0 ? 0 : first - own_first,
                   [placed = Placed(x, shape, strides, first)](const Tensor& dy) { return spread(dy, placed); });
}

}  // namespace lamina::ops

#include "lamina/ops/concat.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// What PyTorch leaves out of a cat, whatever the shapes of the others.
bool is_nothing(const Tensor& t) { return t.rank() == 1 && t.numel() == 0; }

Shape cat_shape(const Tensors& tensors, int64_t& dim) {
  if (tensors.empty()) throw OptionError("torch.cat(): expected a non-empty list of Tensors");
  const Tensor* first = nullptr;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].defined()) throw DTypeError(str("tensor number ", i, " is undefined (None)"));
    if (tensors[i].rank() == 0)
      throw ShapeError(str("zero-dimensional tensor (at position ", i, ") cannot be concatenated"),
                       "Use stack, or reshape it to (1,)");
    if (!first && !is_nothing(tensors[i])) first = &tensors[i];
  }
  if (!first) {
    dim = wrap_dim(dim, 1);
    return {0};
  }
  dim = wrap_dim(dim, first->rank());
  Shape shape = first->shape();
  shape[dim] = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& t = tensors[i];
    if (is_nothing(t)) continue;
    if (t.rank() != shape.rank())
      throw ShapeError(str("Tensors must have same number of dimensions: got ", shape.rank(), " and ", t.rank()));
    for (int d = 0; d < shape.rank(); ++d)
      if (d != dim && t.shape()[d] != shape[d])
        throw ShapeError(str("Sizes of tensors must match except in dimension ", dim, ". Expected size ", shape[d],
                             " but got size ", t.shape()[d], " for tensor number ", i, " in the list."));
    shape[dim] += t.shape()[dim];
  }
  return shape;
}

}  // namespace

Tensor cat(const Tensors& tensors, int64_t dim) {
  const Shape shape = cat_shape(tensors, dim);
  DType type = tensors[0].dtype();
  for (const Tensor& t : tensors) type = promote_types(type, t.dtype());
  Tensor y = empty(shape, type);
  int64_t at = 0;
  for (const Tensor& t : tensors) {
    if (is_nothing(t)) continue;
    copy_values(alias(y, t.shape(), y.strides(), at * y.strides()[dim]), t);
    at += t.shape()[dim];
  }
  if (needs_grad(tensors)) {
    struct Part {
      Shape shape;
      DType type;
    };
    std::vector<Part> parts;
    for (const Tensor& t : tensors) parts.push_back({t.shape(), t.dtype()});
    record("CatBackward0", {&y}, tensors, [parts, dim](const Backward& g) -> Tensors {
      Tensors gradients(parts.size());
      int64_t from = 0;
      for (size_t i = 0; i < parts.size(); ++i) {
        const bool nothing = parts[i].shape.rank() == 1 && parts[i].shape[0] == 0;
        const int64_t size = nothing ? 0 : parts[i].shape[dim];
        if (g.needs(i))
          gradients[i] =
              nothing ? zeros(parts[i].shape, parts[i].type) : to(slice(g.dy(), dim, from, from + size), parts[i].type);
        from += size;
      }
      return gradients;
    });
  }
  return y;
}

Tensor stack(const Tensors& tensors, int64_t dim) {
  if (tensors.empty()) throw Error("stack expects a non-empty TensorList");
  Tensors wider;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].shape() != tensors[0].shape())
      throw ShapeError(str("stack expects each tensor to be equal size, but got ", tensors[0].shape().list_text(),
                           " at entry 0 and ", tensors[i].shape().list_text(), " at entry ", i));
    wider.push_back(unsqueeze(tensors[i], dim));
  }
  return cat(wider, wrap_dim(dim, tensors[0].rank() + 1));
}

Tensor hstack(const Tensors& tensors) {
  if (tensors.empty()) throw Error("hstack expects a non-empty TensorList");
  Tensors wide;
  for (const Tensor& t : tensors) wide.push_back(t.rank() == 0 ? view(t, {1}) : t);
  return cat(wide, wide[0].rank() == 1 ? 0 : 1);
}

Tensor vstack(const Tensors& tensors) {
  if (tensors.empty()) throw Error("vstack expects a non-empty TensorList");
  Tensors wide;
  for (const Tensor& t : tensors) wide.push_back(t.rank() == 0 ? view(t, {1, 1}) : t.rank() == 1 ? unsqueeze(t, 0) : t);
  return cat(wide, 0);
}

Tensor roll(const Tensor& x, const Shape& shifts, const Shape& dims) {
  if (shifts.empty()) throw Error("`shifts` required");
  if (dims.empty() && shifts.rank() == 1) return reshape(roll(flatten(x), shifts, {0}), x.shape());
  if (shifts.rank() != dims.rank())
    throw ShapeError(str("shifts and dimensions must align. shifts: ", shifts.rank(), ", dims:", dims.rank()));
  Tensor y = x;
  for (int i = 0; i < dims.rank(); ++i) {
    if (x.rank() == 0) throw IndexError(str("Dimension specified as ", dims[i], " but tensor has no dimensions"));
    const int64_t d = wrap_dim(dims[i], x.rank()), size = x.shape()[d];
    if (size < 2) continue;
    const int64_t by = ((shifts[i] % size) + size) % size;
    if (by) y = cat({slice(y, d, size - by), slice(y, d, 0, size - by)}, d);
  }
  return y.is(x) ? clone(x) : y;
}

Tensor flip(const Tensor& x, const Shape& dims) {
  const Shape turned = wrap_dims(dims, x.rank());
  Strides strides = x.strides();
  int64_t offset = 0;
  for (const int64_t d : turned) {
    if (x.rank() == 0 || x.shape()[d] == 0) continue;
    offset += (x.shape()[d] - 1) * strides[d];
    strides[d] = -strides[d];
  }
  Tensor y = empty_like(x);
  copy_values(y, alias(x, x.shape(), strides, offset));
  if (needs_grad(x))
    record("FlipBackward0", y, {&x}, [turned](const Backward& g) -> Tensors { return {flip(g.dy(), turned)}; });
  return y;
}

Tensor repeat(const Tensor& x, const Shape& repeats) {
  const int added = repeats.rank() - x.rank();
  if (added < 0)
    throw ShapeError(
        str("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: repeats ",
            repeats, ", tensor ", x.shape()));
  Shape apart, full, result;
  for (int d = 0; d < repeats.rank(); ++d) {
    if (repeats[d] < 0)
      throw ShapeError(str("Trying to create tensor with negative dimension ", repeats[d], ": repeats ", repeats));
    const int64_t size = d < added ? 1 : x.shape()[d - added];
    apart.push_back(1);
    apart.push_back(size);
    full.push_back(repeats[d]);
    full.push_back(size);
    result.push_back(size * repeats[d]);
  }
  checked_numel(full, element_size(x.dtype()));
  return reshape(clone(expand(reshape(x, apart), full)), result);
}

Tensor tile(const Tensor& x, const Shape& repeats) {
  Shape all = Shape::filled(std::max(0, x.rank() - repeats.rank()), 1);
  return repeat(x, all + repeats);
}

Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim) {
  if (repeats < 0) throw OptionError(str("Repeats must be non-negative, got ", repeats));
  const Tensor in = dim ? x : flatten(x);
  const int64_t d = wrap_dim(dim.value_or(0), in.rank());
  if (in.rank() == 0) return repeat_interleave(reshape(in, {1}), repeats, 0);
  Shape full = in.shape(), result = in.shape();
  full.insert(d + 1, repeats);
  if (__builtin_mul_overflow(result[d], repeats, &result[d]))
    throw ShapeError(str("repeat_interleave: ", repeats, " repeats are too many"));
  return reshape(clone(expand(unsqueeze(in, d + 1), full)), result);
}

Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim) {
  if (repeats.dtype() != DType::Int64 && repeats.dtype() != DType::Int32)
    throw DTypeError(str("repeats has to be Long or Int tensor, got ", name(repeats.dtype())));
  if (repeats.rank() > 1)
    throw ShapeError(str("repeat_interleave: repeats must be 0-dim or 1-dim tensor, got ", repeats.shape()));
  const Tensor in = dim ? x : flatten(x), counts = contiguous(to(repeats, DType::Int64));
  const int64_t d = wrap_dim(dim.value_or(0), in.rank()), size = in.rank() ? in.shape()[d] : 1;
  if (counts.numel() == 1) return repeat_interleave(in, counts.data<int64_t>()[0], d);
  if (counts.numel() != size)
    throw ShapeError(str("repeats must have the same size as input along dim, but got repeats.size(0) = ",
                         counts.numel(), " and input.size(", d, ") = ", size));
  int64_t total = 0;
  for (int64_t i = 0; i < size; ++i) {
    if (counts.data<int64_t>()[i] < 0) throw OptionError("repeats can not be negative");
    total += counts.data<int64_t>()[i];
  }
  Tensor rows = empty({total}, DType::Int64);
  int64_t* out = rows.data<int64_t>();
  for (int64_t i = 0; i < size; ++i) out = std::fill_n(out, counts.data<int64_t>()[i], i);
  return index_select(in, d, rows);
}

}  // namespace lamina::ops

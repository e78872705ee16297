#include "lamina/ops/view.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/make_view.h"
#include "lamina/ops/pointwise.h"

namespace lamina::ops {

Shape inferred_shape(const Shape& shape, int64_t numel) {
  int unknown = -1;
  int64_t known = 1;
  bool overflow = false;
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] == -1) {
      if (unknown >= 0) throw ShapeError(str("only one dimension can be inferred, got shape ", shape.list_text()));
      unknown = d;
    } else if (shape[d] < 0) {
      throw ShapeError(str("invalid shape dimension ", shape[d], " in shape ", shape.list_text()));
    } else {
      overflow |= __builtin_mul_overflow(known, shape[d], &known);
    }
  }
  if (!overflow && unknown < 0 && known == numel) return shape;
  if (!overflow && unknown >= 0) {
    if (known > 0 && numel % known == 0) {
      Shape full = shape;
      full[unknown] = numel / known;
      return full;
    }
    if (known == 0 && numel == 0)
      throw ShapeError(str("cannot reshape tensor of 0 elements into shape ", shape.list_text(),
                           " because the unspecified dimension size -1 can be any value and is ambiguous"));
  }
  throw ShapeError(str("shape '", shape.list_text(), "' is invalid for input of size ", numel));
}

Shape wrap_dims(const Shape& dims, int rank) {
  Shape wrapped;
  for (const int64_t d : dims) {
    const int64_t w = wrap_dim(d, rank);
    if (std::find(wrapped.begin(), wrapped.end(), w) != wrapped.end())
      throw ShapeError(str("dim ", w, " appears multiple times in the list of dims ", dims));
    wrapped.push_back(w);
  }
  return wrapped;
}

namespace {

// The strides under which x's elements have `shape` without a copy. A run of dimensions that lie behind one another can be
// cut anew in any way; new dimensions may not cross from one run to the next.
std::optional<Strides> strides_for(const Tensor& x, const Shape& shape) {
  if (x.is_contiguous() || x.numel() == 0) return contiguous_strides(shape);
  if (x.shape() == shape) return x.strides();
  Strides strides = Shape::filled(shape.rank(), 1);
  int to = shape.rank() - 1;
  int64_t step = x.strides().back(), run = 1, taken = 1;
  for (int from = x.rank() - 1; from >= 0; --from) {
    run *= x.shape()[from];
    if (from > 0 && (x.shape()[from - 1] == 1 || x.strides()[from - 1] == run * step)) continue;
    for (; to >= 0 && (taken < run || shape[to] == 1); --to) {
      strides[to] = taken * step;
      taken *= shape[to];
    }
    if (taken != run) return {};
    if (from > 0) {
      step = x.strides()[from - 1];
      run = taken = 1;
    }
  }
  if (to >= 0) return {};
  return strides;
}

Tensor view_as(const Tensor& x, const Shape& shape, const Strides& strides) {
  return make_view("ViewBackward0", x, shape, strides, 0,
                   [own = x.shape()](const Tensor& dy) { return reshape(dy, own); });
}

}  // namespace

Tensor view(const Tensor& x, const Shape& shape) {
  const Shape full = inferred_shape(shape, x.numel());
  const auto strides = strides_for(x, full);
  if (!strides)
    throw ShapeError(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
        "two contiguous subspaces). Use .reshape(...) instead.");
  return view_as(x, full, *strides);
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  const Shape full = inferred_shape(shape, x.numel());
  if (const auto strides = strides_for(x, full)) return view_as(x, full, *strides);
  return view_as(clone(x), full, contiguous_strides(full));
}

Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  const int64_t start = wrap_dim(start_dim, x.rank()), end = wrap_dim(end_dim, x.rank());
  if (start > end)
    throw ShapeError(
        str("flatten() has invalid args: start_dim cannot come after end_dim, got ", start_dim, " and ", end_dim));
  if (x.rank() == 0) return view(x, {1});
  if (start == end) return x;
  Shape shape = x.shape().slice(0, start);
  shape.push_back(x.shape().slice(start, end + 1).numel());
  return reshape(x, shape + x.shape().slice(end + 1));
}

Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes) {
  const int64_t d = wrap_dim(dim, x.rank());
  if (sizes.empty()) throw ShapeError("unflatten: sizes must be non-empty");
  const int64_t size = x.size(d);
  Shape parts;
  try {
    parts = inferred_shape(sizes, size);
  } catch (const ShapeError&) {
    throw ShapeError(str("unflatten: Provided sizes ", sizes.list_text(), " don't multiply up to the size of dim ", d,
                         " (", size, ") in the input tensor"));
  }
  return view(x, x.shape().slice(0, d) + parts + x.shape().slice(d + 1));
}

namespace {
Tensor squeeze_where(const Tensor& x, const auto& asked) {
  Shape shape;
  Strides strides;
  for (int d = 0; d < x.rank(); ++d) {
    if (x.shape()[d] == 1 && asked(d)) continue;
    shape.push_back(x.shape()[d]);
    strides.push_back(x.strides()[d]);
  }
  return make_view("SqueezeBackward0", x, shape, strides, 0,
                   [own = x.shape()](const Tensor& dy) { return reshape(dy, own); });
}
}  // namespace

Tensor squeeze(const Tensor& x) {
  return squeeze_where(x, [](int) { return true; });
}
Tensor squeeze(const Tensor& x, int64_t dim) {
  const int64_t wanted = wrap_dim(dim, x.rank());
  return squeeze_where(x, [&](int d) { return d == wanted; });
}
Tensor squeeze(const Tensor& x, const Shape& dims) {
  const Shape wanted = wrap_dims(dims, x.rank());
  return squeeze_where(x, [&](int d) { return std::find(wanted.begin(), wanted.end(), d) != wanted.end(); });
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  const int64_t d = wrap_dim(dim, x.rank() + 1);
  Shape shape = x.shape();
  Strides strides = x.strides();
  strides.insert(d, d < x.rank() ? shape[d] * strides[d] : 1);
  shape.insert(d, 1);
  return make_view("UnsqueezeBackward0", x, shape, strides, 0,
                   [own = x.shape()](const Tensor& dy) { return reshape(dy, own); });
}

Tensor alias_of(const Tensor& x) {
  return make_view("AliasBackward0", x, x.shape(), x.strides(), 0, [](const Tensor& dy) { return dy; });
}

Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  const int64_t a = wrap_dim(dim0, x.rank()), b = wrap_dim(dim1, x.rank());
  Shape shape = x.shape();
  Strides strides = x.strides();
  if (x.rank() > 0) {
    std::swap(shape[a], shape[b]);
    std::swap(strides[a], strides[b]);
  }
  return make_view("TransposeBackward0", x, shape, strides, 0,
                   [a, b](const Tensor& dy) { return transpose(dy, a, b); });
}

Tensor t(const Tensor& x) {
  if (x.rank() > 2)
    throw ShapeError(str("t() expects a tensor with <= 2 dimensions, but self is ", x.rank(), "D"),
                     "Use transpose or permute");
  return x.rank() < 2 ? transpose(x, 0, 0) : transpose(x, 0, 1);
}

Tensor reverse_dims(const Tensor& x) {
  Shape dims;
  for (int d = x.rank() - 1; d >= 0; --d) dims.push_back(d);
  return permute(x, dims);
}

Tensor matrix_transpose(const Tensor& x) {
  if (x.rank() < 2)
    throw ShapeError(
        str("tensor.mT is only supported on matrices or batches of matrices. Got ", x.rank(), "-D tensor."));
  return transpose(x, -2, -1);
}

Tensor permute(const Tensor& x, const Shape& dims) {
  if (dims.rank() != x.rank())
    throw ShapeError(
        str("permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            "ordering of "
            "dimensions i.e. input.dim() = ",
            x.rank(), " is not equal to len(dims) = ", dims.rank()));
  const Shape order = wrap_dims(dims, x.rank());
  Shape shape = x.shape(), inverse = order;
  Strides strides = x.strides();
  for (int d = 0; d < x.rank(); ++d) {
    shape[d] = x.shape()[order[d]];
    strides[d] = x.strides()[order[d]];
    inverse[order[d]] = d;
  }
  return make_view("PermuteBackward0", x, shape, strides, 0,
                   [inverse](const Tensor& dy) { return permute(dy, inverse); });
}

Tensor movedim(const Tensor& x, const Shape& source, const Shape& destination) {
  if (source.rank() != destination.rank())
    throw ShapeError(str("movedim: Invalid source or destination dims: source (", source.list_text(),
                         " dims) should contain the same number of dims as destination (", destination.list_text(),
                         " dims)"));
  const Shape from = wrap_dims(source, x.rank()), to = wrap_dims(destination, x.rank());
  Shape order = Shape::filled(x.rank(), -1);
  for (int i = 0; i < from.rank(); ++i) order[to[i]] = from[i];
  int next = 0;
  for (int64_t& d : order) {
    if (d >= 0) continue;
    while (std::find(from.begin(), from.end(), next) != from.end()) ++next;
    d = next++;
  }
  return permute(x, order);
}
Tensor movedim(const Tensor& x, int64_t source, int64_t destination) {
  return movedim(x, Shape{source}, Shape{destination});
}

Tensor expand(const Tensor& x, const Shape& shape) {
  const int added = shape.rank() - x.rank();
  if (added < 0)
    throw ShapeError(str("expand: the number of sizes provided (", shape.rank(),
                         ") must be greater or equal to the number of dimensions in the tensor (", x.rank(),
                         "): ", x.shape(), " to ", shape));
  Shape full = shape;
  Strides strides = Shape::filled(shape.rank(), 0);
  for (int d = 0; d < shape.rank(); ++d) {
    const int64_t own = d < added ? 1 : x.shape()[d - added];
    if (full[d] == -1 && d >= added) full[d] = own;
    if (full[d] < 0)
      throw ShapeError(str("The expanded size of the tensor (", full[d],
                           ") isn't allowed in a leading, non-existing dimension ", d));
    if (full[d] != own && own != 1)
      throw ShapeError(str("The expanded size of the tensor (", full[d], ") must match the existing size (", own,
                           ") at non-singleton dimension ", d, ".  Target sizes: ", shape.list_text(),
                           ".  Tensor sizes: ", x.shape().list_text()));
    if (d >= added && full[d] == own) strides[d] = x.strides()[d - added];
  }
  checked_numel(full, 1);
  return make_view("ExpandBackward0", x, full, strides, 0,
                   [own = x.shape()](const Tensor& dy) { return sum_to(dy, own); });
}
Tensor expand_as(const Tensor& x, const Tensor& other) { return expand(x, other.shape()); }

namespace {
// self takes over the arrangement and the history of y, a view of it.
const Tensor& become(const Tensor& self, const char* name, const Tensor& y) {
  if (is_grad_enabled() && self.is_leaf() && self.requires_grad())
    throw Error("a leaf Variable that requires grad is being used in an in-place operation.",
                str("Wrap ", name, " in no_grad()"));
  self->shape = y.shape();
  self->strides = y.strides();
  self->contiguous = y.is_contiguous();
  self->node = y->node;
  self->output_index = y->output_index;
  ++self->history_version;
  self.bump_version();
  return self;
}
}  // namespace

const Tensor& squeeze_(const Tensor& self) { return become(self, "squeeze_", squeeze(self)); }
const Tensor& squeeze_(const Tensor& self, int64_t dim) { return become(self, "squeeze_", squeeze(self, dim)); }
const Tensor& unsqueeze_(const Tensor& self, int64_t dim) { return become(self, "unsqueeze_", unsqueeze(self, dim)); }
const Tensor& transpose_(const Tensor& self, int64_t dim0, int64_t dim1) {
  return become(self, "transpose_", transpose(self, dim0, dim1));
}
const Tensor& t_(const Tensor& self) { return become(self, "t_", t(self)); }

}  // namespace lamina::ops

#include "lamina/ops/indexing.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/index_checks.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {
Rows rows_along(const char* name, const Tensor& x, int64_t dim, const Tensor& index, bool negative = false) {
  const int64_t d = wrap_dim(dim, x.rank());
  if (index.rank() > 1) throw IndexError(str(name, "(): Index is supposed to be a vector, got shape ", index.shape()));
  return {
      int(d), x.rank() ? 1 : 0, checked_index(name, index, x.rank() ? x.shape()[d] : 1, d, negative), {index.numel()}};
}

// The source of index_add and index_copy as slices of x's shape.
Tensor checked_source(const char* name, const Tensor& x, const Rows& rows, const Tensor& source) {
  if (source.dtype() != x.dtype())
    throw DTypeError(str(name, "(): self (", scalar_type_name(x.dtype()), ") and source (",
                         scalar_type_name(source.dtype()), ") must have the same scalar type"));
  const Shape expected = x.shape().slice(0, rows.first) + rows.positions + x.shape().slice(rows.first + rows.count);
  if (source.shape() == expected) return source;
  if (source.rank() == 0 && rows.numbers.numel() == 1 && expected.numel() == 1) return reshape(source, expected);
  throw ShapeError(str(name, "(): source ", source.shape(), " must have shape ", expected, " for self ", x.shape(),
                       " and ", rows.numbers.numel(), " indices"));
}
}  // namespace

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  const Tensor y = take_rows(x, rows_along("index_select", x, dim, index));
  return x.rank() == 0 ? reshape(y, {}) : y;
}

const Tensor& index_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) {
  check_inplace(self, "index_add_");
  const Rows rows = rows_along("index_add_", self, dim, index);
  const Tensor values = checked_source("index_add_", self, rows, source);
  put_rows(self, rows, alpha.to_double() == 1 ? values : mul(values, alpha), true);
  return self;
}
const Tensor& index_copy_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source) {
  check_inplace(self, "index_copy_");
  const Rows rows = rows_along("index_copy_", self, dim, index);
  put_rows(self, rows, checked_source("index_copy_", self, rows, source), false);
  return self;
}
const Tensor& index_fill_(const Tensor& self, int64_t dim, const Tensor& index, Scalar value) {
  check_inplace(self, "index_fill_");
  const Rows rows = rows_along("index_fill_", self, dim, index, true);
  const Shape shape = self.shape().slice(0, rows.first) + rows.positions + self.shape().slice(rows.first + rows.count);
  put_rows(self, rows, full(shape, value, self.dtype()), false);
  return self;
}
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) {
  return index_add_(clone(x), dim, index, source, alpha);
}
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return index_copy_(clone(x), dim, index, source);
}
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  return index_fill_(clone(x), dim, index, value);
}

// ---- masks --------------------------------------------------------------------------------------------------------

namespace {
// The places in a flattened tensor that are not zero.
Tensor true_places(const Tensor& mask) {
  const Tensor m = contiguous(mask.dtype() == DType::Bool ? mask.detach() : to(mask.detach(), DType::Bool));
  const bool* at = m.data<bool>();
  int64_t count = 0;
  for (int64_t i = 0; i < m.numel(); ++i) count += at[i];
  Tensor places = empty({count}, DType::Int64);
  int64_t* out = places.data<int64_t>();
  for (int64_t i = 0; i < m.numel(); ++i)
    if (at[i]) *out++ = i;
  return places;
}
}  // namespace

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  if (mask.dtype() != DType::Bool)
    throw DTypeError(str("masked_select: expected BoolTensor for mask, got ", name(mask.dtype())));
  const Shape shape = broadcast(x.shape(), mask.shape());
  const Tensor places = true_places(expand(mask, shape)), whole = expand(x, shape);
  return take_rows(whole, {0, whole.rank(), places, {places.numel()}});
}

Tensor masked_scatter(const Tensor& input, const Tensor& mask, const Tensor& source) {
  if (mask.dtype() != DType::Bool)
    throw DTypeError(str("masked_scatter_ only supports boolean masks, but got mask with dtype ", name(mask.dtype())));
  if (source.dtype() != input.dtype())
    throw DTypeError(str("masked_scatter: expected self and source to have same dtypes but got ", name(input.dtype()),
                         " and ", name(source.dtype())));
  const Shape shape = broadcast(input.shape(), mask.shape());
  const Tensor places = true_places(expand(mask, shape)), x = clone(expand(input, shape));
  if (source.numel() < places.numel())
    throw ShapeError(
        str("masked_scatter: expected source to have at least ", places.numel(), " elements, got ", source.numel()));
  put_rows(x, {0, x.rank(), places, {places.numel()}}, slice(flatten(source), 0, 0, places.numel()), false);
  return x;
}
const Tensor& masked_scatter_(const Tensor& self, const Tensor& mask, const Tensor& source) {
  return inplace(self, "masked_scatter_", [&](const Tensor& before) { return masked_scatter(before, mask, source); });
}
const Tensor& fill_diagonal_(const Tensor& self, Scalar value) {
  if (self.rank() != 2) throw ShapeError(str("fill_diagonal_: expected a matrix, got ", self.shape()));
  fill_(diagonal(self), value);
  return self;
}

Tensor nonzero(const Tensor& x) {
  const Tensor places = true_places(x);
  Tensor index = empty({places.numel(), x.rank()}, DType::Int64);
  int64_t* out = index.data<int64_t>();
  for (int64_t i = 0; i < places.numel(); ++i) {
    int64_t rest = places.data<int64_t>()[i];
    for (int d = x.rank() - 1; d >= 0; --d) {
      out[i * x.rank() + d] = rest % x.shape()[d];
      rest /= x.shape()[d];
    }
  }
  return index;
}

// ---- x[…] ---------------------------------------------------------------------------------------------------------

namespace {

// Indices that have been split: a view of x by numbers and slices, and what tensors take from it.
struct Taken {
  Tensor view;               // x[numbers, slices, None, …]; in front the indexed dimensions when they stand apart
  std::optional<Rows> rows;  // what is left to take
};

void add_mask(Tensors& at, const Tensor& mask, const Shape& shape, size_t dim) {
  for (int d = 0; d < mask.rank(); ++d)
    if (int(dim) + d >= shape.rank() || mask.shape()[d] != shape[int64_t(dim) + d])
      throw IndexError(str("The shape of the mask ", mask.shape().list_text(), " at index ", d,
                           " does not match the shape of the indexed tensor ", shape.list_text(), " at index ",
                           int64_t(dim) + d));
  const Tensor where = nonzero(mask);
  for (int d = 0; d < mask.rank(); ++d) at[dim + size_t(d)] = contiguous(select(where, 1, d));
}

// The indexed dimensions' numbers as one: Σ index·size of the dimensions behind.
Rows combine(const Tensors& at, const Shape& shape, int first, int count) {
  Shape positions;
  for (int d = first; d < first + count; ++d) {
    try {
      positions = d == first ? at[size_t(d)].shape() : broadcast(positions, at[size_t(d)].shape());
    } catch (const ShapeError&) {
      std::string shapes;
      for (int k = first; k < first + count; ++k)
        shapes += str(k > first ? ", " : "", at[size_t(k)].shape().list_text());
      throw IndexError(str("shape mismatch: indexing tensors could not be broadcast together with shapes ", shapes));
    }
  }
  Rows rows{first, count, {}, positions};
  for (int d = first; d < first + count; ++d) {
    const Tensor own = contiguous(expand(checked_index("index", at[size_t(d)], shape[d], d, true), positions));
    rows.numbers = rows.numbers.defined() ? add(mul(rows.numbers, shape[d]), own) : own;
  }
  return rows;
}

Taken split_indices(const Tensor& x, const Indices& indices) {
  int64_t used = 0, others = 0;
  for (const Index& i : indices) {
    using K = Index::Kind;
    if (i.kind == K::Number || i.kind == K::Slice) ++used;
    if (i.kind == K::Tensor) {
      const DType type = i.tensor.dtype();
      if (type == DType::Bool || type == DType::UInt8) used += i.tensor.rank();
      else if (type == DType::Int64 || type == DType::Int32) ++used;
      else throw IndexError(str("tensors used as indices must be long, int, byte or bool tensors, got ", name(type)));
    }
    others += i.kind == K::AllOthers;
  }
  if (others > 1) throw IndexError("an index can only have a single ellipsis ('...')");
  if (used > x.rank()) throw IndexError(str("too many indices for tensor of dimension ", x.rank()));

  Tensor v = x;
  int64_t d = 0;  // the dimension of v that the next index is for
  Tensors at;     // by dimension of v
  const auto place = [&](int64_t dim) {
    if (at.size() <= size_t(dim)) at.resize(size_t(dim) + 1);
  };
  for (const Index& i : indices) {
    switch (i.kind) {
      case Index::Kind::Number: v = select(v, d, i.number); break;
      case Index::Kind::Slice: v = slice(v, d++, i.slice.start, i.slice.stop, i.slice.step); break;
      case Index::Kind::NewAxis: v = unsqueeze(v, d++); break;
      case Index::Kind::AllOthers: d += x.rank() - used; break;
      case Index::Kind::Bool:
        v = unsqueeze(v, d);
        place(d);
        at[size_t(d++)] = i.number ? zeros({1}, DType::Int64) : zeros({0}, DType::Int64);
        break;
      case Index::Kind::Tensor: {
        const DType type = i.tensor.dtype();
        if (type != DType::Bool && type != DType::UInt8) {
          place(d);
          at[size_t(d++)] = i.tensor;
        } else if (i.tensor.rank() == 0) {
          v = unsqueeze(v, d);
          place(d);
          at[size_t(d++)] = contiguous(to(nonzero(reshape(i.tensor, {1})), DType::Int64)).numel()
                                ? zeros({1}, DType::Int64)
                                : zeros({0}, DType::Int64);
        } else {
          place(d + i.tensor.rank() - 1);
          add_mask(at, i.tensor, v.shape(), size_t(d));
          d += i.tensor.rank();
        }
      }
    }
  }
  if (at.empty()) return {v, {}};
  at.resize(size_t(v.rank()));
  Shape order, rest;
  int first = -1, last = -1;
  for (int k = 0; k < v.rank(); ++k) {
    if (!at[size_t(k)].defined()) {
      rest.push_back(k);
      continue;
    }
    if (first < 0) first = k;
    last = k;
    order.push_back(k);
  }
  const int count = order.rank();
  if (last - first + 1 == count) return {v, combine(at, v.shape(), first, count)};
  Tensors in_front;
  for (const int64_t k : order) in_front.push_back(at[size_t(k)]);
  v = permute(v, order + rest);
  return {v, combine(in_front, v.shape(), 0, count)};
}

}  // namespace

Tensor index(const Tensor& x, const Indices& indices) {
  const Taken taken = split_indices(x, indices);
  if (taken.rows) return take_rows(taken.view, *taken.rows);
  return taken.view.is(x) ? alias_of(x) : taken.view;
}

const Tensor& index_put_(const Tensor& self, const Indices& indices, const Tensor& value, bool accumulate) {
  check_inplace(self, "index_put_");
  const Taken taken = split_indices(self, indices);
  const Tensor& v = taken.view;
  if (!taken.rows) {
    // PyTorch drops leading dimensions of size 1 that the place does not have
    Tensor from = value;
    while (from.rank() > v.rank() && from.size(0) == 1) from = squeeze(from, 0);
    accumulate ? add_(v, from) : copy_(v, from);
    return self;
  }
  const Shape shape = v.shape().slice(0, taken.rows->first) + taken.rows->positions +
                      v.shape().slice(taken.rows->first + taken.rows->count);
  if (value.dtype() != self.dtype() && value.rank() > 0)
    throw DTypeError(str("Index put requires the source and destination dtypes match, got ",
                         scalar_type_name(self.dtype()), " for the destination and ", scalar_type_name(value.dtype()),
                         " for the source."));
  Tensor from = to(value, self.dtype());
  while (from.rank() > shape.rank() && from.size(0) == 1) from = squeeze(from, 0);
  bool fits = from.rank() <= shape.rank();
  for (int d = 1; fits && d <= from.rank(); ++d) fits = from.shape()[-d] == 1 || from.shape()[-d] == shape[-d];
  if (!fits)
    throw ShapeError(str("shape mismatch: value tensor of shape ", value.shape().list_text(),
                         " cannot be broadcast to indexing result of shape ", shape.list_text()));
  put_rows(v, *taken.rows, expand(from, shape), accumulate);
  return self;
}

Tensor one_hot(const Tensor& index, int64_t num_classes) {
  if (index.dtype() != DType::Int64)
    throw DTypeError(str("one_hot is only applicable to index tensor of type LongTensor, got ", name(index.dtype())));
  if (index.numel() == 0 && num_classes <= 0)
    throw Error("Can not infer total number of classes from empty tensor.", "Give num_classes");
  int64_t lowest = 0, highest = -1;
  const Tensor at = contiguous(index);
  for (int64_t i = 0; i < at.numel(); ++i) {
    lowest = std::min(lowest, at.data<int64_t>()[i]);
    highest = std::max(highest, at.data<int64_t>()[i]);
  }
  if (lowest < 0) throw Error(str("Class values must be non-negative, got ", lowest));
  if (num_classes == -1) num_classes = highest + 1;
  if (num_classes < 1) throw OptionError(str("num_classes should be positive, got ", num_classes));
  if (highest >= num_classes)
    throw Error(str("Class values must be smaller than num_classes: got ", highest, " for num_classes ", num_classes));
  Tensor y = zeros(index.shape() + Shape{num_classes}, DType::Int64);
  for (int64_t i = 0; i < at.numel(); ++i) y.data<int64_t>()[i * num_classes + at.data<int64_t>()[i]] = 1;
  return y;
}

}  // namespace lamina::ops

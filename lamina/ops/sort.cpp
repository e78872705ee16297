#include "lamina/ops/sort.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/kernels/sort.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

Tensor comparable(const Tensor& x) {
  return x.dtype() == DType::BFloat16 || x.dtype() == DType::Float16 ? to(x.detach(), DType::Float32) : x.detach();
}

// The first k places along dim in order, in x's shape but for dim.
Tensor places(const Tensor& x, int64_t dim, int64_t k, bool descending) {
  if (x.rank() == 0) return zeros({}, DType::Int64);
  const Tensor rows = contiguous(transpose(comparable(x), dim, -1));
  Shape shape = rows.shape();
  shape[-1] = k;
  Tensor index = empty(shape, DType::Int64);
  const int64_t n = rows.size(-1), count = shape.slice(0, -1).numel();
  dispatch_arithmetic(rows.dtype(), "sort", [&]<class T>() {
    kernels::order_rows(rows.data<T>(), count, n, k, descending, index.data<int64_t>());
  });
  return contiguous(transpose(index, dim, -1));
}

ValuesAndIndices taken(const Tensor& x, int64_t dim, Tensor index) {
  Tensor values = x.rank() == 0 ? clone(x) : gather(x, dim, index);
  return {std::move(values), std::move(index)};
}

ValuesAndIndices at_rank(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  if (x.rank() == 0) return {clone(x), zeros({}, DType::Int64)};
  const Tensor index = narrow(places(x, dim, k, false), dim, k - 1, 1);
  const Tensor values = gather(x, dim, index);
  return keepdim ? ValuesAndIndices{values, contiguous(index)}
                 : ValuesAndIndices{squeeze(values, dim), contiguous(squeeze(index, dim))};
}

}  // namespace

ValuesAndIndices sort(const Tensor& x, int64_t dim, bool descending) {
  const int64_t d = wrap_dim(dim, x.rank());
  return taken(x, d, places(x, d, x.rank() ? x.size(d) : 1, descending));
}
Tensor argsort(const Tensor& x, int64_t dim, bool descending) {
  const int64_t d = wrap_dim(dim, x.rank());
  return places(x, d, x.rank() ? x.size(d) : 1, descending);
}

ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest) {
  const int64_t d = wrap_dim(dim, x.rank()), size = x.rank() ? x.size(d) : 1;
  if (k < 0 || k > size) throw OptionError(str("selected index k out of range: ", k, " of ", size, " elements"));
  return taken(x, d, places(x, d, k, largest));
}

ValuesAndIndices kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  const int64_t d = wrap_dim(dim, x.rank()), size = x.rank() ? x.size(d) : 1;
  if (k < 1 || k > size)
    throw OptionError(
        str("kthvalue(): selected number k out of range for dimension ", d, ": ", k, " of ", size, " elements"));
  return at_rank(x, k, d, keepdim);
}

ValuesAndIndices median(const Tensor& x, int64_t dim, bool keepdim) {
  const int64_t d = wrap_dim(dim, x.rank()), size = x.rank() ? x.size(d) : 1;
  if (size == 0) throw IndexError(str("median(): Expected reduction dim ", d, " to have non-zero size."));
  const ValuesAndIndices middle = at_rank(x, (size + 1) / 2, d, keepdim);
  if (!x.is_floating_point()) return middle;
  // a NaN is sorted last: where there is one, it is the median
  const ValuesAndIndices last = max(x, d, keepdim);
  const Tensor spoilt = ne(last.values.detach(), last.values.detach());
  if (!any(spoilt).data<bool>()[0]) return middle;
  return {where(spoilt, last.values, middle.values), where(spoilt, last.indices, middle.indices)};
}
Tensor median(const Tensor& x) {
  if (x.numel() == 0) return full({}, std::nan(""), x.dtype());
  return median(flatten(x), 0, false).values;
}

Tensor bincount(const Tensor& x, int64_t minlength, const Tensor& weights) {
  if (x.rank() != 1 || is_floating_point(x.dtype()))
    throw OptionError("bincount only supports 1-d non-negative integral inputs.");
  if (minlength < 0) throw OptionError(str("minlength should be >= 0, got ", minlength));
  const Tensor values = contiguous(to(x, DType::Int64));
  int64_t length = minlength;
  for (int64_t i = 0; i < values.numel(); ++i) {
    if (values.data<int64_t>()[i] < 0) throw OptionError("bincount only supports 1-d non-negative integral inputs.");
    length = std::max(length, values.data<int64_t>()[i] + 1);
  }
  if (weights.defined()) {
    if (weights.shape() != x.shape())
      throw ShapeError(
          str("weights should be 1-d and have the same length as input, got ", weights.shape(), " for ", x.shape()));
    const DType type = weights.dtype() == DType::Float32 ? DType::Float32 : DType::Float64;
    return scatter_add(zeros({length}, type), 0, values, to(weights.detach(), type));
  }
  Tensor counts = zeros({length}, DType::Int64);
  for (int64_t i = 0; i < values.numel(); ++i) ++counts.data<int64_t>()[values.data<int64_t>()[i]];
  return counts;
}

}  // namespace lamina::ops

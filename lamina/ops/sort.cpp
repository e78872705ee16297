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

Tensor quantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim,
                const std::string& interpolation) {
  if (x.dtype() != DType::Float32 && x.dtype() != DType::Float64)
    throw DTypeError(str("quantile() input tensor must be either float or double dtype, got ", name(x.dtype())));
  if (q.rank() > 1) throw ShapeError(str("quantile() q must be a scalar or 1D tensor, got ", q.shape()));
  if (q.dtype() != x.dtype()) throw DTypeError("quantile() q tensor must be same dtype as the input tensor");
  if (x.numel() == 0) throw Error("quantile() input tensor must be non-empty");
  if (!all(logical_and(ge(q, 0), le(q, 1))).data<bool>()[0])
    throw OptionError("quantile() q values must be in the range [0, 1]");
  const int64_t d = dim ? wrap_dim(*dim, x.rank()) : 0;
  const Tensor rows = dim && x.rank() > 0 ? movedim(x, d, -1) : flatten(x);  // (…, n)
  const int64_t n = rows.size(-1);
  const Tensor sorted = sort(rows).values, last = slice(sorted, -1, n - 1);
  const Tensor rank = mul(flatten(q), double(n - 1)), below = floor(rank.detach());  // (m)
  const Tensor low = index_select(sorted, rows.rank() - 1, to(below, DType::Int64));
  const Tensor high = index_select(sorted, rows.rank() - 1, to(ceil(rank.detach()), DType::Int64));
  Tensor share = sub(rank, below);  // of the upper neighbour
  if (interpolation == "lower") share = zeros_like(rank);
  else if (interpolation == "higher") share = ceil(share);
  else if (interpolation == "nearest") share = sub(round(rank), below);
  else if (interpolation == "midpoint") share = mul(ceil(share), 0.5);
  else if (interpolation != "linear")
    throw OptionError("quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got " +
                      interpolation);
  Tensor y = add(low, mul(sub(high, low), share));  // (…, m)
  y = where(isnan(last.detach()), last, y);
  y = movedim(y, -1, 0);  // (m, …)
  if (keepdim) {
    if (dim && x.rank() > 0) y = unsqueeze(y, d + 1);
    else y = reshape(y, Shape{y.size(0)} + Shape::filled(x.rank(), 1));
  }
  return q.rank() == 0 ? squeeze(y, 0) : y;
}

Unique unique(const Tensor& x) {
  const Tensor flat = contiguous(reshape(comparable(x), {-1}).detach());
  const int64_t n = flat.numel();
  const Tensor order = argsort(flat);
  Tensor inverse = empty(x.shape(), DType::Int64);
  std::vector<int64_t> first, counts;
  dispatch_arithmetic(flat.dtype(), "unique", [&]<class T>() {
    const T* values = flat.data<T>();
    const int64_t* at = order.data<int64_t>();
    for (int64_t i = 0; i < n; ++i) {
      if (i == 0 || !(values[at[i]] == values[at[i - 1]])) {
        first.push_back(at[i]);
        counts.push_back(0);
      }
      ++counts.back();
      inverse.data<int64_t>()[at[i]] = int64_t(first.size()) - 1;
    }
  });
  return {index_select(reshape(x.detach(), {-1}), 0, tensor(first)), inverse, tensor(counts)};
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

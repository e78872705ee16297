// gather, scatter and their like, declared in indexing.h.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/rows.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/index_checks.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

// x cut to index's sizes in every dimension but dim, so that both have the same outer and inner sizes.
Tensor cut_to(const Tensor& x, const Shape& shape, int64_t dim) {
  Shape cut = shape;
  if (x.rank()) cut[dim] = x.shape()[dim];
  return alias(x, cut, x.strides());
}

struct Lines { int64_t outer, n, inner, m; };
Lines lines(const Shape& x, const Shape& index, int64_t dim) {
  if (x.rank() == 0) return {1, 1, 1, 1};
  return {index.slice(0, dim).numel(), x[dim], index.slice(dim + 1).numel(), index[dim]};
}

void check_fits(const char* name, const Tensor& x, const Tensor& index, int64_t dim) {
  if (index.numel() == 0) return;
  const int x_rank = std::max(x.rank(), 1), index_rank = std::max(index.rank(), 1);
  if (x_rank != index_rank)
    throw ShapeError(str("Index tensor must have the same number of dimensions as input tensor: ", name,
                         "() got index ", index.shape(), " and ", x.shape()));
  for (int d = 0; d < std::min(x.rank(), index.rank()); ++d)
    if (d != dim && index.shape()[d] > x.shape()[d])
      throw ShapeError(str("Size does not match at dimension ", d, " expected index ", index.shape().list_text(),
                           " to be no larger than self ", x.shape().list_text(), " apart from dimension ", dim));
}

Tensor same_rank(const Tensor& t, int rank) {
  return t.rank() == rank ? t : reshape(t, Shape::filled(rank, t.numel()));
}

// values of index's shape go to their places of `into`, which has any layout
void scatter_into(const Tensor& into, int64_t dim, const Tensor& index, const Tensor& values, bool accumulate) {
  if (index.numel() == 0) return;
  const Tensor part = cut_to(into, index.shape(), dim);
  const Tensor work = part.is_contiguous() ? part : clone(part);
  const Tensor from = contiguous(values.detach());
  const Lines l = lines(into.shape(), index.shape(), dim);
  dispatch_all(into.dtype(), [&]<class T>() {
    const int64_t* at = index.data<int64_t>();
    if (!accumulate)
      return kernels::scatter(work.data<T>(), l.outer, l.n, l.inner, at, l.m, from.data<T>(), [](T, T v) { return v; });
    kernels::scatter(work.data<T>(), l.outer, l.n, l.inner, at, l.m, from.data<T>(), [](T old, T v) {
      using W = typename wrapping<compute_t<T>>::type;
      return T(compute_t<T>(W(old) + W(v)));
    });
  });
  if (!work.is(part)) copy_values(part, work);
}

Tensor gather_checked(const Tensor& x, int64_t dim, const Tensor& index);

// Zeros of `shape` with dy added in: the gradient of gather, which is its gradient.
Tensor gather_gradient(const Tensor& dy, const Shape& shape, int64_t dim, const Tensor& index) {
  Tensor dx = zeros(shape, dy.dtype());
  scatter_into(dx, dim, index, dy, true);
  if (needs_grad(dy))
    record("GatherBackwardBackward0", dx, {&dy},
           [dim, index](const Backward& g) -> Tensors { return {gather_checked(g.dy(), dim, index)}; });
  return dx;
}

Tensor gather_checked(const Tensor& x, int64_t dim, const Tensor& index) {
  Tensor y = empty(index.shape(), x.dtype());
  if (index.numel() > 0) {
    const Tensor part = contiguous(cut_to(x.detach(), index.shape(), dim));
    const Lines l = lines(x.shape(), index.shape(), dim);
    dispatch_all(x.dtype(), [&]<class T>() {
      kernels::gather(part.data<T>(), l.outer, l.n, l.inner, index.data<int64_t>(), l.m, y.data<T>());
    });
  }
  if (needs_grad(x))
    record("GatherBackward0", y, {&x}, [shape = x.shape(), dim, index](const Backward& g) -> Tensors {
      return {gather_gradient(g.dy(), shape, dim, index)};
    });
  return y;
}

struct Scattered {
  int64_t dim;
  Tensor index, values;  // of one shape and self's rank
};
Scattered checked(const char* name, const Tensor& self, int64_t dim, const Tensor& given, const Tensor& src) {
  const int64_t d = wrap_dim(dim, self.rank());
  check_fits(name, self, given, d);
  if (src.dtype() != self.dtype())
    throw DTypeError(str(name, "(): Expected self.dtype to be equal to src.dtype, got ", lamina::name(self.dtype()),
                         " and ", lamina::name(src.dtype())));
  const Tensor index = checked_index(name, given, self.rank() ? self.shape()[d] : 1, d, false);
  if (index.numel() == 0) return {d, index, zeros(index.shape(), self.dtype())};
  const Tensor places = same_rank(index, self.rank());
  Tensor values = same_rank(src, self.rank());
  for (int k = 0; k < self.rank(); ++k) {
    if (places.shape()[k] > values.shape()[k])
      throw ShapeError(
          str("Expected index ", given.shape().list_text(), " to be no larger than src ", src.shape().list_text()));
    values = slice(values, k, 0, places.shape()[k]);
  }
  return {d, places, values};
}

const Tensor& scatter_in_place(const char* name, const Tensor& self, int64_t dim, const Tensor& index,
                               const Tensor& src, bool accumulate) {
  check_inplace(self, name);
  const Scattered s = checked(name, self, dim, index, src);
  const bool recorded = needs_grad(self, s.values);
  scatter_into(self, s.dim, s.index, apart_from(self, s.values), accumulate);
  self.bump_version();
  if (recorded)
    record(accumulate ? "ScatterAddBackward0" : "ScatterBackward0", self, {&self, &s.values},
           [dim = s.dim, index = s.index, accumulate](const Backward& g) -> Tensors {
             const Tensor dself = !g.needs(0) || accumulate ? g.dy() : scatter(g.dy(), dim, index, 0);
             return {g.needs(0) ? dself : Tensor(),
                     g.needs(1) && index.numel() ? gather_checked(g.dy(), dim, index) : Tensor()};
           });
  return self;
}

}  // namespace

Tensor gather(const Tensor& x, int64_t dim, const Tensor& given) {
  const int64_t d = wrap_dim(dim, x.rank());
  check_fits("gather", x, given, d);
  const Tensor index = checked_index("gather", given, x.rank() ? x.shape()[d] : 1, d, false);
  if (index.rank() == x.rank() || index.numel() == 0) return gather_checked(x, d, index);
  return reshape(gather_checked(x, d, same_rank(index, x.rank())), index.shape());
}

Tensor take_along_dim(const Tensor& x, const Tensor& index, std::optional<int64_t> dim) {
  if (!dim) return gather(flatten(x), 0, flatten(index));
  if (x.rank() != index.rank())
    throw ShapeError(
        str("torch.take_along_dim(): input and indices should have the same number of dimensions, but got ", x.rank(),
            " dimensions for input, and ", index.rank(), " dimensions for indices"));
  const int64_t d = wrap_dim(*dim, x.rank());
  Shape of_x = x.shape(), of_index = index.shape();
  if (x.rank()) of_x[d] = of_index[d] = 1;
  const Shape common = broadcast(of_x, of_index);
  Shape x_shape = common, index_shape = common;
  if (x.rank()) {
    x_shape[d] = x.shape()[d];
    index_shape[d] = index.shape()[d];
  }
  const Tensor numbers = checked_index("take_along_dim", index, x.rank() ? x.shape()[d] : 1, d, true);
  return gather(expand(x, x_shape), d, expand(numbers, index_shape));
}

namespace {

// x's values with each of s's joined into its place, in order.
template <class Join>
Tensor joined(const Tensor& x, const Scattered& s, Join join) {
  Tensor y = clone(x.detach());
  const Tensor from = contiguous(s.values.detach());
  const Lines l = lines(y.shape(), s.index.shape(), s.dim);
  const Tensor part = cut_to(y, s.index.shape(), s.dim), work = part.is_contiguous() ? part : clone(part);
  dispatch_all(y.dtype(), [&]<class T>() {
    kernels::scatter(work.data<T>(), l.outer, l.n, l.inner, s.index.data<int64_t>(), l.m, from.data<T>(),
                     [join](T old, T v) { return T(join(compute_t<T>(old), compute_t<T>(v))); });
  });
  if (!work.is(part)) copy_values(part, work);
  return y;
}

// The largest or smallest of what comes to each place; its gradient is shared evenly by those that equal it.
Tensor scatter_extreme(const Tensor& x, const Scattered& s, bool largest) {
  Tensor y = joined(x, s, [largest](auto a, auto b) { return (largest ? b > a : b < a) || b != b ? b : a; });
  if (needs_grad(x, s.values))
    record("ScatterReduceBackward0", y, {&x, &s.values},
           [x = Saved(x), values = Saved(s.values), y = Saved::output(y), dim = s.dim,
            index = s.index](const Backward& g) -> Tensors {
             const Tensor best = y.get(), mine = to(eq(x.get().detach(), best), g.dy().dtype());
             const Tensor theirs = to(eq(values.get().detach(), gather_checked(best, dim, index)), g.dy().dtype());
             const Tensor each = div(g.dy(), scatter_add(mine, dim, index, theirs));
             return {mul(mine, each), mul(theirs, gather_checked(each, dim, index))};
           });
  return y;
}

// The product of what comes to each place. A factor's gradient is dy times the others: the product divided by it, or, for
// the only zero of a place, the product without it. Source: torch, scatter_reduce_backward.
Tensor scatter_product(const Tensor& x, const Scattered& s) {
  Tensor y = joined(x, s, [](auto a, auto b) {
    if constexpr (std::is_same_v<decltype(a), bool>) return a && b;
    else {
      using W = typename wrapping<decltype(a)>::type;
      return decltype(a)(W(a) * W(b));
    }
  });
  if (!needs_grad(x, s.values)) return y;
  record("ScatterReduceBackward0", y, {&x, &s.values},
         [x = Saved(x), values = Saved(s.values), dim = s.dim, index = s.index](const Backward& g) -> Tensors {
           const Tensor self = x.get(), src = values.get();
           const Tensor zero = eq(self.detach(), 0), filled = masked_fill(self, zero, 1);
           Tensor dself, dsrc;
           if (g.needs(0)) dself = div(mul(g.dy(), scatter_reduce(filled, dim, index, src, "prod")), filled);
           if (g.needs(1)) {
             const Tensor none = eq(src.detach(), 0), counts = to(none, DType::Int64);
             const Tensor zeros_there =
                 gather_checked(scatter_add(zeros(self.shape(), DType::Int64), dim, index, counts), dim, index);
             if (g.create_graph && any(logical_and(none, gt(zeros_there, 1))).data<bool>()[0])
               throw NotImplementedError(
                   "scatter_reduce: 'prod' has no second gradient where several zeros come to one place");
             const Tensor single = logical_and(none, eq(zeros_there, 1));
             const Tensor others = scatter_reduce(self, dim, index, masked_fill(src, single, 1), "prod");
             const Tensor whole = scatter_reduce(self, dim, index, src, "prod");
             dsrc = where(single, gather(mul(g.dy(), others), dim, index),
                          div(gather(mul(g.dy(), whole), dim, index), masked_fill(src, none, 1)));
           }
           return {dself, dsrc};
         });
  return y;
}

// What the join of a place starts from when x's own value does not count.
Scalar neutral_of(const std::string& reduce, DType type) {
  if (reduce == "sum" || reduce == "mean") return 0;
  if (reduce == "prod") return 1;
  return dispatch_all(type, [&]<class T>() -> Scalar {
    using L = std::numeric_limits<compute_t<T>>;
    if constexpr (L::has_infinity) return reduce == "amax" ? -L::infinity() : L::infinity();
    else return reduce == "amax" ? L::lowest() : L::max();
  });
}

}  // namespace

Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce,
                      bool include_self) {
  const bool sums = reduce == "sum" || reduce == "mean", largest = reduce == "amax";
  if (!sums && !largest && reduce != "amin" && reduce != "prod")
    throw OptionError(str("reduce argument must be either sum, prod, mean, amax or amin, got ", reduce));
  const Scattered s = checked("scatter_reduce", x, dim, index, src);
  if (s.index.numel() == 0) return clone(x);
  Tensor start = x;
  if (!include_self) start = scatter(x, dim, s.index, neutral_of(reduce, x.dtype()));
  if (reduce == "prod") return scatter_product(start, s);
  if (!sums) return scatter_extreme(start, s, largest);
  const Tensor total = scatter_add(start, dim, s.index, s.values);
  if (reduce == "sum") return total;
  const Tensor one = ones(x.shape(), x.dtype());
  const Tensor count =
      scatter_add(include_self ? one : scatter(one, dim, s.index, 0), dim, s.index, ones(s.index.shape(), x.dtype()));
  return x.is_floating_point() ? div(total, count) : floor_divide(total, count);
}

const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src) {
  return scatter_in_place("scatter_", self, dim, index, src, false);
}
const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, Scalar value) {
  return scatter_in_place("scatter_", self, dim, index, expand(full({}, value, self.dtype()), index.shape()), false);
}
const Tensor& scatter_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src) {
  return scatter_in_place("scatter_add_", self, dim, index, src, true);
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return scatter_(clone(x), dim, index, src);
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  return scatter_(clone(x), dim, index, value);
}
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return scatter_add_(clone(x), dim, index, src);
}

}  // namespace lamina::ops

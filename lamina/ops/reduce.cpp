#include "lamina/ops/reduce.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/reduce.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduction.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

DType sum_type(DType d) { return is_floating_point(d) ? d : DType::Int64; }
bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

Tensor sum_values(const Tensor& x, const Reduction& r) {
  return reduce_runs(x, r, x.dtype(), [](const Tensor& in, const Tensor& out, int64_t outer, int64_t n, int64_t inner) {
    dispatch_arithmetic(in.dtype(), "sum", [&]<class T>() {
      kernels::reduce<kernels::Sum<T>>(
          in.data<T>(), outer, n, inner, out.data<T>(), [](T v) { return v; }, [](auto total) { return T(total); });
    });
  });
}

}  // namespace

Tensor sum(const Tensor& x, const Shape& dims, bool keepdim, std::optional<DType> dtype) {
  const DType type = dtype.value_or(sum_type(x.dtype()));
  if (is_half(type)) return to(sum(to(x, DType::Float32), dims, keepdim), type);
  if (x.dtype() != type) return sum(to(x, type), dims, keepdim, type);
  const Reduction r(x.shape(), dims);
  const Tensor y = shaped(sum_values(x, r), r, keepdim);
  if (needs_grad(x))
    record("SumBackward1", y, {&x}, [shape = x.shape(), kept = r.kept](const Backward& g) -> Tensors {
      return {spread_over(g.dy(), kept, shape)};
    });
  return y;
}

Tensor mean(const Tensor& x, const Shape& dims, bool keepdim, std::optional<DType> dtype) {
  const DType type = dtype.value_or(x.dtype());
  if (!is_floating_point(type))
    throw DTypeError(
        str("mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ",
            scalar_type_name(type)),
        "Convert the input with .float() first");
  if (is_half(type)) return to(mean(to(x, DType::Float32), dims, keepdim), type);
  if (x.dtype() != type) return mean(to(x, type), dims, keepdim, type);
  const Reduction r(x.shape(), dims);
  const Tensor y = shaped(sum_values(x, r), r, keepdim);
  const double n = double(r.n);
  {
    const NoGradGuard values_only;
    div_(y, n);
  }
  if (needs_grad(x))
    record("MeanBackward1", y, {&x}, [shape = x.shape(), kept = r.kept, n](const Backward& g) -> Tensors {
      return {spread_over(div(g.dy(), n), kept, shape)};
    });
  return y;
}

Tensor nansum(const Tensor& x, const Shape& dims, bool keepdim) {
  return sum(masked_fill(x, isnan(x), 0), dims, keepdim);
}
Tensor nanmean(const Tensor& x, const Shape& dims, bool keepdim) {
  const Tensor count = sum(logical_not(isnan(x)), dims, keepdim);
  return div(nansum(x, dims, keepdim), count);
}
Tensor trace(const Tensor& x) {
  if (x.rank() != 2) throw ShapeError(str("trace: expected a matrix, but got tensor with dim ", x.rank()));
  return sum(diagonal(x));
}

namespace {

// The product of all other elements along the last dimension, exact to every order of derivative where some are zero:
// products from the left times products from the right, built of operations.
Tensor product_of_others(const Tensor& rows) {
  const int64_t n = rows.size(-1);
  Tensors left, others;
  left.resize(size_t(n));
  Tensor product;
  for (int64_t i = 0; i < n; ++i) {
    left[size_t(i)] = product;
    product = product.defined() ? mul(product, select(rows, -1, i)) : select(rows, -1, i);
  }
  others.resize(size_t(n));
  product = {};
  for (int64_t i = n - 1; i >= 0; --i) {
    Tensor both = left[size_t(i)];
    if (product.defined()) both = both.defined() ? mul(both, product) : product;
    others[size_t(i)] = both.defined() ? both : ones_like(select(rows, -1, i).detach());
    product = product.defined() ? mul(product, select(rows, -1, i)) : select(rows, -1, i);
  }
  return stack(others, -1);
}

// dy·∏ of the others: by division where no factor is zero
Tensor prod_gradient(const Backward& g, const Tensor& x, const Reduction& r) {
  const Tensor dy = reshape(g.dy(), r.kept);
  const Tensor zero = eq(x, 0);
  const bool some_zero = any(zero).data<bool>()[0];
  if (some_zero && g.create_graph) {
    Shape order, inverse = Shape::filled(x.rank(), 0), permuted;
    for (const bool reduced : {false, true})
      for (int d = 0; d < x.rank(); ++d)
        if (r.reduced[size_t(d)] == reduced) order.push_back(d);
    for (int i = 0; i < x.rank(); ++i) {
      inverse[order[i]] = i;
      permuted.push_back(x.size(order[i]));
    }
    const Tensor rows = reshape(permute(x, order), {r.dropped.numel(), r.n});
    return mul(dy, permute(reshape(product_of_others(rows), permuted), inverse));
  }
  Shape dims;
  for (int d = 0; d < x.rank(); ++d)
    if (r.reduced[size_t(d)]) dims.push_back(d);
  if (!some_zero) return div(mul(dy, prod(x, dims, true)), x);
  const Tensor zeros_in_row = sum(zero, dims, true), factors = masked_fill(x, zero, 1);
  const Tensor product = mul(dy, prod(factors, dims, true));
  const Tensor alone = where(logical_and(zero, eq(zeros_in_row, 1)), product, 0);
  return where(eq(zeros_in_row, 0), div(product, factors), alone);
}

}  // namespace

Tensor prod(const Tensor& x, const Shape& dims, bool keepdim, std::optional<DType> dtype) {
  const DType type = dtype.value_or(sum_type(x.dtype()));
  if (is_half(type)) return to(prod(to(x, DType::Float32), dims, keepdim), type);
  if (x.dtype() != type) return prod(to(x, type), dims, keepdim, type);
  const Reduction r(x.shape(), dims);
  const Tensor all =
      reduce_runs(x, r, type, [](const Tensor& in, const Tensor& out, int64_t outer, int64_t n, int64_t inner) {
        dispatch_arithmetic(in.dtype(), "prod", [&]<class T>() {
          kernels::reduce<kernels::Product<T>>(
              in.data<T>(), outer, n, inner, out.data<T>(), [](T v) { return v; }, [](auto total) { return T(total); });
        });
      });
  const Tensor y = shaped(all, r, keepdim);
  if (needs_grad(x))
    record("ProdBackward0", y, {&x},
           [x = Saved(x), r](const Backward& g) -> Tensors { return {prod_gradient(g, x.get(), r)}; });
  return y;
}

Tensor count_nonzero(const Tensor& x, const Shape& dims) { return sum(ne(x, 0), dims); }

namespace {
template <class Op>
Tensor logical(const Tensor& x, const Shape& dims, bool keepdim) {
  if (x.dtype() == DType::UInt8) return to(logical<Op>(ne(x, 0), dims, keepdim), DType::UInt8);
  if (x.dtype() != DType::Bool) return logical<Op>(ne(x, 0), dims, keepdim);
  const Reduction r(x.shape(), dims);
  const Tensor y =
      reduce_runs(x, r, DType::Bool, [](const Tensor& in, const Tensor& out, int64_t outer, int64_t n, int64_t inner) {
        kernels::reduce<Op>(
            in.data<bool>(), outer, n, inner, out.data<bool>(), [](bool v) { return v; },
            [](bool total) { return total; });
      });
  return shaped(y, r, keepdim);
}
}  // namespace

Tensor any(const Tensor& x, const Shape& dims, bool keepdim) { return logical<kernels::Any>(x, dims, keepdim); }
Tensor all(const Tensor& x, const Shape& dims, bool keepdim) { return logical<kernels::All>(x, dims, keepdim); }

}  // namespace lamina::ops

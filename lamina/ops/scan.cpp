// Running sums and products, declared in reduce.h.
#include "lamina/kernels/scan.h"

#include "lamina/graph/node.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

template <class F>
Tensor running(const Tensor& t, int64_t dim, bool reverse, F join) {
  const Tensor x = contiguous(t.detach());
  Tensor y = empty_like(x);
  if (x.numel() == 0) return y;
  const bool flat = x.rank() == 0;
  const int64_t outer = flat ? 1 : x.shape().slice(0, dim).numel(), n = flat ? 1 : x.shape()[dim];
  const int64_t inner = flat ? 1 : x.shape().slice(dim + 1).numel();
  dispatch_arithmetic(x.dtype(), "a running total",
                      [&]<class T>() { kernels::scan(x.data<T>(), outer, n, inner, reverse, y.data<T>(), join); });
  return y;
}

// The gradient of a running sum is the running sum from the other end.
Tensor running_sum(const Tensor& x, int64_t dim, bool reverse) {
  Tensor y = running(x, dim, reverse, [](auto a, auto b) { return a + b; });
  if (needs_grad(x))
    record("CumsumBackward0", y, {&x},
           [dim, reverse](const Backward& g) -> Tensors { return {running_sum(g.dy(), dim, !reverse)}; });
  return y;
}

// dx_k = Σ_{j ≥ k} dy_j·∏_{i ≤ j, i ≠ k} x_i; by division where no factor is zero, else one k after another.
Tensor running_product_gradient(const Tensor& dy, const Tensor& x, int64_t dim) {
  if (x.rank() == 0) return dy;
  if (!any(eq(x, 0)).data<bool>()[0]) return div(running_sum(mul(dy, cumprod(x, dim)), dim, true), x);
  const int64_t n = x.size(dim);
  Tensors slices;
  for (int64_t k = 0; k < n; ++k) {
    const Tensor tail = slice(x, dim, k + 1);
    const Tensor after = cat({ones_like(slice(x, dim, k, k + 1).detach()), tail}, dim);
    Tensor term = mul(slice(dy, dim, k), cumprod(after, dim));
    if (k > 0) term = mul(term, prod(slice(x, dim, 0, k), {dim}, true));
    slices.push_back(sum(term, {dim}, true));
  }
  return slices.empty() ? zeros_like(x) : cat(slices, dim);
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  const DType type = dtype.value_or(is_floating_point(x.dtype()) ? x.dtype() : DType::Int64);
  if (is_half(type)) return to(cumsum(to(x, DType::Float32), dim), type);
  return running_sum(to(x, type), wrap_dim(dim, x.rank()), false);
}

Tensor cumprod(const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  const DType type = dtype.value_or(is_floating_point(input.dtype()) ? input.dtype() : DType::Int64);
  if (is_half(type)) return to(cumprod(to(input, DType::Float32), dim), type);
  const Tensor x = to(input, type);
  const int64_t d = wrap_dim(dim, x.rank());
  Tensor y = running(x, d, false, [](auto a, auto b) { return a * b; });
  if (needs_grad(x))
    record("CumprodBackward0", y, {&x},
           [x = Saved(x), d](const Backward& g) -> Tensors { return {running_product_gradient(g.dy(), x.get(), d)}; });
  return y;
}

}  // namespace lamina::ops

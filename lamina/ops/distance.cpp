#include "lamina/ops/distance.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/distance.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

using kernels::RowPairs;

namespace {

void check_number(const char* name, double value) {
  if (std::isnan(value)) throw OptionError(str(name, " must be a number, got nan"));
}

Tensor unit(const Tensor& x, int64_t dim, double eps) { return div(x, clamp_min(norm(x, 2, {dim}, true), eps)); }

}  // namespace

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim, double eps) {
  if (!(eps >= 0)) throw OptionError(str("eps must be non-negative, got ", eps));
  const DType common = result_type(x1, x2);
  if (!is_floating_point(common))
    throw DTypeError(str("expected common dtype to be floating point, yet common dtype is ", name(common)),
                     "Convert the inputs with .float() first");
  const Shape shape = broadcast(x1.shape(), x2.shape());
  if (shape.rank() == 0) {
    wrap_dim(dim, 0);
    return squeeze(cosine_similarity(unsqueeze(x1, 0), unsqueeze(x2, 0), 0, eps), 0);
  }
  dim = wrap_dim(dim, shape.rank());
  if (is_half(common)) {
    const auto wide = [](const Tensor& x) { return to(x, kFloat32); };
    return to(cosine_similarity(wide(x1), wide(x2), dim, eps), common);
  }
  const Tensor a = expand(to(x1, common), shape), b = expand(to(x2, common), shape);
  return sum(mul(unit(a, dim, eps), unit(b, dim, eps)), {dim});
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim) {
  check_number("p", p);
  check_number("eps", eps);
  const Tensor difference = add(sub(x1, x2), eps);
  return difference.rank() == 0 ? norm(difference, p) : norm(difference, p, {-1}, keepdim);
}

Tensor normalize(const Tensor& input, double p, const Shape& dims, double eps) {
  check_number("p", p);
  check_number("eps", eps);
  if (!input.is_floating_point()) throw_unsupported("normalize", input.dtype());
  for (const int64_t dim : dims) wrap_dim(dim, input.rank());
  const Tensor size = input.rank() == 0 ? norm(input, p) : norm(input, p, dims, true);
  return div(input, clamp_min(size, eps));
}

// ---- every pair ----------------------------------------------------------------------------------------------------

namespace {

void check_order(double p) {
  if (!(p >= 0)) throw OptionError(str("p must not be negative, got ", p));
}

Tensor values(const Tensor& t) { return contiguous(t.detach()); }

template <class T>
Tensors pair_gradients(const Backward& g, const Tensor& a, const Tensor& b, const Tensor& y, RowPairs s) {
  const Tensor dy = contiguous(g.dy());
  Tensors d(2);
  if (g.needs(0)) {
    d[0] = empty(a.shape(), a.dtype());
    kernels::row_distances_backward(dy.data<T>(), y.data<T>(), a.data<T>(), b.data<T>(), s, false, d[0].data<T>());
  }
  if (g.needs(1)) {
    d[1] = empty(b.shape(), b.dtype());
    kernels::row_distances_backward(dy.data<T>(), y.data<T>(), b.data<T>(), a.data<T>(),
                                    {s.batch, s.m, s.n, s.cols, s.p}, true, d[1].data<T>());
  }
  return d;
}

// x1 (B, P, M), x2 (B, R, M) → (B, P, R)
Tensor every_pair(const Tensor& x1, const Tensor& x2, double p) {
  const RowPairs s{x1.size(0), x1.size(1), x2.size(1), x1.size(2), p};
  const Tensor a = values(x1), b = values(x2), y = empty({s.batch, s.n, s.m}, x1.dtype());
  dispatch_real(x1.dtype(), "cdist",
                [&]<class T>() { kernels::row_distances(a.data<T>(), b.data<T>(), s, y.data<T>()); });
  if (needs_grad(x1, x2))
    record("CdistBackward0", y, {&x1, &x2},
           [x1 = Saved(x1), x2 = Saved(x2), y = Saved::output(y), s](const Backward& g) -> Tensors {
             if (g.create_graph)
               return differentiate(g, {x1.get(), x2.get()}, [p = s.p](const Tensors& in) {
                 return norm(sub(unsqueeze(in[0], -2), unsqueeze(in[1], -3)), p, {-1});
               });
             return dispatch_real(x1.get().dtype(), "cdist", [&]<class T>() {
               return pair_gradients<T>(g, values(x1.get()), values(x2.get()), y.get(g), s);
             });
           });
  return y;
}

}  // namespace

Tensor cdist(const Tensor& x1, const Tensor& x2, double p, const std::string& compute_mode) {
  check_order(p);
  if (compute_mode != "use_mm_for_euclid_dist_if_necessary" && compute_mode != "use_mm_for_euclid_dist" &&
      compute_mode != "donot_use_mm_for_euclid_dist")
    throw OptionError(str(compute_mode, " is not a valid value for compute_mode"));
  for (const Tensor* x : {&x1, &x2})
    if (x->rank() < 2)
      throw ShapeError(str("x1 ", x1.shape(), " and x2 ", x2.shape(), " must have two dimensions or more: (…, P, M)"));
  if (x1.size(-1) != x2.size(-1))
    throw ShapeError(str("x1 ", x1.shape(), " and x2 ", x2.shape(), " must have the same number of columns"));
  check_same_dtype(x1, {{"x2", &x2}});
  if (!x1.is_floating_point()) throw_unsupported("cdist", x1.dtype());
  if (is_half(x1.dtype())) return to(cdist(to(x1, kFloat32), to(x2, kFloat32), p, compute_mode), x1.dtype());
  const int64_t n = x1.size(-2), m = x2.size(-2), cols = x1.size(-1);
  const Shape leading = broadcast(x1.shape().slice(0, x1.rank() - 2), x2.shape().slice(0, x2.rank() - 2));
  const auto batched = [&](const Tensor& x, int64_t rows) {
    return reshape(expand(x, leading + Shape{rows, cols}), {leading.numel(), rows, cols});
  };
  return reshape(every_pair(batched(x1, n), batched(x2, m), p), leading + Shape{n, m});
}

Tensor pdist(const Tensor& input, double p) {
  if (input.rank() != 2) throw ShapeError(str("input ", input.shape(), " must be a matrix (N, M)"));
  const int64_t n = input.size(0);
  const Tensor all = cdist(input, input, p), places = empty({n * std::max<int64_t>(n - 1, 0) / 2}, kInt64);
  int64_t* at = places.data<int64_t>();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i + 1; j < n; ++j) *at++ = i * n + j;
  return index_select(reshape(all, {n * n}), 0, places);
}

}  // namespace lamina::ops

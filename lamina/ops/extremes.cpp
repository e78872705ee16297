// The largest and the smallest, declared in reduce.h.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/reduce.h"
#include "lamina/kernels/scan.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/reduction.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

// dy shared evenly by the elements that equal the result
Tensor share(const Tensor& dy, const Tensor& x, const Tensor& y, const Reduction& r) {
  Shape dims;
  for (int d = 0; d < x.rank(); ++d)
    if (r.reduced[size_t(d)]) dims.push_back(d);
  const Tensor best = reshape(y.detach(), r.kept);
  const Tensor chosen = logical_or(eq(x.detach(), best), logical_and(ne(best, best), ne(x.detach(), x.detach())));
  const Tensor count = x.rank() == 0 ? to(chosen, dy.dtype()) : to(sum(chosen, dims, true), dy.dtype());
  return where(chosen, div(reshape(dy, r.kept), count), 0);
}

template <template <class> class Op>
Tensor extreme(const char* node, const Tensor& x, const Shape& dims, bool keepdim) {
  if (is_half(x.dtype())) return to(extreme<Op>(node, to(x, DType::Float32), dims, keepdim), x.dtype());
  const Reduction r(x.shape(), dims);
  const Tensor values =
      reduce_runs(x, r, x.dtype(), [](const Tensor& in, const Tensor& out, int64_t outer, int64_t n, int64_t inner) {
        dispatch_arithmetic(in.dtype(), "max", [&]<class T>() {
          kernels::reduce<Op<T>>(
              in.data<T>(), outer, n, inner, out.data<T>(), [](T v) { return v; }, [](T total) { return total; });
        });
      });
  const Tensor y = shaped(values, r, keepdim);
  if (needs_grad(x))
    record(node, y, {&x}, [x = Saved(x), y = Saved::output(y), r](const Backward& g) -> Tensors {
      return {share(g.dy(), x.get(), y.get(), r)};
    });
  return y;
}

void check_not_empty(const char* name, const Tensor& x, const Shape& dims) {
  if (x.numel() > 0) return;
  if (dims.empty())
    throw IndexError(str(name,
                         "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                         "with the 'dim' argument."));
  for (const int64_t d : dims)
    if (x.rank() > 0 && x.size(d) == 0)
      throw IndexError(str(name, "(): Expected reduction dim ", wrap_dim(d, x.rank()), " to have non-zero size."));
}

// The index along dim, of shape r.kept.
Tensor index_of(const Tensor& x, const Reduction& r, bool largest) {
  ReductionRun run;
  const Tensor in = single_run(is_half(x.dtype()) ? to(x.detach(), DType::Float32) : x, r, run);
  Tensor index = empty(r.kept, DType::Int64);
  if (index.numel() > 0)
    dispatch_arithmetic(in.dtype(), "argmax", [&]<class T>() {
      kernels::extreme_index(in.data<T>(), run.outer, run.n, run.inner, largest, index.data<int64_t>());
    });
  return index;
}

ValuesAndIndices along(const char* name, const Tensor& x, int64_t dim, bool keepdim, bool largest) {
  const int64_t d = wrap_dim(dim, x.rank());
  check_not_empty(name, x, {d});
  const Reduction r(x.shape(), {d});
  const Tensor index = index_of(x, r, largest);
  Tensor values = x.rank() == 0 ? clone(x) : gather(x, d, index);
  if (!keepdim && x.rank() > 0) values = squeeze(values, d);
  return {values, shaped(index, r, keepdim)};
}

Tensor index_along(const char* name, const Tensor& x, std::optional<int64_t> dim, bool keepdim, bool largest) {
  check_not_empty(name, x, dim ? Shape{*dim} : Shape{});
  const Reduction r(x.shape(), dim ? Shape{*dim} : Shape{});
  return shaped(index_of(x, r, largest), r, keepdim);
}

}  // namespace

Tensor max(const Tensor& x) {
  if (x.numel() == 0)
    throw Error(
        "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
        "'dim' argument.");
  return extreme<kernels::Largest>("MaxBackward1", x, {}, false);
}
Tensor min(const Tensor& x) {
  if (x.numel() == 0)
    throw Error(
        "min(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
        "'dim' argument.");
  return extreme<kernels::Smallest>("MinBackward1", x, {}, false);
}
ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim) { return along("max", x, dim, keepdim, true); }
ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim) { return along("min", x, dim, keepdim, false); }
Tensor amax(const Tensor& x, const Shape& dims, bool keepdim) {
  check_not_empty("amax", x, dims);
  return extreme<kernels::Largest>("AmaxBackward0", x, dims, keepdim);
}
Tensor amin(const Tensor& x, const Shape& dims, bool keepdim) {
  check_not_empty("amin", x, dims);
  return extreme<kernels::Smallest>("AminBackward0", x, dims, keepdim);
}
Tensor argmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return index_along("argmax", x, dim, keepdim, true);
}
Tensor argmin(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return index_along("argmin", x, dim, keepdim, false);
}

}  // namespace lamina::ops

#include "lamina/ops/reduce.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/reduce.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/reduction.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

DType sum_type(DType d) { return is_floating_point(d) ? d : DType::Int64; }
bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

// y of shape r.kept under the shape that the caller asked for.
Tensor shaped(const Tensor& y, const Reduction& r, bool keepdim) {
  const Shape& shape = r.shape(keepdim);
  return alias(y, shape, contiguous_strides(shape));
}

}  // namespace

Tensor sum(const Tensor& x, const Shape& dims, bool keepdim, std::optional<DType> dtype) {
  const DType type = dtype.value_or(sum_type(x.dtype()));
  if (is_half(type)) return to(sum(to(x, DType::Float32), dims, keepdim), type);
  if (x.dtype() != type) return sum(to(x, type), dims, keepdim, type);
  const Reduction r(x.shape(), dims);
  const Tensor y = reduce_runs(x, r, type, [](const Tensor& in, const Tensor& out, int64_t outer, int64_t n, int64_t inner) {
    dispatch_arithmetic(in.dtype(), "sum", [&]<class T>() {
      kernels::reduce<kernels::Sum<T>>(in.data<T>(), outer, n, inner, out.data<T>(), [](T v) { return v; },
                                       [](auto total) { return T(total); });
    });
  });
  const Tensor result = shaped(y, r, keepdim);
  if (needs_grad(x))
    record("SumBackward1", result, {&x}, [shape = x.shape(), kept = r.kept](const Backward& g) -> Tensors {
      return {expand(reshape(g.dy(), kept), shape)};
    });
  return result;
}

}  // namespace lamina::ops

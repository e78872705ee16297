#include "lamina/ops/reduction.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

Reduction::Reduction(const Shape& shape, const Shape& dims) {
  if (shape.rank() > kernels::kMaxLoopRank)
    throw ShapeError(str("more than ", kernels::kMaxLoopRank, " dimensions: ", shape));
  const Shape wrapped = wrap_dims(dims, shape.rank());
  for (const int64_t d : wrapped) reduced[size_t(d)] = true;
  if (dims.empty()) reduced.fill(true);
  kept = shape;
  for (int d = 0; d < shape.rank(); ++d) {
    if (reduced[size_t(d)]) {
      n *= shape[d];
      kept[d] = 1;
    } else {
      dropped.push_back(shape[d]);
    }
  }
}

bool last_run(const Shape& shape, const Reduction& r, ReductionRun& run) {
  int end = shape.rank();
  while (end > 0 && !(r.reduced[size_t(end - 1)] && shape[end - 1] != 1)) --end;
  if (end == 0) return false;
  int start = end - 1;
  while (start > 0 && (r.reduced[size_t(start - 1)] || shape[start - 1] == 1)) --start;
  run = {shape.slice(0, start).numel(), shape.slice(start, end).numel(), shape.slice(end).numel(), shape};
  for (int d = start; d < end; ++d) run.left[d] = 1;
  return true;
}

Tensor single_run(const Tensor& x, const Reduction& r, ReductionRun& run) {
  run = {x.numel(), 1, 1, x.shape()};
  if (!last_run(x.shape(), r, run)) {
    run.outer = x.numel();
    return contiguous(x.detach());
  }
  ReductionRun more;
  if (!last_run(run.left, r, more)) return contiguous(x.detach());
  Shape order;
  for (const bool reduced : {false, true})
    for (int d = 0; d < x.rank(); ++d)
      if (r.reduced[size_t(d)] == reduced) order.push_back(d);
  run = {r.kept.numel(), r.n, 1, r.kept};
  return contiguous(permute(x.detach(), order));
}

Tensor shaped(const Tensor& y, const Reduction& r, bool keepdim) {
  const Shape& shape = r.shape(keepdim);
  return alias(y, shape, contiguous_strides(shape));
}

Tensor spread_over(const Tensor& dy, const Shape& kept, const Shape& shape) { return expand(reshape(dy, kept), shape); }

}  // namespace lamina::ops

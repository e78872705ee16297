#include "lamina/ops/reduction.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

Reduction::Reduction(const Shape& shape, const Shape& dims) {
  if (shape.rank() > kernels::kMaxLoopRank) throw ShapeError(str("more than ", kernels::kMaxLoopRank, " dimensions: ", shape));
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

Tensor reduction_rows(const Tensor& x, const Reduction& r) {
  Shape order;
  for (int d = 0; d < x.rank(); ++d)
    if (!r.reduced[size_t(d)]) order.push_back(d);
  for (int d = 0; d < x.rank(); ++d)
    if (r.reduced[size_t(d)]) order.push_back(d);
  const Tensor rows = contiguous(permute(x.detach(), order));
  return alias(rows, {r.dropped.numel(), r.n}, {r.n, 1});
}

}  // namespace lamina::ops

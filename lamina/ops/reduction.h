// What reductions share: which dimensions go, and how a tensor of any layout comes before kernels::reduce.
#pragma once
#include <array>

#include "lamina/core/tensor.h"
#include "lamina/kernels/strided.h"
#include "lamina/ops/creation.h"

namespace lamina::ops {

/// The dimensions of a reduction and the shapes it leaves. An empty list of dims means all.
struct Reduction {
  Reduction(const Shape& shape, const Shape& dims);
  const Shape& shape(bool keepdim) const { return keepdim ? kept : dropped; }

  std::array<bool, kernels::kMaxLoopRank> reduced{};
  Shape kept;     // reduced dimensions have size 1
  Shape dropped;  // without them
  int64_t n = 1;  // elements that go into one result
};

/// A contiguous tensor cut for kernels::reduce at its last run of neighbouring dimensions that are to be reduced.
struct ReductionRun {
  int64_t outer = 1, n = 1, inner = 1;
  Shape left;  // the shape afterwards: the run's dimensions have size 1
};
/// False when no dimension of another size than 1 is left to reduce.
bool last_run(const Shape& shape, const Reduction& r, ReductionRun& run);

/// Reduces run by run, the innermost first, with step(in, out, outer, n, inner): for operations whose partial results
/// combine by the operation itself (sum, product, largest). A new contiguous tensor of shape r.kept without history.
template <class Step>
Tensor reduce_runs(const Tensor& x, const Reduction& r, DType type, Step step) {
  Tensor in = x.is_contiguous() ? x : clone(x.detach());
  ReductionRun run;
  bool done = false;
  Shape shape = x.shape();
  while (last_run(shape, r, run)) {
    Tensor out = empty(run.left, type);
    step(in, out, run.outer, run.n, run.inner);
    in = out;
    shape = run.left;
    done = true;
  }
  if (done) return in;
  Tensor out = empty(r.kept, type);
  step(in, out, in.numel(), int64_t{1}, int64_t{1});
  return out;
}

/// x without history, contiguous, with its reduced dimensions together: one run, for operations that take all at once. The
/// kept dimensions stay in their order, so the result has r.kept.numel() elements in the right order.
Tensor single_run(const Tensor& x, const Reduction& r, ReductionRun& run);

/// The contiguous y of r.kept.numel() elements under the shape that the caller asked for.
Tensor shaped(const Tensor& y, const Reduction& r, bool keepdim);

/// dy of a reduction's result over x's shape again.
Tensor spread_over(const Tensor& dy, const Shape& kept, const Shape& shape);

}  // namespace lamina::ops

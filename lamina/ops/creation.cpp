#include "lamina/ops/creation.h"

#include <atomic>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"

namespace lamina {

namespace {
std::atomic<DType> the_default{DType::Float32};
}

DType default_dtype() { return the_default.load(std::memory_order_relaxed); }
void set_default_dtype(DType dtype) {
  if (!is_floating_point(dtype))
    throw DTypeError(str("only floating-point types are supported as the default type, got ", name(dtype)));
  the_default.store(dtype, std::memory_order_relaxed);
}

}  // namespace lamina

namespace lamina::ops {

Tensor full(const Shape& shape, Scalar value, DType dtype) {
  Tensor t = empty(shape, dtype);
  fill_values(t, value);
  return t;
}

Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }
Tensor empty_like(const Tensor& t) { return empty(t.shape(), t.dtype()); }
Tensor zeros_like(const Tensor& t) { return zeros(t.shape(), t.dtype()); }
Tensor ones_like(const Tensor& t) { return ones(t.shape(), t.dtype()); }

Tensor clone(const Tensor& t) {
  Tensor y = empty_like(t);
  copy_values(y, t);
  if (needs_grad(t)) record("CloneBackward0", y, {&t}, [](const Backward& g) -> Tensors { return {g.dy()}; });
  return y;
}

Tensor contiguous(const Tensor& t) { return t.is_contiguous() ? t : clone(t); }

Tensor to(const Tensor& t, DType dtype) {
  if (t.dtype() == dtype) return t;
  Tensor y = empty(t.shape(), dtype);
  copy_values(y, t);
  if (is_floating_point(dtype) && needs_grad(t))
    record("ToCopyBackward0", y, {&t}, [from = t.dtype()](const Backward& g) -> Tensors { return {to(g.dy(), from)}; });
  return y;
}

}  // namespace lamina::ops

#include "lamina/ops/placed.h"

#include <numeric>

#include "lamina/graph/node.h"
#include "lamina/kernels/strided.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/iterate.h"
#include "lamina/ops/overlapping.h"

namespace lamina::ops {

namespace {

// Whether two indices may name one element: false when each stride steps over all that the smaller ones reach.
bool may_overlap(const Shape& shape, const Strides& strides) {
  Shape order;
  for (int d = 0; d < shape.rank(); ++d)
    if (shape[d] > 1) order.push_back(d);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return strides[a] < strides[b]; });
  int64_t reach = 0;
  for (const int64_t d : order) {
    if (strides[d] <= reach) return true;
    reach += (shape[d] - 1) * strides[d];
  }
  return false;
}

Tensor part(const Tensor& memory, const Placed& at) {
  return alias(memory, at.view_shape, at.view_strides, at.view_first);
}
Tensor whole(const Tensor& memory, const Placed& at) { return alias(memory, at.x_shape, at.x_strides, at.x_first); }

// Memory that holds x; x itself where `shared` allows it.
Tensor memory_of(const Tensor& x, const Placed& at, bool shared) {
  if (at.dense && shared) {
    const Tensor c = contiguous(x.detach());
    return alias(c, {at.capacity}, {1});
  }
  const Tensor memory = at.dense ? empty({at.capacity}, x.dtype()) : zeros({at.capacity}, x.dtype());
  copy_values(whole(memory, at), x);
  return memory;
}

}  // namespace

Placed::Placed(const Tensor& x, const Shape& shape, const Strides& strides, int64_t first)
    : capacity(x->storage->bytes / element_size(x.dtype())),
      x_first(x.storage_offset()),
      view_first(first),
      x_shape(x.shape()),
      x_strides(x.strides()),
      view_shape(shape),
      view_strides(strides),
      overlaps(may_overlap(shape, strides)) {
  int64_t last = first;
  for (int d = 0; d < shape.rank(); ++d) last += std::max<int64_t>(shape[d] - 1, 0) * strides[d];
  dense = x.is_contiguous() && (shape.numel() == 0 || (first >= x_first && last < x_first + x.numel()));
  if (!dense) return;
  capacity = x.numel();
  view_first = shape.numel() == 0 ? 0 : view_first - x_first;
  x_first = 0;
}

void add_overlapping(const Tensor& into, const Tensor& dy) {
  if (dy.numel() == 0) return;
  dispatch_floating(dy.dtype(), "the gradient of an overlapping view", [&]<class T>() {
    const auto s = strided<2>(into.shape(), {&into, &dy});
    kernels::each_row(s, 0, s.numel, [](const auto& p, const auto& step, int64_t n) {
      for (int64_t i = 0; i < n; ++i) {
        T& at = *reinterpret_cast<T*>(p[0] + i * step[0]);
        at = T(compute_t<T>(at) + compute_t<T>(*reinterpret_cast<const T*>(p[1] + i * step[1])));
      }
    });
  });
}

Tensor taken(const Tensor& x, const Placed& at) {
  Tensor y = empty(at.view_shape, x.dtype());
  copy_values(y, part(memory_of(x, at, true), at));
  if (needs_grad(x))
    record("TakenBackward0", y, {&x}, [at](const Backward& g) -> Tensors { return {spread(g.dy(), at)}; });
  return y;
}

Tensor spread(const Tensor& dy, const Placed& at) {
  const Tensor memory = zeros({at.capacity}, dy.dtype());
  if (at.overlaps) add_overlapping(part(memory, at), dy.detach());
  else copy_values(part(memory, at), dy);
  Tensor dx = whole(memory, at);
  if (needs_grad(dy))
    record("SpreadBackward0", dx, {&dy}, [at](const Backward& g) -> Tensors { return {taken(g.dy(), at)}; });
  return dx;
}

Tensor replaced(const Tensor& x, const Tensor& values, const Placed& at) {
  const Tensor memory = memory_of(x, at, false);
  copy_values(part(memory, at), values);
  Tensor y = whole(memory, at);
  if (needs_grad(x, values))
    record("ReplacedBackward0", y, {&x, &values}, [at](const Backward& g) -> Tensors {
      return {g.needs(0) ? replaced(g.dy(), zeros(at.view_shape, g.dy().dtype()), at) : Tensor(),
              g.needs(1) ? taken(g.dy(), at) : Tensor()};
    });
  return y;
}

}  // namespace lamina::ops

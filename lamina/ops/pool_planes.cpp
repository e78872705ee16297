#include "lamina/ops/pool_planes.h"

#include "lamina/graph/node.h"
#include "lamina/kernels/pool.h"
#include "lamina/ops/creation.h"

namespace lamina::ops {

Tensor scatter_planes(const Tensor& dy, const Tensor& indices, const Shape& shape, int n) {
  if (dy.dtype() != kFloat32 && dy.dtype() != kFloat64)
    return to(scatter_planes(to(dy, kFloat32), indices, shape, n), dy.dtype());
  const Tensor from = contiguous(dy.detach());
  Tensor dx = empty(shape, dy.dtype());
  dispatch_real(dy.dtype(), "max_pool", [&]<class T>() {
    kernels::scatter_planes(from.data<T>(), indices.data<int64_t>(), shape.slice(0, shape.rank() - n).numel(),
                            shape.last(n).numel(), dy.shape().last(n).numel(), dx.data<T>());
  });
  if (needs_grad(dy))
    record("MaxPoolBackwardBackward0", dx, {&dy}, [indices = Saved(indices), n](const Backward& g) -> Tensors {
      return {gather_planes(g.dy(), indices.get(), n)};
    });
  return dx;
}

Tensor gather_planes(const Tensor& x, const Tensor& indices, int n) {
  if (x.dtype() != kFloat32 && x.dtype() != kFloat64) return to(gather_planes(to(x, kFloat32), indices, n), x.dtype());
  const Tensor from = contiguous(x.detach());
  Tensor y = empty(indices.shape(), x.dtype());
  dispatch_real(x.dtype(), "max_pool", [&]<class T>() {
    kernels::gather_planes(from.data<T>(), indices.data<int64_t>(), x.shape().slice(0, x.rank() - n).numel(),
                           x.shape().last(n).numel(), indices.shape().last(n).numel(), y.data<T>());
  });
  if (needs_grad(x))
    record("MaxPoolBackward0", y, {&x}, [indices = Saved(indices), shape = x.shape(), n](const Backward& g) -> Tensors {
      return {scatter_planes(g.dy(), indices.get(), shape, n)};
    });
  return y;
}

}  // namespace lamina::ops

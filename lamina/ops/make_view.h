// How an operation makes its view of x part of the graph.
#pragma once
#include "lamina/graph/node.h"

namespace lamina::ops {

/// A view of x whose gradient is `backward(dy)`, of x's shape. Writing into one changes the history of the other.
template <class F>
Tensor make_view(const char* node, const Tensor& x, const Shape& shape, const Strides& strides, int64_t offset,
                 F backward) {
  Tensor y = alias(x, shape, strides, offset);
  if (needs_grad(x))
    record(node, y, {&x},
           [backward = std::move(backward)](const Backward& g) -> Tensors { return {backward(g.dy())}; });
  share_history(y, x);
  return y;
}

}  // namespace lamina::ops

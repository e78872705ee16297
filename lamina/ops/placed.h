// A view and the tensor it is a view of, as two arrangements of one memory: what as_strided and the history of views that
// were written into need. The three functions are linear, and each other's gradients.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

struct Placed {
  /// Where x lies, and a view (shape, strides, first element in the storage) of the same storage.
  Placed(const Tensor& x, const Shape& shape, const Strides& strides, int64_t first);

  int64_t capacity;             // elements of the memory
  int64_t x_first, view_first;  // in it
  Shape x_shape, x_strides, view_shape, view_strides;
  bool dense;     // x is all of the memory, in order
  bool overlaps;  // elements of the view may be the same
};

/// The view's values, given x's.
Tensor taken(const Tensor& x, const Placed& at);
/// Of x's shape: dy, of the view's, added up in its places, zero elsewhere. The gradient of taken.
Tensor spread(const Tensor& dy, const Placed& at);
/// x with `values` in the view's places.
Tensor replaced(const Tensor& x, const Tensor& values, const Placed& at);

}  // namespace lamina::ops

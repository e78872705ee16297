#include "lamina/ops/iterate.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina::ops {

void prepare_loop(const Shape& shape, const Tensor* const* operands, int count, int& rank, int64_t& numel, int64_t* sizes,
                  int64_t* const* strides, std::byte** data) {
  numel = shape.numel();
  for (int k = 0; k < count; ++k) data[k] = operands[k]->bytes();
  bool plain = true;  // all contiguous and of this very shape: one dimension, the common case
  for (int k = 0; k < count && plain; ++k) plain = operands[k]->is_contiguous() && operands[k]->shape() == shape;
  if (plain) {
    rank = 1;
    sizes[0] = numel;
    for (int k = 0; k < count; ++k) strides[k][0] = element_size(operands[k]->dtype());
    return;
  }
  rank = 0;
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] == 1) continue;
    int64_t step[8];
    for (int k = 0; k < count; ++k) {
      const Tensor& t = *operands[k];
      const int own = d - (shape.rank() - t.rank());
      step[k] = own < 0 || t.shape()[own] == 1 ? 0 : t.strides()[own] * element_size(t.dtype());
    }
    bool merge = rank > 0;
    for (int k = 0; k < count && merge; ++k) merge = strides[k][rank - 1] == step[k] * shape[d];
    if (merge) {
      sizes[rank - 1] *= shape[d];
    } else {
      if (rank == kernels::kMaxLoopRank) throw ShapeError(str("more than ", kernels::kMaxLoopRank, " dimensions: ", shape));
      sizes[rank++] = shape[d];
    }
    for (int k = 0; k < count; ++k) strides[k][rank - 1] = step[k];
  }
}

}  // namespace lamina::ops

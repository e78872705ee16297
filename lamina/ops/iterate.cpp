#include "lamina/ops/iterate.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina::ops {

void prepare_loop(const Shape& shape, const Tensor* const* operands, int count, int& rank, int64_t& numel,
                  int64_t* sizes, int64_t* const* strides, std::byte** data) {
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
      if (rank == kernels::kMaxLoopRank)
        throw ShapeError(str("more than ", kernels::kMaxLoopRank, " dimensions: ", shape));
      sizes[rank++] = shape[d];
    }
    for (int k = 0; k < count; ++k) strides[k][rank - 1] = step[k];
  }
}

PooledVector<int> loop_order(const Shape& shape, std::initializer_list<const Tensor*> operands) {
  const int rank = shape.rank();
  PooledVector<int> order(size_t(rank), 0);
  for (int i = 0; i < rank; ++i) order[size_t(i)] = rank - 1 - i;
  const auto compare = [&](int a, int b) {
    for (const Tensor* t : operands) {
      const int64_t x = t->strides()[a], y = t->strides()[b];
      if (x == 0 || y == 0) continue;
      if (x != y) return x < y ? -1 : 1;
      if (shape[a] > shape[b]) return 1;
    }
    return 0;
  };
  for (int i = 1; i < rank; ++i)
    for (int at = i, before = i - 1; before >= 0; --before) {
      const int c = compare(order[size_t(before)], order[size_t(at)]);
      if (c < 0) break;
      if (c > 0) std::swap(order[size_t(before)], order[size_t(at)]), at = before;
    }
  return order;
}

}  // namespace lamina::ops

// Index tensors made ready for kernels: int64, contiguous, every number inside its range.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// `index` as contiguous int64 with numbers in [0, size); negative ones count from the end where `negative` allows it.
/// IndexError names the first that is outside, and `dim`.
Tensor checked_index(const char* name, const Tensor& index, int64_t size, int64_t dim, bool negative);

/// Which slices of a tensor: those of dimensions [first, first + count) as one, by number, arranged as `positions`.
struct Rows {
  int first = 0, count = 1;
  Tensor numbers;   // int64, contiguous, checked
  Shape positions;  // numbers.numel() as dimensions of the result
};

/// x's slices (…, positions, …), with gradient.
Tensor take_rows(const Tensor& x, const Rows& rows);
/// Zeros of `shape` with dy's slices added in, in order: the gradient of take_rows, which is its gradient.
Tensor add_rows(const Tensor& dy, const Shape& shape, const Rows& rows);
/// values, of take_rows' shape and self's type, written or added into self, whose history they join.
void put_rows(const Tensor& self, const Rows& rows, const Tensor& values, bool accumulate);

}  // namespace lamina::ops

// What the functions of linalg.h share: checks, and matrices as LAPACK wants them, column by column in float64.
#pragma once
#include <algorithm>
#include <string>

#include "lamina/core/tensor.h"
#include "lamina/core/threads.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"

namespace lamina::ops::linalg {

/// At least two dimensions, float32 or float64, sizes that LAPACK can count.
void check_matrices(const std::string& name, const Tensor& a);
void check_square(const std::string& name, const Tensor& a);
void check_floating(const std::string& name, const Tensor& a);
/// LinAlgError for the first info that is not 0; `text(info)` says what it means.
void check_info(const std::string& name, const Tensor& info, std::string (*text)(int));
/// The broadcast of two batches, each a shape without its last `rank` dimensions.
Shape batch_of(const Tensor& a, int rank = 2);
/// x with its batch expanded to `batch`.
Tensor in_batch(const Tensor& x, const Shape& batch);

/// The matrices (…, m, n) as (…, n, m) in float64, contiguous, without history.
Tensor to_columns(const Tensor& a);
/// The same back, in `type`; the memory stays as it is.
Tensor from_columns(const Tensor& columns, DType type);
/// Unset, for matrices (…, m, n).
inline Tensor new_columns(const Shape& batch, int64_t m, int64_t n) { return empty(batch + Shape{n, m}, kFloat64); }

/// Saved::output of what will be output `index` of its node.
inline Saved saved_output(const Tensor& y, uint16_t index) {
  y->output_index = index;
  return Saved::output(y);
}

/// f(i) for matrix i of `count`, of about n³ work each.
template <class F>
void each_matrix(int64_t count, int64_t n, F f) {
  parallel_for(count, grain_for(n * n * std::min<int64_t>(n, 1024) + 64), [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) f(i);
  });
}

}  // namespace lamina::ops::linalg

#include "lamina/ops/orthogonal.h"

#include <algorithm>
#include <limits>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/orthogonal.h"
#include "lamina/ops/copy.h"

namespace lamina::ops {

Tensor orthogonal_factor(const Tensor& matrix) {
  if (matrix.rank() != 2) throw ShapeError(str("orthogonal_factor expects a matrix, but got shape ", matrix.shape()));
  if (matrix.dtype() != DType::Float32 && matrix.dtype() != DType::Float64)
    throw_unsupported("orthogonal_factor", matrix.dtype());
  if (needs_grad(matrix)) throw NotImplementedError("orthogonal_factor has no gradient", "Call it in no_grad()");
  const int64_t rows = matrix.size(0), cols = matrix.size(1);
  if (std::max(rows, cols) > std::numeric_limits<int>::max() || std::min(rows, cols) >= int64_t{1} << 25)
    throw ShapeError(
        str("orthogonal_factor takes fewer than 2²⁵ columns of fewer than 2³¹ values, but got shape ", matrix.shape()));
  Tensor result = empty(matrix.shape(), matrix.dtype());
  if (matrix.numel() == 0) return result;
  const bool wide = rows < cols;
  const Tensor columns = empty(wide ? Shape{rows, cols} : Shape{cols, rows}, DType::Float64);  // each one contiguous
  const Tensor as_matrix = wide ? columns : alias(columns, {rows, cols}, {1, rows});
  copy_values(as_matrix, matrix);
  if (!kernels::orthogonal_factor(columns.data<double>(), std::max(rows, cols), std::min(rows, cols)))
    throw Error(str("the QR decomposition of a matrix of shape ", matrix.shape(), " failed"));
  copy_values(result, as_matrix);
  return result;
}

}  // namespace lamina::ops

#include "lamina/ops/linalg_matrices.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/kernels/lapack.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/view.h"

namespace lamina::ops::linalg {

void check_floating(const std::string& name, const Tensor& a) {
  if (!a.is_floating_point())
    throw DTypeError(str(name, ": Expected a floating point tensor as input. Got ", scalar_type_name(a.dtype())));
  if (a.dtype() == kBFloat16 || a.dtype() == kFloat16)
    throw DTypeError(str(name, ": Low precision dtypes not supported. Got ", scalar_type_name(a.dtype())),
                     "Convert it with .float()");
}

void check_matrices(const std::string& name, const Tensor& a) {
  if (a.rank() < 2) throw ShapeError(str(name, ": The input tensor A must have at least 2 dimensions."));
  check_floating(name, a);
  for (int d = -2; d < 0; ++d)
    if (a.shape()[d] > kernels::lapack::kLargest)
      throw ShapeError(str(name, ": a matrix of shape ", a.shape().last(2), " is larger than LAPACK can take"));
}

void check_square(const std::string& name, const Tensor& a) {
  check_matrices(name, a);
  if (a.size(-1) != a.size(-2))
    throw ShapeError(str(name, ": A must be batches of square matrices, but they are ", a.size(-2), " by ", a.size(-1),
                         " matrices"));
}

void check_info(const std::string& name, const Tensor& info, std::string (*text)(int)) {
  for (int64_t i = 0; i < info.numel(); ++i)
    if (const int found = info.data<int32_t>()[i]; found != 0)
      throw LinAlgError(str(name, ": ", info.rank() ? str("(Batch element ", i, "): ") : std::string(), text(found)));
}

Shape batch_of(const Tensor& a, int rank) { return a.shape().slice(0, a.rank() - rank); }

Tensor in_batch(const Tensor& x, const Shape& batch) {
  return batch_of(x) == batch ? x : expand(x, batch + x.shape().last(2));
}

namespace {
// The last two dimensions exchanged, without history.
Tensor turned(const Tensor& t) {
  Shape shape = t.shape(), strides = t.strides();
  std::swap(shape[-1], shape[-2]);
  std::swap(strides[-1], strides[-2]);
  return alias(t, shape, strides);
}
}  // namespace

Tensor to_columns(const Tensor& a) {
  const Tensor from = turned(a);
  Tensor y = empty(from.shape(), kFloat64);
  copy_values(y, from);
  return y;
}

Tensor from_columns(const Tensor& columns, DType type) {
  if (type == kFloat64) return turned(columns);
  const Tensor y = empty(columns.shape(), type);
  copy_values(y, columns);
  return turned(y);
}

}  // namespace lamina::ops::linalg

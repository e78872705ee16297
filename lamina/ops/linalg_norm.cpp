// Norms of vectors and matrices, and condition numbers.
#include <cmath>
#include <limits>

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/linalg_matrices.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops::linalg {

namespace {

Tensor as_type(const char* name, const Tensor& x, std::optional<DType> dtype) {
  if (dtype && !is_floating_point(*dtype))
    throw DTypeError(str(name, ": dtype should be floating point or complex. Got ", scalar_type_name(*dtype)));
  if (!x.is_floating_point())
    throw DTypeError(
        str(name, ": Expected a floating point or complex tensor as input. Got ", scalar_type_name(x.dtype())));
  if (dtype && element_size(*dtype) < element_size(x.dtype()))
    throw DTypeError(str(name, ": the dtype of the input (", scalar_type_name(x.dtype()),
                         ") should be convertible without "
                         "narrowing to the specified dtype (",
                         scalar_type_name(*dtype), ")"));
  return dtype ? to(x, *dtype) : x;
}

Shape every_dim(int rank) {
  Shape dims;
  for (int d = 0; d < rank; ++d) dims.push_back(d);
  return dims;
}

}  // namespace

Tensor vector_norm(const Tensor& input, double order, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  const Tensor x = as_type("linalg.vector_norm", input, dtype);
  const Shape over = dims && !dims->empty() ? *dims : every_dim(x.rank());
  const bool needs_elements = order < 0 || std::isinf(order);
  for (const int64_t d : over)
    if (needs_elements && x.rank() > 0 && x.size(d) == 0)
      throw ShapeError(str("linalg.vector_norm cannot compute the ", order,
                           " norm on an empty tensor because the operation does not have an identity"));
  if (x.rank() == 0) return reshape(ops::norm(reshape(x, {1}), order, {0}), {});
  return ops::norm(x, order, over, keepdim);
}

Tensor matrix_norm(const Tensor& input, const Order& order, const Shape& dims, bool keepdim,
                   std::optional<DType> dtype) {
  const Tensor a = as_type("linalg.matrix_norm", input, dtype);
  if (a.rank() < 2) throw ShapeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.");
  if (dims.rank() != 2) throw ShapeError(str("linalg.matrix_norm: dim must be a 2-tuple. Got ", dims.list_text()));
  const int64_t row = wrap_dim(dims[0], a.rank()), column = wrap_dim(dims[1], a.rank());
  if (row == column)
    throw OptionError(str("linalg.matrix_norm: dims must be different. Got (", dims[0], ", ", dims[1], ")"));
  if (order.name == "fro") return vector_norm(a, 2, dims, keepdim);
  const double size = std::fabs(order.number);
  const bool nuclear = order.name == "nuc";
  if (!nuclear && (!order.name.empty() || (size != 1 && size != 2 && !std::isinf(size))))
    throw OptionError(str("linalg.matrix_norm: Order ", order.text(), " not supported."));
  const bool largest = order.number > 0;
  if (nuclear || size == 2) {
    Tensor s = svdvals(movedim(a, {row, column}, {-2, -1}));
    s = nuclear ? sum(s, {-1}, keepdim) : largest ? amax(s, {-1}, keepdim) : amin(s, {-1}, keepdim);
    return keepdim ? movedim(unsqueeze(s, -1), {-2, -1}, {row, column}) : s;
  }
  const int64_t summed = std::isinf(size) ? column : row, chosen = std::isinf(size) ? row : column;
  const Tensor sums = vector_norm(a, 1, Shape{summed}, true);
  const Tensor y = largest ? amax(sums, {chosen}, true) : amin(sums, {chosen}, true);
  return keepdim ? y : squeeze(y, Shape{row, column});
}

Tensor norm(const Tensor& x, const std::optional<Order>& order, const Dims& dims, bool keepdim,
            std::optional<DType> dtype) {
  if (!order)
    return dims || x.rank() == 0 || keepdim ? vector_norm(x, 2, dims, keepdim, dtype)
                                            : vector_norm(reshape(x, {-1}), 2, {}, false, dtype);
  if (dims && dims->rank() != 1 && dims->rank() != 2)
    throw ShapeError(str("linalg.norm: If dim is specified, it must be of length 1 or 2. Got ", dims->list_text()));
  if (!dims && x.rank() != 1 && x.rank() != 2)
    throw ShapeError(
        str("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ", x.rank(), "D."));
  const bool vector = dims ? dims->rank() == 1 : x.rank() == 1;
  if (!vector) return matrix_norm(x, *order, dims.value_or(Shape{0, 1}), keepdim, dtype);
  if (!order->name.empty())
    throw OptionError(str("linalg.norm: Order ", order->name, " is for matrices; the input has one dimension"));
  return vector_norm(x, order->number, dims.value_or(Shape{0}), keepdim, dtype);
}

Tensor cond(const Tensor& a, const std::optional<Order>& order) {
  check_matrices("linalg.cond", a);
  const double number = order ? order->number : 2;
  if (!order || (order->name.empty() && std::fabs(number) == 2)) {
    const Tensor s = svdvals(a);
    if (a.numel() == 0 && s.size(-1) == 0) return zeros(batch_of(a), a.dtype());
    const Tensor high = select(s, -1, 0), low = select(s, -1, -1);
    return number > 0 ? div(high, low) : div(low, high);
  }
  check_square("linalg.cond", a);
  if (order->name != "fro" && order->name != "nuc" &&
      (!order->name.empty() || (std::fabs(number) != 1 && !std::isinf(number))))
    throw OptionError(str("linalg.cond got an invalid norm type: ", order->text()));
  if (a.numel() == 0) return zeros(batch_of(a), a.dtype());
  const auto [inverse, info] = inv_ex(a);
  const Tensor y = mul(matrix_norm(a, *order), matrix_norm(inverse, *order));
  return where(ne(info, 0), std::numeric_limits<double>::infinity(), y);
}

}  // namespace lamina::ops::linalg

// Tensors from nothing: filled, ranges, random, copies. Defaults are PyTorch's.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <optional>
#include <type_traits>
#include <vector>

#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina {
/// The type of tensors made of floats without a dtype: float32 unless set.
DType default_dtype();
void set_default_dtype(DType dtype);  // DTypeError for a type without fractions
}  // namespace lamina

namespace lamina::ops {

Tensor full(const Shape& shape, Scalar value, DType dtype);
Tensor zeros(const Shape& shape, DType dtype = default_dtype());
Tensor ones(const Shape& shape, DType dtype = default_dtype());
Tensor empty_like(const Tensor& t);  // same shape and dtype, contiguous, unset
Tensor zeros_like(const Tensor& t);
Tensor ones_like(const Tensor& t);
Tensor full_like(const Tensor& t, Scalar value);

/// A tensor of one dimension from numbers.
template <class T>
Tensor tensor(const std::vector<T>& values, DType dtype = dtype_of<T>::value);
/// The same from numbers in place: integers give int64, fractions the default dtype. tensor({5, 23, 100})
template <class T>
Tensor tensor(std::initializer_list<T> values);
Tensor tensor(Scalar value, DType dtype);  // of no dimensions

/// start, start + step, … before end. Without a dtype: int64 when all three are integers, else the default dtype.
Tensor arange(Scalar start, Scalar end, Scalar step = 1, std::optional<DType> dtype = {});
Tensor arange(Scalar end, std::optional<DType> dtype = {});
/// `steps` numbers at equal distances from start to end, both included.
Tensor linspace(double start, double end, int64_t steps, DType dtype = default_dtype());
/// base to the powers linspace(start, end, steps).
Tensor logspace(double start, double end, int64_t steps, double base = 10, DType dtype = default_dtype());
/// Ones on the main diagonal of (rows, cols).
Tensor eye(int64_t rows, DType dtype = default_dtype());
Tensor eye(int64_t rows, int64_t cols, DType dtype);

/// The lower (upper) triangle of the last two dimensions, zeros elsewhere; diagonal > 0 lies above the main one.
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);
/// A vector on the diagonal of a square matrix, or a matrix's diagonal as a copy.
Tensor diag(const Tensor& x, int64_t diagonal = 0);

/// The last dimension on the diagonal of two new ones, dim1 and dim2 of the result.
Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);

/// The only element. Error when there are more or none.
Scalar item(const Tensor& t);

/// A contiguous copy with history. Source: torch.clone.
Tensor clone(const Tensor& t);
/// t itself where it is contiguous already, else a contiguous copy. Source: torch.Tensor.contiguous.
Tensor contiguous(const Tensor& t);
/// t in another element type (t itself when it has it). The gradient goes back in t's own type.
Tensor to(const Tensor& t, DType dtype);

template <class T>
Tensor tensor(const std::vector<T>& values, DType dtype) {
  Tensor t = empty({int64_t(values.size())}, dtype_of<T>::value);
  std::copy(values.begin(), values.end(), t.data<T>());
  return to(t, dtype);
}

template <class T>
Tensor tensor(std::initializer_list<T> values) {
  DType dtype = dtype_of<T>::value;
  if constexpr (std::is_floating_point_v<T>) dtype = default_dtype();
  else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) dtype = kInt64;
  Tensor t = empty({int64_t(values.size())}, dtype_of<T>::value);
  std::copy(values.begin(), values.end(), t.data<T>());
  return to(t, dtype);
}

}  // namespace lamina::ops

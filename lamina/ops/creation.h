// Tensors from nothing: filled, ranges, random, copies. Defaults are PyTorch's.
#pragma once
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

/// A contiguous copy with history. Source: torch.clone.
Tensor clone(const Tensor& t);
/// t itself where it is contiguous already, else a contiguous copy. Source: torch.Tensor.contiguous.
Tensor contiguous(const Tensor& t);
/// t in another element type (t itself when it has it). The gradient goes back in t's own type.
Tensor to(const Tensor& t, DType dtype);

}  // namespace lamina::ops

#include "lamina/ops/promote.h"

#include "lamina/ops/creation.h"

namespace lamina::ops {

namespace {
int category(DType d) { return is_floating_point(d) ? 2 : d == DType::Bool ? 0 : 1; }
}  // namespace

DType promote_types(DType a, DType b) {
  if (a == b) return a;
  if (category(a) != category(b)) return category(a) > category(b) ? a : b;
  if (is_floating_point(a)) {
    if (a == DType::Float64 || b == DType::Float64) return DType::Float64;
    return DType::Float32;  // bfloat16 with float16, or either with float32
  }
  if (a == DType::UInt8 || b == DType::UInt8) {
    const DType other = a == DType::UInt8 ? b : a;
    return other == DType::Int8 ? DType::Int16 : other;  // the smallest that holds both
  }
  return element_size(a) > element_size(b) ? a : b;
}

DType result_type(const Tensor& a, const Tensor& b) {
  const DType x = a.dtype(), y = b.dtype();
  if (x == y) return x;
  const bool a_zero = a.rank() == 0, b_zero = b.rank() == 0;
  if (a_zero == b_zero) return promote_types(x, y);
  const DType with_dims = a_zero ? y : x, zero_dims = a_zero ? x : y;
  return category(zero_dims) > category(with_dims) ? zero_dims : with_dims;
}

DType result_type(const Tensor& a, Scalar b) {
  const DType x = a.dtype();
  switch (b.kind()) {
    case Scalar::Kind::Bool: return x;
    case Scalar::Kind::Int: return x == DType::Bool ? DType::Int64 : x;
    default: return is_floating_point(x) ? x : default_dtype();
  }
}

DType floating_result(DType dtype) { return is_floating_point(dtype) ? dtype : default_dtype(); }

}  // namespace lamina::ops

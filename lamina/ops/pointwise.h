// Elementwise operations with broadcasting and type promotion. Every name and every rule is PyTorch's.
#pragma once
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

// ---- arithmetic: a ∘ b over the broadcast shape, in the promoted type ---------------------------------------------
Tensor add(const Tensor& a, const Tensor& b, Scalar alpha = 1);  // a + alpha·b
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha = 1);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);  // true division: integers give floats
Tensor add(const Tensor& a, Scalar b, Scalar alpha = 1);
Tensor sub(const Tensor& a, Scalar b, Scalar alpha = 1);
Tensor rsub(const Tensor& a, Scalar b);  // b − a
Tensor mul(const Tensor& a, Scalar b);
Tensor div(const Tensor& a, Scalar b);
Tensor rdiv(const Tensor& a, Scalar b);  // b / a
Tensor neg(const Tensor& a);

// ---- division with a rule of rounding; a zero divisor of integers is an Error --------------------------------------
/// ⌊a / b⌋, in the type of the operands. The derivative does not exist: its backward is an Error.
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor floor_divide(const Tensor& a, Scalar b);
Tensor rfloor_divide(const Tensor& a, Scalar b);  // ⌊b / a⌋
/// a / b rounded "floor" (down) or "trunc" (towards zero), in the type of the operands; an empty mode is true division.
Tensor div(const Tensor& a, const Tensor& b, const std::string& rounding_mode);
Tensor div(const Tensor& a, Scalar b, const std::string& rounding_mode);
/// a − b·⌊a / b⌋: the sign is b's, as in Python.
Tensor remainder(const Tensor& a, const Tensor& b);
Tensor remainder(const Tensor& a, Scalar b);
Tensor rremainder(const Tensor& a, Scalar b);  // b mod a
/// a − b·trunc(a / b): the sign is a's, as in C.
Tensor fmod(const Tensor& a, const Tensor& b);
Tensor fmod(const Tensor& a, Scalar b);

// ---- powers and other functions of two operands -------------------------------------------------------------------
/// aᵇ. Integers keep their type; a negative number as exponent of integers is an Error.
Tensor pow(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& a, Scalar b);
Tensor pow(Scalar a, const Tensor& b);
Tensor atan2(const Tensor& y, const Tensor& x);      // the angle of (x, y)
Tensor hypot(const Tensor& a, const Tensor& b);      // √(a² + b²)
Tensor logaddexp(const Tensor& a, const Tensor& b);  // log(exp(a) + exp(b))
Tensor xlogy(const Tensor& a, const Tensor& b);      // a·log(b), 0 where a is 0
/// The larger of two, NaN where one is; the gradient goes to both halves where they are equal.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);

// ---- three operands -----------------------------------------------------------------------------------------------
Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value = 1);  // x + value·a·b
Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value = 1);  // x + value·a / b
Tensor lerp(const Tensor& a, const Tensor& b, Scalar weight);                         // a + weight·(b − a)
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight);

// ---- in place: the result must fit self's shape and type ------------------------------------------------------------
const Tensor& add_(const Tensor& self, const Tensor& other, Scalar alpha = 1);
const Tensor& sub_(const Tensor& self, const Tensor& other, Scalar alpha = 1);
const Tensor& mul_(const Tensor& self, const Tensor& other);
const Tensor& div_(const Tensor& self, const Tensor& other);
const Tensor& add_(const Tensor& self, Scalar other, Scalar alpha = 1);
const Tensor& sub_(const Tensor& self, Scalar other, Scalar alpha = 1);
const Tensor& mul_(const Tensor& self, Scalar other);
const Tensor& div_(const Tensor& self, Scalar other);
const Tensor& div_(const Tensor& self, const Tensor& other, const std::string& rounding_mode);
const Tensor& div_(const Tensor& self, Scalar other, const std::string& rounding_mode);
const Tensor& neg_(const Tensor& self);
const Tensor& floor_divide_(const Tensor& self, const Tensor& other);
const Tensor& floor_divide_(const Tensor& self, Scalar other);
const Tensor& remainder_(const Tensor& self, const Tensor& other);
const Tensor& remainder_(const Tensor& self, Scalar other);
const Tensor& fmod_(const Tensor& self, const Tensor& other);
const Tensor& fmod_(const Tensor& self, Scalar other);
const Tensor& pow_(const Tensor& self, const Tensor& exponent);
const Tensor& pow_(const Tensor& self, Scalar exponent);
const Tensor& addcmul_(const Tensor& self, const Tensor& a, const Tensor& b, Scalar value = 1);
const Tensor& addcdiv_(const Tensor& self, const Tensor& a, const Tensor& b, Scalar value = 1);
const Tensor& lerp_(const Tensor& self, const Tensor& end, Scalar weight);
const Tensor& lerp_(const Tensor& self, const Tensor& end, const Tensor& weight);

/// self = value everywhere; the gradient of what stood there is zero.
const Tensor& fill_(const Tensor& self, Scalar value);
const Tensor& fill_(const Tensor& self, const Tensor& value);  // of no dimensions
const Tensor& zero_(const Tensor& self);
/// self = from, broadcast and converted.
const Tensor& copy_(const Tensor& self, const Tensor& from);

// ---- shared by other operations -----------------------------------------------------------------------------------
/// dy summed over the dimensions that broadcasting added, so that it has `shape`: the gradient of a broadcast operand.
Tensor sum_to(const Tensor& dy, const Shape& shape);

}  // namespace lamina::ops

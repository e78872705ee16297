// Comparisons and logic, elementwise with broadcasting → bool; bits of integers. None of them has a gradient: their
// results have no fractions. Every name and every rule is PyTorch's.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

Tensor eq(const Tensor& a, const Tensor& b);
Tensor ne(const Tensor& a, const Tensor& b);
Tensor lt(const Tensor& a, const Tensor& b);
Tensor le(const Tensor& a, const Tensor& b);
Tensor gt(const Tensor& a, const Tensor& b);
Tensor ge(const Tensor& a, const Tensor& b);
Tensor eq(const Tensor& a, Scalar b);
Tensor ne(const Tensor& a, Scalar b);
Tensor lt(const Tensor& a, Scalar b);
Tensor le(const Tensor& a, Scalar b);
Tensor gt(const Tensor& a, Scalar b);
Tensor ge(const Tensor& a, Scalar b);

// Anything that is not zero counts as true.
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& a);

// Of integers and bools; DTypeError for floats. Bools: and, or, xor, not.
Tensor bitwise_and(const Tensor& a, const Tensor& b);
Tensor bitwise_or(const Tensor& a, const Tensor& b);
Tensor bitwise_xor(const Tensor& a, const Tensor& b);
Tensor bitwise_and(const Tensor& a, Scalar b);
Tensor bitwise_or(const Tensor& a, Scalar b);
Tensor bitwise_xor(const Tensor& a, Scalar b);
Tensor bitwise_not(const Tensor& a);
Tensor bitwise_left_shift(const Tensor& a, const Tensor& b);
Tensor bitwise_right_shift(const Tensor& a, const Tensor& b);
Tensor bitwise_left_shift(const Tensor& a, Scalar b);
Tensor bitwise_right_shift(const Tensor& a, Scalar b);

/// |a − b| ≤ atol + rtol·|b|, infinities equal to themselves, and NaN to NaN with equal_nan. DTypeError for two types.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false);
/// isclose everywhere.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false);
/// The same shape and the same values everywhere.
bool equal(const Tensor& a, const Tensor& b);

// In place; a comparison's 0 and 1 are converted to self's type.
const Tensor& eq_(const Tensor& self, const Tensor& other);
const Tensor& ne_(const Tensor& self, const Tensor& other);
const Tensor& lt_(const Tensor& self, const Tensor& other);
const Tensor& le_(const Tensor& self, const Tensor& other);
const Tensor& gt_(const Tensor& self, const Tensor& other);
const Tensor& ge_(const Tensor& self, const Tensor& other);
const Tensor& logical_and_(const Tensor& self, const Tensor& other);
const Tensor& logical_or_(const Tensor& self, const Tensor& other);
const Tensor& logical_xor_(const Tensor& self, const Tensor& other);
const Tensor& logical_not_(const Tensor& self);
const Tensor& bitwise_and_(const Tensor& self, const Tensor& other);
const Tensor& bitwise_or_(const Tensor& self, const Tensor& other);
const Tensor& bitwise_xor_(const Tensor& self, const Tensor& other);
const Tensor& bitwise_not_(const Tensor& self);

}  // namespace lamina::ops

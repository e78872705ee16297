// Elementwise functions of one tensor; f_ is f in place. Where the result has fractions, integers and bools are computed in
// the default dtype. Every name and every rule is PyTorch's.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

// ---- exponentials, logarithms, roots ------------------------------------------------------------------------------
Tensor exp(const Tensor& x);
Tensor exp2(const Tensor& x);
Tensor expm1(const Tensor& x);  // exp(x) − 1, exact near 0
Tensor log(const Tensor& x);
Tensor log2(const Tensor& x);
Tensor log10(const Tensor& x);
Tensor log1p(const Tensor& x);  // log(1 + x), exact near 0
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);   // 1 / √x
Tensor square(const Tensor& x);  // keeps integers
Tensor reciprocal(const Tensor& x);

// ---- trigonometric and hyperbolic ---------------------------------------------------------------------------------
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);
Tensor asin(const Tensor& x);
Tensor acos(const Tensor& x);
Tensor atan(const Tensor& x);
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor asinh(const Tensor& x);
Tensor acosh(const Tensor& x);
Tensor atanh(const Tensor& x);

// ---- sigmoid and error function -----------------------------------------------------------------------------------
Tensor sigmoid(const Tensor& x);  // 1 / (1 + exp(−x))
Tensor erf(const Tensor& x);
Tensor erfc(const Tensor& x);

// ---- rounding and sign, which keep integers -----------------------------------------------------------------------
Tensor abs(const Tensor& x);   // gradient 0 at 0
Tensor sign(const Tensor& x);  // −1, 0 or 1
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor trunc(const Tensor& x);
Tensor round(const Tensor& x);  // halves to the even neighbour
Tensor frac(const Tensor& x);   // x − trunc(x)

// ---- in place -----------------------------------------------------------------------------------------------------
const Tensor& exp_(const Tensor& self);
const Tensor& exp2_(const Tensor& self);
const Tensor& expm1_(const Tensor& self);
const Tensor& log_(const Tensor& self);
const Tensor& log2_(const Tensor& self);
const Tensor& log10_(const Tensor& self);
const Tensor& log1p_(const Tensor& self);
const Tensor& sqrt_(const Tensor& self);
const Tensor& rsqrt_(const Tensor& self);
const Tensor& square_(const Tensor& self);
const Tensor& reciprocal_(const Tensor& self);
const Tensor& sin_(const Tensor& self);
const Tensor& cos_(const Tensor& self);
const Tensor& tan_(const Tensor& self);
const Tensor& asin_(const Tensor& self);
const Tensor& acos_(const Tensor& self);
const Tensor& atan_(const Tensor& self);
const Tensor& sinh_(const Tensor& self);
const Tensor& cosh_(const Tensor& self);
const Tensor& tanh_(const Tensor& self);
const Tensor& asinh_(const Tensor& self);
const Tensor& acosh_(const Tensor& self);
const Tensor& atanh_(const Tensor& self);
const Tensor& sigmoid_(const Tensor& self);
const Tensor& erf_(const Tensor& self);
const Tensor& erfc_(const Tensor& self);
const Tensor& abs_(const Tensor& self);
const Tensor& sign_(const Tensor& self);
const Tensor& floor_(const Tensor& self);
const Tensor& ceil_(const Tensor& self);
const Tensor& trunc_(const Tensor& self);
const Tensor& round_(const Tensor& self);
const Tensor& frac_(const Tensor& self);

// ---- tests → bool -------------------------------------------------------------------------------------------------
Tensor isnan(const Tensor& x);
Tensor isinf(const Tensor& x);
Tensor isfinite(const Tensor& x);

}  // namespace lamina::ops

// Special functions and the rarer ones of one or two numbers, elementwise, with type promotion. Names and rules are PyTorch's.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

Tensor erfinv(const Tensor& x);   // the inverse of erf
Tensor lgamma(const Tensor& x);   // log |Γ(x)|
Tensor digamma(const Tensor& x);  // the derivative of lgamma
/// The n-th derivative of digamma.
Tensor polygamma(int64_t n, const Tensor& x);
Tensor sinc(const Tensor& x);  // sin(πx) / (πx), 1 at 0
/// log(x / (1 − x)); with eps x is first cut to [eps, 1 − eps].
Tensor logit(const Tensor& x, std::optional<double> eps = {});
Tensor deg2rad(const Tensor& x);
Tensor rad2deg(const Tensor& x);
Tensor signbit(const Tensor& x);   // whether the sign is −, of −0 too → bool
Tensor isposinf(const Tensor& x);  // → bool
Tensor isneginf(const Tensor& x);  // → bool

Tensor copysign(const Tensor& a, const Tensor& b);     // |a| with b's sign
Tensor heaviside(const Tensor& a, const Tensor& b);    // 0 below 0, 1 above, b at 0
Tensor nextafter(const Tensor& a, const Tensor& b);    // the next number from a towards b
Tensor fmax(const Tensor& a, const Tensor& b);         // the larger of two; a NaN counts less than any number
Tensor fmin(const Tensor& a, const Tensor& b);         // the smaller of two
Tensor logaddexp2(const Tensor& a, const Tensor& b);   // log₂(2ᵃ + 2ᵇ)
Tensor ldexp(const Tensor& a, const Tensor& b);        // a·2ᵇ
Tensor float_power(const Tensor& a, const Tensor& b);  // aᵇ in float64
Tensor gcd(const Tensor& a, const Tensor& b);          // of integers
Tensor lcm(const Tensor& a, const Tensor& b);

}  // namespace lamina::ops

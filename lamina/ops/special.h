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

// ---- Bessel's functions and the normal distribution (special_bessel.cpp) ---------------------------------------------
Tensor i0(const Tensor& x);        // modified, of the first kind and of order 0
Tensor i0e(const Tensor& x);       // i0(x)·exp(−|x|)
Tensor i1(const Tensor& x);        // of order 1
Tensor i1e(const Tensor& x);       // i1(x)·exp(−|x|)
Tensor erfcx(const Tensor& x);     // exp(x²)·erfc(x)
Tensor ndtr(const Tensor& x);      // the share of a standard normal below x
Tensor log_ndtr(const Tensor& x);  // its logarithm, exact in the tails
Tensor ndtri(const Tensor& p);     // the inverse of ndtr
Tensor entr(const Tensor& x);      // −x·log(x), 0 at 0, −∞ below
// Without a gradient, as in PyTorch: the functions of the first and second kind, modified ones of the second kind, Airy's.
Tensor bessel_j0(const Tensor& x);
Tensor bessel_j1(const Tensor& x);
Tensor bessel_y0(const Tensor& x);
Tensor bessel_y1(const Tensor& x);
Tensor modified_bessel_i0(const Tensor& x);
Tensor modified_bessel_i1(const Tensor& x);
Tensor modified_bessel_k0(const Tensor& x);
Tensor modified_bessel_k1(const Tensor& x);
Tensor scaled_modified_bessel_k0(const Tensor& x);  // times exp(x)
Tensor scaled_modified_bessel_k1(const Tensor& x);
Tensor spherical_bessel_j0(const Tensor& x);
Tensor airy_ai(const Tensor& x);

// ---- gamma, zeta and polynomials (special_gamma.cpp) -----------------------------------------------------------------
/// The lower (upper) incomplete gamma function over Γ(a). Error when a gradient of a is asked for.
Tensor igamma(const Tensor& a, const Tensor& x);
Tensor igammac(const Tensor& a, const Tensor& x);
/// Hurwitz' Σ (k + q)⁻ˢ. Error when a gradient of s is asked for.
Tensor zeta(const Tensor& s, const Tensor& q);
/// log Γₚ(x), the logarithm of the multivariate gamma function of dimension p ≥ 1.
Tensor mvlgamma(const Tensor& x, int64_t p);
Tensor xlog1py(const Tensor& a, const Tensor& b);  // a·log1p(b), 0 where a is 0
// Orthogonal polynomials of degree n, 0 where n < 0; without a gradient. The shifted ones are those of 2x − 1.
Tensor chebyshev_polynomial_t(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_u(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_v(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_w(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_t(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_u(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_v(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_w(const Tensor& x, const Tensor& n);
Tensor hermite_polynomial_h(const Tensor& x, const Tensor& n);   // the physicists'
Tensor hermite_polynomial_he(const Tensor& x, const Tensor& n);  // the probabilists'
Tensor laguerre_polynomial_l(const Tensor& x, const Tensor& n);
Tensor legendre_polynomial_p(const Tensor& x, const Tensor& n);

// ---- of two numbers --------------------------------------------------------------------------------------------------
Tensor copysign(const Tensor& a, const Tensor& b);     // |a| with b's sign
Tensor heaviside(const Tensor& a, const Tensor& b);    // 0 below 0, 1 above, b at 0
Tensor nextafter(const Tensor& a, const Tensor& b);    // the next number from a towards b
Tensor fmax(const Tensor& a, const Tensor& b);         // the larger of two; a NaN counts less than any number
Tensor fmin(const Tensor& a, const Tensor& b);         // the smaller of two
Tensor logaddexp2(const Tensor& a, const Tensor& b);   // log₂(2ᵃ + 2ᵇ)
Tensor ldexp(const Tensor& a, const Tensor& b);        // a·2ᵇ
Tensor float_power(const Tensor& a, const Tensor& b);  // aᵇ in float64
struct Parts { Tensor mantissa, exponent; };
/// x = mantissa·2^exponent with a mantissa in (−1, −½] or [½, 1); exponent int32.
Parts frexp(const Tensor& x);
Tensor gcd(const Tensor& a, const Tensor& b);  // of integers
Tensor lcm(const Tensor& a, const Tensor& b);

}  // namespace lamina::ops

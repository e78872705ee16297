// Special functions of one or two numbers in float64, as exact as the argument allows. NaN in, NaN out.
#pragma once
#include <cstdint>

namespace lamina::kernels::special {

// ---- the normal distribution and the error function (special_normal.cpp) ---------------------------------------------
double erfcx(double x);     // exp(x²)·erfc(x)
double ndtr(double x);      // the share of a standard normal below x
double log_ndtr(double x);  // its logarithm
double ndtri(double p);     // the x with ndtr(x) = p

// ---- Bessel's functions (special_bessel.cpp) -------------------------------------------------------------------------
double i0(double x);   // modified, of the first kind and of order 0
double i0e(double x);  // times exp(−|x|)
double i1(double x);
double i1e(double x);
double k0(double x);   // modified, of the second kind
double k0e(double x);  // times exp(x)
double k1(double x);
double k1e(double x);
double airy_ai(double x);
double spherical_j0(double x);  // sin(x) / x

// ---- gamma and zeta (special_gamma.cpp) ------------------------------------------------------------------------------
double igamma(double a, double x);   // the lower incomplete gamma function over Γ(a)
double igammac(double a, double x);  // the upper one
double zeta(double s, double q);     // Hurwitz' Σ (k + q)⁻ˢ

// ---- orthogonal polynomials of degree n (special_polynomials.cpp); 0 for n < 0 ---------------------------------------
double chebyshev_t(double x, int64_t n);
double chebyshev_u(double x, int64_t n);
double chebyshev_v(double x, int64_t n);
double chebyshev_w(double x, int64_t n);
double hermite_h(double x, int64_t n);
double hermite_he(double x, int64_t n);
double laguerre_l(double x, int64_t n);
double legendre_p(double x, int64_t n);

}  // namespace lamina::kernels::special

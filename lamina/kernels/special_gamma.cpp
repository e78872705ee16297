#include <cmath>
#include <limits>
#include <numbers>

#include "lamina/kernels/special.h"

namespace lamina::kernels::special {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostTerms = 100000;

// log Γ(a) − (a·log a − a − ½·log(a / 2π)) for large a.
double stirling_rest(double a) {
  const double z = 1 / (a * a);
  return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z / 1188)))) / a;
}

// x^a·e^(−x) / Γ(a + 1), where both powers may be out of range.
double power_over_gamma(double a, double x) {
  if (a < 20) return std::exp(a * std::log(x) - x - std::lgamma(a + 1));
  const double off = (x - a) / a;  // a·(log(x/a) − off) keeps its digits near x = a
  const double log_part = std::fabs(off) < 0.5 ? std::log1p(off) - off : std::log(x / a) - off;
  return std::exp(a * log_part - stirling_rest(a)) / std::sqrt(2 * std::numbers::pi * a);
}

double lower_series(double a, double x) {
  double sum = 1, term = 1;
  for (int n = 1; n < kMostTerms; ++n) {
    term *= x / (a + n);
    sum += term;
    if (term < 1e-17 * sum) break;
  }
  return sum * power_over_gamma(a, x);
}

// Lentz' method for the continued fraction of Γ(a, x).
double upper_fraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a, c = 1 / kTiny, d = 1 / (b == 0 ? kTiny : b), h = d;
  for (int n = 1; n < kMostTerms; ++n) {
    const double an = -double(n) * (n - a);
    b += 2;
    d = an * d + b;
    if (std::fabs(d) < kTiny) d = kTiny;
    c = b + an / c;
    if (std::fabs(c) < kTiny) c = kTiny;
    d = 1 / d;
    h *= d * c;
    if (std::fabs(d * c - 1) < 1e-16) break;
  }
  return h * a * power_over_gamma(a, x);
}

// For x < 1 and small a: 1 − x^a / Γ(a + 1)·Σ would cancel.
double upper_series(double a, double x) {
  double sum = 0, term = 1;
  for (int n = 1; n < kMostTerms; ++n) {
    term *= -x / n;
    sum += term / (a + n);
    if (std::fabs(term / (a + n)) < 1e-17 * std::fabs(sum)) break;
  }
  const double logarithm = a * std::log(x), one = -std::expm1(logarithm - std::lgamma(a + 1));
  return one - std::exp(logarithm - std::lgamma(a)) * sum;
}

}  // namespace

double igamma(double a, double x) {
  if (!(a >= 0) || !(x >= 0)) return std::nan("");
  if (a == 0) return x > 0 ? 1 : std::nan("");
  if (x == 0) return 0;
  if (std::isinf(a)) return std::isinf(x) ? std::nan("") : 0;
  if (std::isinf(x)) return 1;
  return x < a + 1 ? lower_series(a, x) : 1 - upper_fraction(a, x);
}

double igammac(double a, double x) {
  if (!(a >= 0) || !(x >= 0)) return std::nan("");
  if (a == 0) return x > 0 ? 0 : std::nan("");
  if (x == 0) return 1;
  if (std::isinf(a)) return std::isinf(x) ? std::nan("") : 1;
  if (std::isinf(x)) return 0;
  if (x >= a + 1) return upper_fraction(a, x);
  return x < 1 ? upper_series(a, x) : 1 - lower_series(a, x);
}

// By the Euler–Maclaurin formula. Source: Cephes, zeta.c.
double zeta(double s, double q) {
  constexpr double factors[] = {12.0,
                                -720.0,
                                30240.0,
                                -1209600.0,
                                47900160.0,
                                -1.8924375803183791606e9,
                                7.47242496e10,
                                -2.950130727918164224e12,
                                1.1646782814350067249e14,
                                -4.5979787224074726105e15,
                                1.8152105401943546773e17,
                                -7.1661652561756670113e18};
  if (std::isnan(s) || std::isnan(q)) return std::nan("");
  if (s == 1) return kInfinity;
  if (s < 1) return std::nan("");
  if (q <= 0 && q == std::floor(q)) return kInfinity;
  if (q <= 0 && s != std::floor(s)) return std::nan("");  // q⁻ˢ is not real
  double sum = std::pow(q, -s), a = q, b = 0;
  for (int i = 0; i < 9 || a <= 9; ++i) {
    a += 1;
    b = std::pow(a, -s);
    sum += b;
    if (std::fabs(b / sum) < 1e-17) return sum;
  }
  sum += b * a / (s - 1) - 0.5 * b;
  double factor = 1, k = 0;
  for (const double f : factors) {
    factor *= s + k;
    b /= a;
    const double term = factor * b / f;
    sum += term;
    if (std::fabs(term / sum) < 1e-17) break;
    k += 1;
    factor *= s + k;
    b /= a;
    k += 1;
  }
  return sum;
}

}  // namespace lamina::kernels::special

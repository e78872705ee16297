#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lamina/kernels/special.h"

namespace lamina::kernels::special {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// exp(−|x|)·I_order(x) for order 0 or 1. The power series has positive terms only; from 30 on the asymptotic one is exact
// before its terms grow again.
double scaled_i(int order, double x) {
  const double size = std::fabs(x);
  if (std::isnan(x)) return x;
  double sum = 1, term = 1;
  if (size < 30) {
    const double quarter = 0.25 * x * x;
    for (int k = 1; k < 200; ++k) {
      term *= quarter / (double(k) * (k + order));
      sum += term;
      if (term < 1e-17 * sum) break;
    }
    return sum * (order == 1 ? 0.5 * x : 1) * std::exp(-size);
  }
  if (std::isinf(size)) return 0;
  const double mu = 4.0 * order * order;
  for (int k = 1; k < 60; ++k) {
    term *= ((2 * k - 1) * (2 * k - 1) - mu) / (8 * size * k);
    sum += term;
    if (std::fabs(term) < 1e-17 * std::fabs(sum)) break;
  }
  return (x < 0 && order == 1 ? -sum : sum) / std::sqrt(2 * std::numbers::pi * size);
}

// exp(x)·K_order(x) = ∫₀^∞ exp(−x·(cosh t − 1))·cosh(order·t) dt by the trapezoidal rule, which converges exponentially here.
double scaled_k(int order, double x) {
  if (std::isnan(x) || x < 0) return std::nan("");
  if (x == 0) return kInfinity;
  if (std::isinf(x)) return 0;
  // the limits at 0, exact to x²; the sum below would run into cosh's overflow
  if (x < 1e-9) return order == 1 ? 1 / x + 1 : (-std::log(x / 2) - std::numbers::egamma) * (1 + x);
  const double step = std::min(0.125, 0.7 / std::sqrt(x));
  double sum = 0.5;
  for (int i = 1;; ++i) {
    const double t = i * step, half = std::sinh(0.5 * t);
    const double term = std::exp(-2 * x * half * half) * std::cosh(order * t);  // cosh t − 1 without cancellation
    sum += term;
    if (term < 1e-18 * sum) break;
  }
  return sum * step;
}

}  // namespace

double i0e(double x) { return scaled_i(0, x); }
double i1e(double x) { return scaled_i(1, x); }
double i0(double x) {
  const double size = std::fabs(x);
  if (std::isinf(x)) return kInfinity;
  return i0e(x) * std::exp(size / 2) * std::exp(size / 2);
}
double i1(double x) {
  const double size = std::fabs(x);
  if (std::isinf(x)) return x;
  return i1e(x) * std::exp(size / 2) * std::exp(size / 2);
}
double k0e(double x) { return scaled_k(0, x); }
double k1e(double x) { return scaled_k(1, x); }
double k0(double x) { return scaled_k(0, x) * std::exp(-x); }
double k1(double x) { return scaled_k(1, x) * std::exp(-x); }

double airy_ai(double x) {
  if (std::isnan(x)) return x;
  if (std::isinf(x)) return x < 0 ? std::nan("") : 0;
  const double size = std::fabs(x), root = std::sqrt(size), z = size * root * 2 / 3;
  if (size < 1e-10) return 0.355028053887817239 - 0.258819403792806799 * x;
  if (x > 0) {
    if (x > 103.892) return 0;
    return root / (std::numbers::pi * std::numbers::sqrt3) * std::cyl_bessel_k(1.0 / 3, z);
  }
  const double j = std::cyl_bessel_j(1.0 / 3, z), y = std::cyl_neumann(1.0 / 3, z);
  return root * (0.5 * j - y / (2 * std::numbers::sqrt3));
}

double spherical_j0(double x) {
  if (std::isinf(x)) return 0;
  return std::fabs(x) < 1e-4 ? 1 - x * x / 6 * (1 - x * x / 20) : std::sin(x) / x;
}

}  // namespace lamina::kernels::special

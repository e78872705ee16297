#include <cmath>
#include <limits>
#include <numbers>

#include "lamina/kernels/special.h"

namespace lamina::kernels::special {

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();
}

double erfcx(double x) {
  if (x < -26.7) return kInfinity;
  if (x < 25) {
    const double square = x * x, rest = std::fma(x, x, -square);  // exp(square + rest), as a large exponent needs it
    return std::exp(square) * std::erfc(x) * (1 + rest);
  }
  if (std::isinf(x)) return 0;
  const double z = 1 / (2 * x * x);  // the asymptotic series: 1 − z + 3z² − 15z³ + 105z⁴ …
  return (1 - z * (1 - z * (3 - z * (15 - z * (105 - z * (945 - z * 10395)))))) / (x * std::sqrt(std::numbers::pi));
}

double ndtr(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double log_ndtr(double x) {
  if (x < -1) return std::log(0.5 * erfcx(-x / std::numbers::sqrt2)) - 0.5 * x * x;
  return std::log1p(-0.5 * std::erfc(x / std::numbers::sqrt2));
}

double ndtri(double p) {
  if (!(p >= 0 && p <= 1)) return std::nan("");
  if (p == 0 || p == 1) return p == 0 ? -kInfinity : kInfinity;
  if (p > 0.5) return -ndtri(1 - p);
  // Newton's method on log_ndtr, which is concave: from below it comes up without overshooting
  const double target = std::log(p);
  double x = -std::sqrt(-2 * target);
  for (int step = 0; step < 60; ++step) {
    const double slope = std::sqrt(2 * std::numbers::inv_pi) / erfcx(-x / std::numbers::sqrt2);
    const double move = (log_ndtr(x) - target) / slope;
    x -= move;
    if (std::fabs(move) <= 1e-16 * (1 + std::fabs(x))) break;
  }
  if (p > 0.25)  // near ½, erf keeps the digits of a small x
    for (int step = 0; step < 2; ++step)
      x -= (std::erf(x / std::numbers::sqrt2) - (2 * p - 1)) * std::sqrt(std::numbers::pi / 2) * std::exp(0.5 * x * x);
  return p == 0.5 ? 0 : x;
}

}  // namespace lamina::kernels::special

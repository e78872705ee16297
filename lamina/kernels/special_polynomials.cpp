// By the recurrences of degree, or by angles where a high degree of |x| < 1 would take long.
#include <cmath>

#include "lamina/kernels/special.h"

namespace lamina::kernels::special {

namespace {

// next(k, p, q) is the polynomial of degree k + 1 from those of degree k − 1 (p) and k (q).
template <class Next>
double recurrence(int64_t n, double first, Next next) {
  if (n < 0) return 0;
  if (n == 0) return 1;
  double p = 1, q = first;
  for (int64_t k = 1; k < n && !std::isnan(q); ++k) {
    const double r = next(double(k), p, q);
    p = q;
    q = r;
  }
  return q;
}

constexpr int64_t kByAngle = 40;

// All four of Chebyshev's kinds share 2x·q − p.
double chebyshev(double x, int64_t n, double first) {
  return recurrence(n, first, [x](double, double p, double q) { return 2 * x * q - p; });
}
bool by_angle(double x, int64_t n) { return n > kByAngle && std::fabs(x) < 1; }
// At ±1, where high degrees are known: `even` and `odd` at −1.
double at_end(double x, int64_t n, double at_one, double even, double odd) {
  return x > 0 ? at_one : n % 2 == 0 ? even : odd;
}
bool is_end(double x, int64_t n) { return n >= 0 && std::fabs(x) == 1; }

// A degree so high that the numbers leave float64's range; PyTorch gives NaN.
constexpr int64_t kHighestHermite = 512;

}  // namespace

double chebyshev_t(double x, int64_t n) {
  if (is_end(x, n)) return at_end(x, n, 1, 1, -1);
  return by_angle(x, n) ? std::cos(double(n) * std::acos(x)) : chebyshev(x, n, x);
}

double chebyshev_u(double x, int64_t n) {
  const double m = double(n) + 1;
  if (is_end(x, n)) return at_end(x, n, m, m, -m);
  if (!by_angle(x, n)) return chebyshev(x, n, 2 * x);
  const double angle = std::acos(x);
  return std::sin(m * angle) / std::sin(angle);
}

double chebyshev_v(double x, int64_t n) {
  const double m = 2 * double(n) + 1;
  if (is_end(x, n)) return at_end(x, n, 1, m, -m);
  if (!by_angle(x, n)) return chebyshev(x, n, 2 * x - 1);
  const double angle = std::acos(x);
  return std::cos((double(n) + 0.5) * angle) / std::cos(angle / 2);
}

double chebyshev_w(double x, int64_t n) {
  const double m = 2 * double(n) + 1;
  if (is_end(x, n)) return at_end(x, n, m, 1, -1);
  if (!by_angle(x, n)) return chebyshev(x, n, 2 * x + 1);
  const double angle = std::acos(x);
  return std::sin((double(n) + 0.5) * angle) / std::sin(angle / 2);
}

double hermite_h(double x, int64_t n) {
  if (n > kHighestHermite) return std::nan("");
  return recurrence(n, 2 * x, [x](double k, double p, double q) { return 2 * x * q - 2 * k * p; });
}
double hermite_he(double x, int64_t n) {
  if (n > kHighestHermite) return std::nan("");
  return recurrence(n, x, [x](double k, double p, double q) { return x * q - k * p; });
}
double laguerre_l(double x, int64_t n) {
  if (x == 0 && n >= 0) return 1;
  return recurrence(n, 1 - x, [x](double k, double p, double q) { return ((2 * k + 1 - x) * q - k * p) / (k + 1); });
}
double legendre_p(double x, int64_t n) {
  if (is_end(x, n)) return at_end(x, n, 1, 1, -1);
  return recurrence(n, x, [x](double k, double p, double q) { return ((2 * k + 1) * x * q - k * p) / (k + 1); });
}

}  // namespace lamina::kernels::special

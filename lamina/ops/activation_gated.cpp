// SiLU and GELU, declared in activation.h: x times a probability that goes from 0 to 1. Far below 0 the product is found without
// passing through numbers that are too small for double, and exponents are carried with their rounding errors.
#include <algorithm>
#include <numbers>

#include "lamina/core/text.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/curve.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

constexpr double kRoot2OverPi = 2 * std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2;  // √(2/π)
constexpr double kCubic = 0.044715;
constexpr double kDensityAt0 = std::numbers::inv_sqrtpi / std::numbers::sqrt2;

// ---- x·sigmoid(w(x)) -----------------------------------------------------------------------------------------------

constexpr double kFar = 1500;  // ±: beyond it, nothing changes any more

// exp(high + low), as its root where it may be too small
struct Exponent { double high, low; };
struct Power { double root, value; };
Power power(Exponent w) {
  const double root = std::exp(w.high / 2) * (1 + w.low / 2);
  return {root, root * root};
}

double gated(double x, Exponent w) {
  if (w.high > 0) return x / (1 + std::exp(-w.high));
  const auto [root, e] = power(w);
  return x * root * root / (1 + e);
}
// its derivative, given w′: σ·(1 + x·w′·(1 − σ))
double gated_slope(double x, Exponent w, double dw) {
  if (w.high > 0) {
    const double q = std::exp(-w.high);
    return (1 + x * dw * q / (1 + q)) / (1 + q);
  }
  const auto [root, e] = power(w);
  return (1 + e + x * dw) / ((1 + e) * (1 + e)) * root * root;
}
double cut(double x, double bound) { return x < -bound ? -bound : x > bound ? bound : x; }

constexpr Curve kSilu{
    .name = "silu",
    .node = "SiluBackward0",
    .run = wide_curve_loop<decltype([](double x, Numbers) {
      return x > 0 ? gated(x, {x, 0}) : gated(cut(x, kFar), {cut(x, kFar), 0});
    })>,
    .run_backward =
        wide_slope_loop<decltype([](double x, Numbers) { return gated_slope(cut(x, kFar), {cut(x, kFar), 0}, 1); })>,
    .plain = [](const Tensor& dy, const Tensor& at, const Numbers&) {
      const Tensor x = clamp(at, -kFar, kFar), s = sigmoid(x);
      return mul(dy, mul(s, add(mul(x, rsub(s, 1)), 1)));
    }};

// w = 2·√(2/π)·(x + 0.044715·x³), with more digits where they count: below 0, where e^w is small but w is not
Exponent tanh_exponent(double x) {
  constexpr double kPlain = -3;
  if (x > kPlain) return {2 * kRoot2OverPi * (x + kCubic * x * x * x), 0};
  constexpr long double kLong = 1.5957691216057307117597842397375276L, kLongCubic = 0.044715L;  // 2·√(2/π)
  const long double w = kLong * (x + kLongCubic * x * x * x);
  return {double(w), double(w - double(w))};
}
constexpr double kTanhFar = 40;  // w is beyond ±4000 there

constexpr Curve kGeluTanh{.name = "gelu",
                          .node = "GeluBackward0",
                          .run = wide_curve_loop<decltype([](double x, Numbers) {
                            return gated(x < -kTanhFar ? -kTanhFar : x, tanh_exponent(cut(x, kTanhFar)));
                          })>,
                          .run_backward = wide_slope_loop<decltype([](double given, Numbers) {
                            const double x = cut(given, kTanhFar);
                            return gated_slope(x, tanh_exponent(x), 2 * kRoot2OverPi * (1 + 3 * kCubic * x * x));
                          })>,
                          .plain = [](const Tensor& dy, const Tensor& at, const Numbers&) {
                            const Tensor x = clamp(at, -kTanhFar, kTanhFar), square = mul(x, x);
                            const Tensor s = sigmoid(mul(mul(x, add(mul(square, kCubic), 1)), 2 * kRoot2OverPi));
                            const Tensor dw = mul(add(mul(square, 3 * kCubic), 1), 2 * kRoot2OverPi);
                            return mul(dy, mul(s, add(mul(mul(x, dw), rsub(s, 1)), 1)));
                          }};

// ---- x·Φ(x) --------------------------------------------------------------------------------------------------------

constexpr double kNormalFar = 40;  // Φ(−40) < 10⁻³⁴⁹

// √(√(2π)·φ(x)) = e^(−x²/4), |x| ≤ kNormalFar
double density_root(double x) {
  const double square = x * x, rest = std::fma(x, x, -square);
  return std::exp(-square / 4) * (1 - rest / 4);
}
// factor·φ(x), the factor before the product can be too small for it
double times_density(double factor, double x) {
  const double root = density_root(x);
  return factor * kDensityAt0 * root * root;
}

// Φ(x) = erfc(z) / 2 at z = −x/√2, corrected by the derivative for what rounding took from z
double distribution(double x) {
  constexpr double kRest = -4.8336466567264567e-17;  // 1/√2 − double(1/√2)
  constexpr double kHalfRoot = std::numbers::sqrt2 / 2;
  const double z = -x * kHalfRoot, rest = std::fma(-x, kHalfRoot, -z) - x * kRest;
  return std::erfc(z) / 2 - std::numbers::inv_sqrtpi * std::exp(-z * z) * rest;
}

// −x·Φ(x) / φ(x) far below 0: 1 − 1/x² + 3/x⁴ − 15/x⁶ + …
double tail_ratio(double x) {
  const double r = -1 / (x * x);
  double s = 1;
  for (int odd = 15; odd >= 1; odd -= 2) s = 1 + odd * r * s;
  return s;
}
constexpr double kTail = -30;  // below it the series is exact to the last digit

double gelu_value(double x) {
  if (x > kTail || std::isnan(x)) return x * distribution(std::min(x, kNormalFar));
  x = std::max(x, -kNormalFar);
  return times_density(-tail_ratio(x), x);
}
double gelu_slope(double given) {
  const double x = cut(given, kNormalFar);
  if (x > kTail || std::isnan(x)) return distribution(x) + times_density(x, x);
  return times_density(x - tail_ratio(x) / x, x);
}

constexpr Curve kGelu{.name = "gelu",
                      .node = "GeluBackward0",
                      .run = wide_curve_loop<decltype([](double x, Numbers) { return gelu_value(x); })>,
                      .run_backward = wide_slope_loop<decltype([](double x, Numbers) { return gelu_slope(x); })>,
                      .plain = [](const Tensor& dy, const Tensor& at, const Numbers&) {
                        const Tensor x = clamp(at, -kNormalFar, kNormalFar);
                        const Tensor phi = mul(exp(mul(mul(x, x), -0.5)), kDensityAt0);
                        return mul(dy, add(mul(erfc(mul(x, -std::numbers::sqrt2 / 2)), 0.5), mul(x, phi)));
                      }};

}  // namespace

Tensor gelu(const Tensor& input, std::string_view approximate) {
  if (approximate == "none") return curve(kGelu, input);
  if (approximate == "tanh") return curve(kGeluTanh, input);
  throw OptionError(str("approximate argument must be either none or tanh, got '", approximate, "'"));
}

Tensor silu(const Tensor& input) { return curve(kSilu, input); }
const Tensor& silu_(const Tensor& self) { return curve_(kSilu, self); }

}  // namespace lamina::ops

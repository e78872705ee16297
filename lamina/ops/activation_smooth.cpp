#include "lamina/ops/activation_smooth.h"

#include <algorithm>

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/curve.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

// ---- x above 0: b·x; elsewhere a·expm1(x / c) ----------------------------------------------------------------------

constexpr Curve kElu{
    .name = "elu",
    .node = "EluBackward0",
    .run = wide_curve_loop<decltype([](double x, Numbers n) { return x <= 0 ? n.a * std::expm1(x / n.c) : n.b * x; })>,
    .run_backward =
        wide_slope_loop<decltype([](double x, Numbers n) { return x <= 0 ? n.a / n.c * std::exp(x / n.c) : n.b; })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers& n) {
      const Tensor below = mul(exp(div(clamp_max(x, 0), n.c)), n.a / n.c);
      return where(le(x.detach(), 0), mul(dy, below), mul(dy, n.b));
    }};
constexpr Curve kCelu{
    .name = "celu", .node = "CeluBackward0", .run = kElu.run, .run_backward = kElu.run_backward, .plain = kElu.plain};
constexpr Numbers kSelu{kSeluAlpha * kSeluScale, kSeluScale, 1};

Numbers elu_numbers(double alpha) {
  check_option("alpha", alpha);
  return {alpha, 1, 1};
}
Numbers celu_numbers(double alpha) {
  check_option("alpha", alpha);
  if (alpha == 0) throw OptionError("alpha cannot be 0 for celu");
  return {alpha, 1, alpha};
}

// ---- logarithms of 1 + eˣ ------------------------------------------------------------------------------------------

double log1p_exp(double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }
double logistic(double x) {
  const double e = std::exp(-std::fabs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

constexpr Curve kSoftplus{
    .name = "softplus",
    .node = "SoftplusBackward0",
    .run = wide_curve_loop<decltype([](double x, Numbers n) { return x * n.a > n.b ? x : log1p_exp(x * n.a) / n.a; })>,
    .run_backward =
        wide_slope_loop<decltype([](double x, Numbers n) { return x * n.a > n.b ? 1.0 : logistic(x * n.a); })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers& n) {
      return where(gt(mul(x.detach(), n.a), n.b), dy, mul(dy, sigmoid(mul(x, n.a))));
    }};

constexpr Curve kLogSigmoid{
    .name = "logsigmoid",
    .node = "LogSigmoidBackward0",
    .run = wide_curve_loop<decltype([](double x, Numbers) { return -log1p_exp(-x); })>,
    .run_backward = wide_slope_loop<decltype([](double x, Numbers) { return logistic(-x); })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers&) { return mul(dy, sigmoid(neg(x))); }};

// ---- mish ----------------------------------------------------------------------------------------------------------
// tanh(log(1 + e)) = e·(e + 2) / (e·(e + 2) + 2) with e = eˣ, in q = e⁻ˣ where x > 0 so that nothing overflows. Far below 0,
// x·e is found as (x·√e)·√e, whose steps do not leave the normal numbers before the result does.

constexpr double kFar = 1500;  // ±: beyond it, nothing changes any more

double mish_value(double x) {
  if (x > 0) {
    const double q = std::exp(-x), n = 1 + 2 * q;
    return x * (n / (n + 2 * q * q));
  }
  x = x < -kFar ? -kFar : x;
  const double root = std::exp(x / 2), e = root * root;
  return x * root * root * ((1 + e / 2) / (1 + e + e * e / 2));
}

double mish_slope(double x) {
  if (x > 0) {
    x = std::min(x, kFar);
    const double q = std::exp(-x), n = 1 + 2 * q, d = n + 2 * q * q;
    return n / d + 4 * x * q * q * (1 + q) / (d * d);
  }
  x = x < -kFar ? -kFar : x;
  const double root = std::exp(x / 2), e = root * root, d = e * e + 2 * e + 2;
  return ((e + 2) * d + 4 * x * (1 + e)) / (d * d) * root * root;
}

constexpr Curve kMish{.name = "mish",
                      .node = "MishBackward0",
                      .run = wide_curve_loop<decltype([](double x, Numbers) { return mish_value(x); })>,
                      .run_backward = wide_slope_loop<decltype([](double x, Numbers) { return mish_slope(x); })>,
                      .plain = [](const Tensor& dy, const Tensor& x, const Numbers&) {
                        const Tensor t = tanh(neg(logsigmoid(neg(x)))), s = sigmoid(x);
                        return mul(dy, add(t, mul(mul(x, s), rsub(mul(t, t), 1))));
                      }};

// ---- without a parameter -------------------------------------------------------------------------------------------

constexpr Curve kSoftsign{
    .name = "softsign",
    .node = "SoftsignBackward0",
    .run = wide_curve_loop<decltype([](double x, Numbers) {
      return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::fabs(x));
    })>,
    .run_backward = wide_slope_loop<decltype([](double x, Numbers) {
      const double r = 1 / (1 + std::fabs(x));
      return r * r;
    })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers&) { return div(dy, square(add(abs(x), 1))); }};

// Near 0, by tanh x = x / (1 + u) with the continued fraction u = x² / (3 + x² / (5 + …)): x − tanh x = x·u / (1 + u)
double tanhshrink_value(double x) {
  if (!(std::fabs(x) < 1)) return x - std::tanh(x);
  const double square = x * x;
  double u = 0;
  for (int odd = 21; odd >= 3; odd -= 2) u = square / (odd + u);
  return x * u / (1 + u);
}

constexpr Curve kTanhshrink{
    .name = "tanhshrink",
    .node = "TanhshrinkBackward0",
    .run = wide_curve_loop<decltype([](double x, Numbers) { return tanhshrink_value(x); })>,
    .run_backward = wide_slope_loop<decltype([](double x, Numbers) {
      const double t = std::tanh(x);
      return t * t;
    })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers&) { return mul(dy, square(tanh(x))); }};

// Integers in the default type
Tensor with_fractions(const char* name, const Tensor& t) {
  if (t.dtype() == kBool) throw_unsupported(name, kBool);
  return t.is_floating_point() ? t : to(t, default_dtype());
}

}  // namespace

Tensor elu(const Tensor& input, double alpha) { return curve(kElu, input, elu_numbers(alpha)); }
const Tensor& elu_(const Tensor& self, double alpha) { return curve_(kElu, self, elu_numbers(alpha)); }
Tensor selu(const Tensor& input) { return curve(kElu, input, kSelu); }
const Tensor& selu_(const Tensor& self) { return curve_(kElu, self, kSelu); }
Tensor celu(const Tensor& input, double alpha) { return curve(kCelu, input, celu_numbers(alpha)); }
const Tensor& celu_(const Tensor& self, double alpha) { return curve_(kCelu, self, celu_numbers(alpha)); }

Tensor softplus(const Tensor& input, double beta, double threshold) {
  check_option("beta", beta);
  check_option("threshold", threshold);
  return curve(kSoftplus, input, {beta, threshold});
}
Tensor logsigmoid(const Tensor& input) { return curve(kLogSigmoid, input); }
Tensor mish(const Tensor& input) { return curve(kMish, input); }
const Tensor& mish_(const Tensor& self) { return curve_(kMish, self); }
Tensor softsign(const Tensor& input) { return curve(kSoftsign, with_fractions("softsign", input)); }
Tensor tanhshrink(const Tensor& input) { return curve(kTanhshrink, with_fractions("tanhshrink", input)); }

}  // namespace lamina::ops

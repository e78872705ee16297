#include "lamina/ops/special.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/kernels/special.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

// Giles' approximation, then two steps of Newton's method on erf. Source: M. Giles, "Approximating the erfinv function".
double inverse_erf(double x) {
  if (!(std::fabs(x) < 1))
    return std::fabs(x) == 1 ? std::copysign(std::numeric_limits<double>::infinity(), x) : std::nan("");
  double w = -std::log((1 - x) * (1 + x)), p;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-08;
    for (const double c : {3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
                           -0.00417768164, 0.246640727, 1.50140941})
      p = c + p * w;
  } else {
    w = std::sqrt(w) - 3;
    p = -0.000200214257;
    for (const double c : {0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
                           1.00167406, 2.83297682})
      p = c + p * w;
  }
  double y = p * x;
  for (int step = 0; step < 2; ++step) {
    const double slope = 2 * std::numbers::inv_sqrtpi * std::exp(-y * y);
    if (slope == 0) break;
    // near ±1 the difference of erf would lose its digits; erfc keeps them
    const double off =
        std::fabs(x) < 0.5 ? std::erf(y) - x : std::copysign(1.0, x) * (1 - std::fabs(x) - std::erfc(std::fabs(y)));
    y -= off / slope;
  }
  return y;
}

// ψ(x): the recurrence up to 10, then the asymptotic series; reflection below 0.
double digamma_of(double x) {
  if (x == 0) return -std::copysign(std::numeric_limits<double>::infinity(), x);
  if (x < 0) {
    const double whole = std::trunc(x);
    if (x == whole) return std::nan("");
    return digamma_of(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * (x - whole));
  }
  double sum = 0;
  for (; x < 10; x += 1) sum -= 1 / x;
  const double z = 1 / (x * x);
  double series = 8.33333333333333333333e-2;
  for (const double c : {-2.10927960927960927961e-2, 7.57575757575757575758e-3, -4.16666666666666666667e-3,
                         3.96825396825396825397e-3, -8.33333333333333333333e-3, 8.33333333333333333333e-2})
    series = series * z + c;
  return sum + std::log(x) - 0.5 / x - series * z;
}

constexpr UnaryOp kErfinv{
    "erfinv",
    "ErfinvBackward0",
    real_unary<decltype([](auto v) { return decltype(v)(inverse_erf(v)); })>,
    Result::Floating,
    Keeps::Output,
    [](const Tensor& dy, const Tensor& y) { return mul(dy, mul(exp(mul(y, y)), 0.5 * std::sqrt(std::numbers::pi))); }};
constexpr UnaryOp kLgamma{"lgamma",
                          "LgammaBackward0",
                          real_unary<decltype([](auto v) {
                            int sign = 0;
                            if constexpr (std::is_same_v<decltype(v), float>) return lgammaf_r(v, &sign);
                            else return lgamma_r(v, &sign);
                          })>,
                          Result::Floating,
                          Keeps::Input,
                          [](const Tensor& dy, const Tensor& x) { return mul(dy, digamma(x)); }};
constexpr UnaryOp kDigamma{
    "digamma",        "DigammaBackward0", real_unary<decltype([](auto v) { return decltype(v)(digamma_of(v)); })>,
    Result::Floating, Keeps::Input,       [](const Tensor& dy, const Tensor& x) { return mul(dy, polygamma(1, x)); }};
constexpr UnaryOp kSinc{"sinc",
                        "SincBackward0",
                        real_unary<decltype([](auto v) {
                          using T = decltype(v);
                          const T z = std::numbers::pi_v<T> * v;
                          return v == 0 ? T(1) : T(std::sin(z) / z);
                        })>,
                        Result::Floating,
                        Keeps::Input,
                        [](const Tensor& dy, const Tensor& x) {
                          const Tensor z = mul(x, std::numbers::pi);
                          const Tensor slope = div(sub(mul(z, cos(z)), sin(z)), mul(z, x));
                          return mul(dy, where(eq(x, 0), Scalar(0), slope));
                        }};
constexpr UnaryOp kSignbit{"signbit",
                           "",
                           test_unary<decltype([](auto v) {
                             if constexpr (std::is_floating_point_v<decltype(v)>) return std::signbit(v);
                             else if constexpr (std::is_signed_v<decltype(v)>) return v < 0;
                             else return false;
                           })>,
                           Result::Bool,
                           Keeps::Nothing,
                           nullptr};

Tensor in_other_unit(const Tensor& x, double factor) { return mul(to(x, floating_result(x.dtype())), factor); }

// dy where own was taken: a's whole of it at equal numbers, as PyTorch's
Tensor taken(const Tensor& dy, const Tensor& own, const Tensor& other, bool largest) {
  const Tensor better = largest ? ge(own, other) : le(own, other);
  return where(logical_or(better, isnan(other)), dy, Scalar(0));
}

constexpr BinaryOp kCopysign{.name = "copysign",
                             .node = "CopysignBackward0",
                             .run = real<decltype([](auto a, auto b) { return std::copysign(a, b); })>,
                             .result = Result::Floating,
                             .uses = kAUsesA | kAUsesB,
                             .gradient_a =
                                 [](const Operands& o) {
                                   const Tensor ratio = div(copysign(o.a, o.b), o.a);
                                   return mul(o.dy, where(eq(o.a, 0), Scalar(0), ratio));
                                 },
                             .gradient_b = [](const Operands& o) { return zeros_like(o.dy); }};
constexpr BinaryOp kHeaviside{.name = "heaviside",
                              .node = "HeavisideBackward0",
                              .run = exact<decltype([](auto a, auto b) { return a == 0 ? b : decltype(b)(a > 0); })>};
constexpr BinaryOp kNextafter{.name = "nextafter",
                              .node = "NextafterBackward0",
                              .run = real<decltype([](auto a, auto b) { return std::nextafter(a, b); })>,
                              .uses = kAUsesA | kAUsesB,
                              .gradient_a = [](const Operands& o) { return where(ne(o.a, o.b), o.dy, Scalar(0)); },
                              .gradient_b = [](const Operands& o) { return zeros_like(o.dy); }};
constexpr BinaryOp kFmax{.name = "fmax",
                         .node = "FmaxBackward0",
                         .run = exact<decltype([](auto a, auto b) { return a >= b || b != b ? a : b; })>,
                         .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                         .gradient_a = [](const Operands& o) { return taken(o.dy, o.a, o.b, true); },
                         .gradient_b = [](const Operands& o) { return sub(o.dy, taken(o.dy, o.a, o.b, true)); }};
constexpr BinaryOp kFmin{.name = "fmin",
                         .node = "FminBackward0",
                         .run = exact<decltype([](auto a, auto b) { return a <= b || b != b ? a : b; })>,
                         .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                         .gradient_a = [](const Operands& o) { return taken(o.dy, o.a, o.b, false); },
                         .gradient_b = [](const Operands& o) { return sub(o.dy, taken(o.dy, o.a, o.b, false)); }};

// The share of a in 2ᵃ + 2ᵇ, without overflow.
Tensor share(const Tensor& a, const Tensor& b) { return reciprocal(add(exp2(sub(b, a)), 1)); }
constexpr BinaryOp kLogaddexp2{.name = "logaddexp2",
                               .node = "Logaddexp2Backward0",
                               .run = real<decltype([](auto a, auto b) {
                                 using T = decltype(a);
                                 if (std::isinf(a) && a == b) return a;
                                 return std::max(a, b) +
                                        T(std::log1p(std::exp2(-std::fabs(a - b))) / std::numbers::ln2_v<T>);
                               })>,
                               .result = Result::Floating,
                               .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                               .gradient_a = [](const Operands& o) { return mul(o.dy, share(o.a, o.b)); },
                               .gradient_b = [](const Operands& o) { return mul(o.dy, share(o.b, o.a)); }};

template <class F>
void integers(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_integral(a.dtype(), [&]<class T>() { map<T, T, T>(out, F{}, a, b); });
}
constexpr BinaryOp kGcd{
    .name = "gcd",
    .node = "",
    .run = integers<decltype([](auto a, auto b) { return decltype(a)(std::gcd(int64_t(a), int64_t(b))); })>};
constexpr BinaryOp kLcm{.name = "lcm", .node = "", .run = integers<decltype([](auto a, auto b) {
                                                     const int64_t g = std::gcd(int64_t(a), int64_t(b));
                                                     const int64_t y = g ? int64_t(a) / g * int64_t(b) : 0;
                                                     return decltype(a)(y < 0 ? -y : y);
                                                   })>};

void check_integers(const char* name, const Tensor& a, const Tensor& b) {
  for (const Tensor* t : {&a, &b})
    if (!is_integral(t->dtype())) throw_unsupported(name, t->dtype());
}

}  // namespace

Tensor erfinv(const Tensor& x) { return unary(kErfinv, x); }
Tensor lgamma(const Tensor& x) { return unary(kLgamma, x); }
Tensor digamma(const Tensor& x) { return unary(kDigamma, x); }
Tensor sinc(const Tensor& x) { return unary(kSinc, x); }
Tensor deg2rad(const Tensor& x) { return in_other_unit(x, std::numbers::pi / 180); }
Tensor rad2deg(const Tensor& x) { return in_other_unit(x, 180 / std::numbers::pi); }
Tensor signbit(const Tensor& x) { return unary(kSignbit, x); }
Tensor isposinf(const Tensor& x) { return eq(x.detach(), std::numeric_limits<double>::infinity()); }
Tensor isneginf(const Tensor& x) { return eq(x.detach(), -std::numeric_limits<double>::infinity()); }

Tensor polygamma(int64_t n, const Tensor& input) {
  if (n < 0) throw OptionError(str("polygamma(n, x) does not support negative n, got ", n));
  if (n == 0) return digamma(input);
  const Tensor x = to(input, floating_result(input.dtype()));
  if (x.dtype() == DType::BFloat16 || x.dtype() == DType::Float16)
    return to(polygamma(n, to(x, DType::Float32)), x.dtype());
  Tensor y = empty_like(x);
  const double factor = (n % 2 ? 1 : -1) * std::tgamma(double(n) + 1);
  dispatch_real(x.dtype(), "polygamma", [&]<class T>() {
    map<T, T>(y, [&](T v) { return T(factor * kernels::special::zeta(double(n) + 1, v)); }, x);
  });
  if (needs_grad(x))
    record("PolygammaBackward0", y, {&x},
           [n, x = Saved(x)](const Backward& g) -> Tensors { return {mul(g.dy(), polygamma(n + 1, x.get()))}; });
  return y;
}

Tensor logit(const Tensor& input, std::optional<double> eps) {
  const Tensor x = to(input, floating_result(input.dtype()));
  const Tensor p = eps ? clamp(x, Scalar(*eps), Scalar(1 - *eps)) : x;
  return log(div(p, rsub(p, 1)));
}

Tensor copysign(const Tensor& a, const Tensor& b) { return binary(kCopysign, a, b); }
Tensor heaviside(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype()) throw DTypeError("heaviside is not yet implemented for tensors with different dtypes.");
  return binary(kHeaviside, a, b);
}
Tensor nextafter(const Tensor& a, const Tensor& b) { return binary(kNextafter, a, b); }
Tensor fmax(const Tensor& a, const Tensor& b) { return binary(kFmax, a, b); }
Tensor fmin(const Tensor& a, const Tensor& b) { return binary(kFmin, a, b); }
Tensor logaddexp2(const Tensor& a, const Tensor& b) { return binary(kLogaddexp2, a, b); }
Tensor ldexp(const Tensor& a, const Tensor& b) { return mul(a, pow(Scalar(2.0), b)); }
Tensor float_power(const Tensor& a, const Tensor& b) { return pow(to(a, DType::Float64), to(b, DType::Float64)); }
Parts frexp(const Tensor& given) {
  if (!given.is_floating_point())
    throw DTypeError(str("torch.frexp() only supports floating-point dtypes, got ", name(given.dtype())));
  const Tensor x = contiguous(given.detach());
  Tensor mantissa = empty_like(x), exponent = empty(x.shape(), DType::Int32);
  dispatch_floating(x.dtype(), "frexp", [&]<class T>() {
    for (int64_t i = 0; i < x.numel(); ++i) {
      int e = 0;
      mantissa.data<T>()[i] = T(std::frexp(compute_t<T>(x.data<T>()[i]), &e));
      exponent.data<int32_t>()[i] = e;
    }
  });
  if (needs_grad(given))
    record("FrexpBackward0", mantissa, {&given},
           [exponent](const Backward& g) -> Tensors { return {div(g.dy(), exp2(to(exponent, g.dy().dtype())))}; });
  return {mantissa, exponent};
}

Tensor gcd(const Tensor& a, const Tensor& b) {
  check_integers("gcd", a, b);
  return binary(kGcd, a, b);
}
Tensor lcm(const Tensor& a, const Tensor& b) {
  check_integers("lcm", a, b);
  return binary(kLcm, a, b);
}

}  // namespace lamina::ops

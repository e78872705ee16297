#include "lamina/ops/unary.h"

#include <cmath>
#include <numbers>

#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"

namespace lamina::ops {

namespace {

// 1 − y², 1 − x² and the like: c + factor·t²
Tensor square_plus(const Tensor& t, double c, double factor) { return add(mul(mul(t, t), factor), c); }
Tensor no_change(const Tensor& dy, const Tensor&) { return zeros_like(dy); }

template <class T>
constexpr bool is_integer = !std::is_floating_point_v<T>;

// ---- the table: one row an operation ------------------------------------------------------------------------------

constexpr UnaryOp kExp{"exp",
                       "ExpBackward0",
                       real_unary<decltype([](auto v) { return std::exp(v); })>,
                       Result::Floating,
                       Keeps::Output,
                       [](const Tensor& dy, const Tensor& y) { return mul(dy, y); }};
constexpr UnaryOp kExp2{"exp2",
                        "Exp2Backward0",
                        real_unary<decltype([](auto v) { return std::exp2(v); })>,
                        Result::Floating,
                        Keeps::Output,
                        [](const Tensor& dy, const Tensor& y) { return mul(mul(dy, y), std::numbers::ln2); }};
constexpr UnaryOp kExpm1{
    "expm1",          "Expm1Backward0", real_unary<decltype([](auto v) { return std::expm1(v); })>,
    Result::Floating, Keeps::Output,    [](const Tensor& dy, const Tensor& y) { return mul(dy, add(y, 1)); }};
constexpr UnaryOp kLog{"log",
                       "LogBackward0",
                       real_unary<decltype([](auto v) { return std::log(v); })>,
                       Result::Floating,
                       Keeps::Input,
                       [](const Tensor& dy, const Tensor& x) { return div(dy, x); }};
constexpr UnaryOp kLog2{"log2",
                        "Log2Backward0",
                        real_unary<decltype([](auto v) { return std::log2(v); })>,
                        Result::Floating,
                        Keeps::Input,
                        [](const Tensor& dy, const Tensor& x) { return div(dy, mul(x, std::numbers::ln2)); }};
constexpr UnaryOp kLog10{"log10",
                         "Log10Backward0",
                         real_unary<decltype([](auto v) { return std::log10(v); })>,
                         Result::Floating,
                         Keeps::Input,
                         [](const Tensor& dy, const Tensor& x) { return div(dy, mul(x, std::numbers::ln10)); }};
constexpr UnaryOp kLog1p{
    "log1p",          "Log1PBackward0", real_unary<decltype([](auto v) { return std::log1p(v); })>,
    Result::Floating, Keeps::Input,     [](const Tensor& dy, const Tensor& x) { return div(dy, add(x, 1)); }};
constexpr UnaryOp kSqrt{
    "sqrt",           "SqrtBackward0", real_unary<decltype([](auto v) { return std::sqrt(v); })>,
    Result::Floating, Keeps::Output,   [](const Tensor& dy, const Tensor& y) { return div(dy, mul(y, 2)); }};
constexpr UnaryOp kRsqrt{"rsqrt",
                         "RsqrtBackward0",
                         real_unary<decltype([](auto v) { return decltype(v)(1) / std::sqrt(v); })>,
                         Result::Floating,
                         Keeps::Output,
                         [](const Tensor& dy, const Tensor& y) { return mul(mul(dy, -0.5), mul(mul(y, y), y)); }};
constexpr UnaryOp kSquare{"square",
                          "PowBackward0",
                          exact_unary<decltype([](auto v) {
                            using W = typename wrapping<decltype(v)>::type;
                            return decltype(v)(W(v) * W(v));
                          })>,
                          Result::Same,
                          Keeps::Input,
                          [](const Tensor& dy, const Tensor& x) { return mul(dy, mul(x, 2)); }};
constexpr UnaryOp kReciprocal{
    "reciprocal",     "ReciprocalBackward0", real_unary<decltype([](auto v) { return decltype(v)(1) / v; })>,
    Result::Floating, Keeps::Output,         [](const Tensor& dy, const Tensor& y) { return mul(neg(dy), mul(y, y)); }};

constexpr UnaryOp kSin{"sin",
                       "SinBackward0",
                       real_unary<decltype([](auto v) { return std::sin(v); })>,
                       Result::Floating,
                       Keeps::Input,
                       [](const Tensor& dy, const Tensor& x) { return mul(dy, cos(x)); }};
constexpr UnaryOp kCos{"cos",
                       "CosBackward0",
                       real_unary<decltype([](auto v) { return std::cos(v); })>,
                       Result::Floating,
                       Keeps::Input,
                       [](const Tensor& dy, const Tensor& x) { return mul(dy, neg(sin(x))); }};
constexpr UnaryOp kTan{"tan",
                       "TanBackward0",
                       real_unary<decltype([](auto v) { return std::tan(v); })>,
                       Result::Floating,
                       Keeps::Output,
                       [](const Tensor& dy, const Tensor& y) { return mul(dy, square_plus(y, 1, 1)); }};
constexpr UnaryOp kAsin{"asin",
                        "AsinBackward0",
                        real_unary<decltype([](auto v) { return std::asin(v); })>,
                        Result::Floating,
                        Keeps::Input,
                        [](const Tensor& dy, const Tensor& x) { return mul(dy, rsqrt(square_plus(x, 1, -1))); }};
constexpr UnaryOp kAcos{"acos",
                        "AcosBackward0",
                        real_unary<decltype([](auto v) { return std::acos(v); })>,
                        Result::Floating,
                        Keeps::Input,
                        [](const Tensor& dy, const Tensor& x) { return mul(neg(dy), rsqrt(square_plus(x, 1, -1))); }};
constexpr UnaryOp kAtan{
    "atan",           "AtanBackward0", real_unary<decltype([](auto v) { return std::atan(v); })>,
    Result::Floating, Keeps::Input,    [](const Tensor& dy, const Tensor& x) { return div(dy, square_plus(x, 1, 1)); }};
constexpr UnaryOp kSinh{
    "sinh",           "SinhBackward0", real_unary<decltype([](auto v) { return std::sinh(v); })>,
    Result::Floating, Keeps::Input,    [](const Tensor& dy, const Tensor& x) { return mul(dy, cosh(x)); }};
constexpr UnaryOp kCosh{
    "cosh",           "CoshBackward0", real_unary<decltype([](auto v) { return std::cosh(v); })>,
    Result::Floating, Keeps::Input,    [](const Tensor& dy, const Tensor& x) { return mul(dy, sinh(x)); }};
constexpr UnaryOp kTanh{"tanh",
                        "TanhBackward0",
                        real_unary<decltype([](auto v) { return std::tanh(v); })>,
                        Result::Floating,
                        Keeps::Output,
                        [](const Tensor& dy, const Tensor& y) { return mul(dy, square_plus(y, 1, -1)); }};
constexpr UnaryOp kAsinh{"asinh",
                         "AsinhBackward0",
                         real_unary<decltype([](auto v) { return std::asinh(v); })>,
                         Result::Floating,
                         Keeps::Input,
                         [](const Tensor& dy, const Tensor& x) { return mul(dy, rsqrt(square_plus(x, 1, 1))); }};
constexpr UnaryOp kAcosh{"acosh",
                         "AcoshBackward0",
                         real_unary<decltype([](auto v) { return std::acosh(v); })>,
                         Result::Floating,
                         Keeps::Input,
                         [](const Tensor& dy, const Tensor& x) { return mul(dy, rsqrt(square_plus(x, -1, 1))); }};
constexpr UnaryOp kAtanh{"atanh",
                         "AtanhBackward0",
                         real_unary<decltype([](auto v) { return std::atanh(v); })>,
                         Result::Floating,
                         Keeps::Input,
                         [](const Tensor& dy, const Tensor& x) { return div(dy, square_plus(x, 1, -1)); }};

constexpr UnaryOp kSigmoid{
    "sigmoid",
    "SigmoidBackward0",
    real_unary<decltype([](auto v) { return decltype(v)(1) / (decltype(v)(1) + std::exp(-v)); })>,
    Result::Floating,
    Keeps::Output,
    [](const Tensor& dy, const Tensor& y) { return mul(dy, mul(rsub(y, 1), y)); }};
constexpr double kTwoOverRootPi = 2 * std::numbers::inv_sqrtpi;
constexpr UnaryOp kErf{
    "erf",
    "ErfBackward0",
    real_unary<decltype([](auto v) { return std::erf(v); })>,
    Result::Floating,
    Keeps::Input,
    [](const Tensor& dy, const Tensor& x) { return mul(dy, mul(exp(neg(mul(x, x))), kTwoOverRootPi)); }};
constexpr UnaryOp kErfc{
    "erfc",
    "ErfcBackward0",
    real_unary<decltype([](auto v) { return std::erfc(v); })>,
    Result::Floating,
    Keeps::Input,
    [](const Tensor& dy, const Tensor& x) { return mul(dy, mul(exp(neg(mul(x, x))), -kTwoOverRootPi)); }};

constexpr UnaryOp kAbs{"abs",
                       "AbsBackward0",
                       exact_unary<decltype([](auto v) {
                         using T = decltype(v);
                         if constexpr (!is_integer<T>) return std::fabs(v);
                         else if constexpr (std::is_unsigned_v<T>) return v;
                         else return v < 0 ? T(0 - uint64_t(v)) : v;
                       })>,
                       Result::Same,
                       Keeps::Input,
                       [](const Tensor& dy, const Tensor& x) { return mul(dy, sign(x)); }};
constexpr UnaryOp kSign{"sign",
                        "SignBackward0",
                        exact_unary<decltype([](auto v) {
                          using T = decltype(v);
                          if constexpr (std::is_unsigned_v<T>) return T(v != 0);
                          else return T(T(0 < v) - T(v < 0));
                        })>,
                        Result::Same,
                        Keeps::Nothing,
                        no_change};
constexpr UnaryOp kFloor{"floor",
                         "FloorBackward0",
                         exact_unary<decltype([](auto v) {
                           if constexpr (is_integer<decltype(v)>) return v;
                           else return std::floor(v);
                         })>,
                         Result::Same,
                         Keeps::Nothing,
                         no_change};
constexpr UnaryOp kCeil{"ceil",
                        "CeilBackward0",
                        exact_unary<decltype([](auto v) {
                          if constexpr (is_integer<decltype(v)>) return v;
                          else return std::ceil(v);
                        })>,
                        Result::Same,
                        Keeps::Nothing,
                        no_change};
constexpr UnaryOp kTrunc{"trunc",
                         "TruncBackward0",
                         exact_unary<decltype([](auto v) {
                           if constexpr (is_integer<decltype(v)>) return v;
                           else return std::trunc(v);
                         })>,
                         Result::Same,
                         Keeps::Nothing,
                         no_change};
constexpr UnaryOp kRound{"round",
                         "RoundBackward0",
                         exact_unary<decltype([](auto v) {
                           if constexpr (is_integer<decltype(v)>) return v;
                           else return std::nearbyint(v);
                         })>,
                         Result::Same,
                         Keeps::Nothing,
                         no_change};
constexpr UnaryOp kFrac{"frac",       "FracBackward0", real_unary<decltype([](auto v) { return v - std::trunc(v); })>,
                        Result::Same, Keeps::Nothing,  [](const Tensor& dy, const Tensor&) { return dy; }};

constexpr UnaryOp kIsNan{"isnan", "", test_unary<decltype([](auto v) { return v != v; })>, Result::Bool};
constexpr UnaryOp kIsInf{"isinf", "", test_unary<decltype([](auto v) {
                           if constexpr (is_integer<decltype(v)>) return false;
                           else return std::fabs(v) == std::numeric_limits<decltype(v)>::infinity();
                         })>,
                         Result::Bool};
constexpr UnaryOp kIsFinite{"isfinite", "", test_unary<decltype([](auto v) {
                              if constexpr (is_integer<decltype(v)>) return true;
                              else return std::fabs(v) < std::numeric_limits<decltype(v)>::infinity();
                            })>,
                            Result::Bool};

}  // namespace

#define LAMINA_UNARY(function, op)                          \
  Tensor function(const Tensor& x) { return unary(op, x); } \
  const Tensor& function##_(const Tensor& self) { return unary_(op, self); }

LAMINA_UNARY(exp, kExp)
LAMINA_UNARY(exp2, kExp2)
LAMINA_UNARY(expm1, kExpm1)
LAMINA_UNARY(log, kLog)
LAMINA_UNARY(log2, kLog2)
LAMINA_UNARY(log10, kLog10)
LAMINA_UNARY(log1p, kLog1p)
LAMINA_UNARY(sqrt, kSqrt)
LAMINA_UNARY(rsqrt, kRsqrt)
LAMINA_UNARY(reciprocal, kReciprocal)
LAMINA_UNARY(sin, kSin)
LAMINA_UNARY(cos, kCos)
LAMINA_UNARY(tan, kTan)
LAMINA_UNARY(asin, kAsin)
LAMINA_UNARY(acos, kAcos)
LAMINA_UNARY(atan, kAtan)
LAMINA_UNARY(sinh, kSinh)
LAMINA_UNARY(cosh, kCosh)
LAMINA_UNARY(tanh, kTanh)
LAMINA_UNARY(asinh, kAsinh)
LAMINA_UNARY(acosh, kAcosh)
LAMINA_UNARY(atanh, kAtanh)
LAMINA_UNARY(sigmoid, kSigmoid)
LAMINA_UNARY(erf, kErf)
LAMINA_UNARY(erfc, kErfc)
LAMINA_UNARY(abs, kAbs)
LAMINA_UNARY(sign, kSign)
LAMINA_UNARY(floor, kFloor)
LAMINA_UNARY(ceil, kCeil)
LAMINA_UNARY(trunc, kTrunc)
LAMINA_UNARY(round, kRound)
LAMINA_UNARY(frac, kFrac)
#undef LAMINA_UNARY

// as a power it makes an integer of a bool
Tensor square(const Tensor& x) { return unary(kSquare, x.dtype() == DType::Bool ? to(x, DType::Int64) : x); }
const Tensor& square_(const Tensor& self) { return unary_(kSquare, self); }

Tensor isnan(const Tensor& x) { return unary(kIsNan, x); }
Tensor isinf(const Tensor& x) { return unary(kIsInf, x); }
Tensor isfinite(const Tensor& x) { return unary(kIsFinite, x); }

}  // namespace lamina::ops

// Powers and other functions of two operands, declared in pointwise.h.
#include <cmath>

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

template <class T>
T power(T base, T exponent) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::pow(base, exponent);
  } else {
    if (exponent < T(0)) {  // the integer part of 1 / base^−exponent
      if (base == T(1)) return T(1);
      return base == T(-1) ? T(exponent % 2 == 0 ? 1 : -1) : T(0);
    }
    uint64_t result = 1, square = uint64_t(base);
    for (auto rest = uint64_t(exponent); rest; rest >>= 1, square *= square)
      if (rest & 1) result *= square;
    return T(result);
  }
}

// One number as exponent: its common values as PyTorch computes them.
template <class T>
void power_of_number(const Tensor& out, const Tensor& a, T exponent) {
  if constexpr (std::is_floating_point_v<T>) {
    if (exponent == T(2)) return map<T, T>(out, [](T v) { return v * v; }, a);
    if (exponent == T(3)) return map<T, T>(out, [](T v) { return v * v * v; }, a);
    if (exponent == T(1)) return map<T, T>(out, [](T v) { return v; }, a);
    if (exponent == T(0.5)) return map<T, T>(out, [](T v) { return std::sqrt(v); }, a);
    if (exponent == T(-0.5)) return map<T, T>(out, [](T v) { return T(1) / std::sqrt(v); }, a);
    if (exponent == T(-1)) return map<T, T>(out, [](T v) { return T(1) / v; }, a);
    if (exponent == T(-2)) return map<T, T>(out, [](T v) { return T(1) / (v * v); }, a);
  }
  map<T, T>(out, [exponent](T v) { return power(v, exponent); }, a);
}

bool is_number(const Tensor& t) { return t.rank() == 0 && !t.requires_grad(); }
double value_of(const Tensor& t) { return to(t, DType::Float64).data<double>()[0]; }

// bᵃ⁻¹·b·dy, where an exponent of 0 has no slope, not even at 0
Tensor base_gradient(const Operands& o) {
  if (is_number(o.b)) {
    const double e = value_of(o.b);
    if (e == 0) return zeros_like(o.dy);
    if (e == 1) return o.dy;
    return mul(o.dy, mul(pow(o.a, e - 1), e));
  }
  return where(eq(o.b, 0), 0, mul(o.dy, mul(o.b, pow(o.a, sub(o.b, 1)))));
}
// aᵇ·log a, and 0 where a is 0 and b ≥ 0: there the power stays what it is
Tensor exponent_gradient(const Operands& o) {
  const Tensor flat = logical_and(eq(o.a, 0), ge(o.b, 0));
  return where(flat, 0, mul(o.dy, mul(pow(o.a, o.b), log(o.a))));
}

constexpr BinaryOp kPow{.name = "pow",
                        .node = "PowBackward0",
                        .run =
                            [](const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
                              dispatch_arithmetic(a.dtype(), "pow", [&]<class T>() {
                                if (b.rank() == 0) power_of_number<T>(out, a, b.data<T>()[0]);
                                else map<T, T, T>(out, [](T x, T y) { return power(x, y); }, a, b);
                              });
                            },
                        .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                        .gradient_a = base_gradient,
                        .gradient_b = exponent_gradient};

constexpr BinaryOp kAtan2{
    .name = "atan2",
    .node = "Atan2Backward0",
    .run = real<decltype([](auto y, auto x) { return std::atan2(y, x); })>,
    .result = Result::Floating,
    .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
    .gradient_a = [](const Operands& o) { return mul(o.dy, div(o.b, add(square(o.a), square(o.b)))); },
    .gradient_b = [](const Operands& o) { return mul(o.dy, div(neg(o.a), add(square(o.a), square(o.b)))); }};

constexpr BinaryOp kHypot{.name = "hypot",
                          .node = "HypotBackward0",
                          .run = real<decltype([](auto a, auto b) { return std::hypot(a, b); })>,
                          .result = Result::Floating,
                          .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                          .gradient_a = [](const Operands& o) { return mul(o.dy, div(o.a, hypot(o.a, o.b))); },
                          .gradient_b = [](const Operands& o) { return mul(o.dy, div(o.b, hypot(o.a, o.b))); }};

constexpr BinaryOp kLogAddExp{.name = "logaddexp",
                              .node = "LogaddexpBackward0",
                              .run = real<decltype([](auto a, auto b) {
                                if (std::isinf(a) && a == b) return a;
                                const auto larger = a > b || a != a ? a : b;
                                return larger + std::log1p(std::exp(-std::fabs(a - b)));
                              })>,
                              .result = Result::Floating,
                              .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                              .gradient_a = [](const Operands& o) { return mul(o.dy, sigmoid(sub(o.a, o.b))); },
                              .gradient_b = [](const Operands& o) { return mul(o.dy, sigmoid(sub(o.b, o.a))); }};

constexpr BinaryOp kXlogy{
    .name = "xlogy",
    .node = "XlogyBackward0",
    .run = real<decltype([](auto a, auto b) {
      using T = decltype(a);
      if (b != b) return b;
      return a == 0 ? T(0) : a * std::log(b);
    })>,
    .result = Result::Floating,
    .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
    .gradient_a = [](const Operands& o) { return where(logical_and(eq(o.a, 0), le(o.b, 0)), 0, mul(o.dy, log(o.b))); },
    .gradient_b = [](const Operands& o) { return mul(o.dy, div(o.a, o.b)); }};

// dy to the operand that was chosen, half of it where both are equal
Tensor chosen(const Tensor& dy, const Tensor& own, const Tensor& other, bool largest) {
  return where(eq(own, other), mul(dy, 0.5), where(largest ? lt(own, other) : gt(own, other), 0, dy));
}
constexpr BinaryOp kMaximum{.name = "maximum",
                            .node = "MaximumBackward0",
                            .run = exact<decltype([](auto a, auto b) { return a > b || a != a ? a : b; })>,
                            .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                            .gradient_a = [](const Operands& o) { return chosen(o.dy, o.a, o.b, true); },
                            .gradient_b = [](const Operands& o) { return chosen(o.dy, o.b, o.a, true); }};
constexpr BinaryOp kMinimum{.name = "minimum",
                            .node = "MinimumBackward0",
                            .run = exact<decltype([](auto a, auto b) { return a < b || a != a ? a : b; })>,
                            .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                            .gradient_a = [](const Operands& o) { return chosen(o.dy, o.a, o.b, false); },
                            .gradient_b = [](const Operands& o) { return chosen(o.dy, o.b, o.a, false); }};

void check_exponent(const Tensor& a, Scalar b) {
  if (!is_floating_point(result_type(a, b)) && b.to<int64_t>() < 0)
    throw Error("Integers to negative integer powers are not allowed.", "Convert the base to a floating type");
}
// PyTorch raises bools as the integers they are where the exponent is a number.
Tensor as_base(const Tensor& a) { return a.dtype() == DType::Bool ? to(a, DType::Int64) : a; }

void refuse_bools(const Tensor& a, bool other_is_bool) {
  if (a.dtype() == DType::Bool && other_is_bool) throw_unsupported("pow", DType::Bool);
}
void refuse_integers(const char* name, const Tensor& a, const Tensor& b) {
  if (!a.is_floating_point() && !b.is_floating_point()) throw_unsupported(name, a.dtype());
}

}  // namespace

Tensor pow(const Tensor& a, const Tensor& b) {
  refuse_bools(a, b.dtype() == DType::Bool);
  return binary(kPow, a, b);
}
Tensor pow(const Tensor& a, Scalar b) {
  if (a.dtype() == DType::Bool && b.kind() == Scalar::Kind::Bool) return b.to<bool>() ? clone(a) : ones_like(a);
  check_exponent(a, b);
  return binary(kPow, as_base(a), b);
}
Tensor pow(Scalar a, const Tensor& b) {
  refuse_bools(b, a.kind() == Scalar::Kind::Bool);
  return binary(kPow, a, b);
}
const Tensor& pow_(const Tensor& self, const Tensor& exponent) {
  refuse_bools(self, exponent.dtype() == DType::Bool);
  return binary_(kPow, self, exponent);
}
const Tensor& pow_(const Tensor& self, Scalar exponent) {
  if (self.dtype() == DType::Bool && exponent.kind() == Scalar::Kind::Bool) return copy_(self, pow(self, exponent));
  check_exponent(self, exponent);
  return binary_(kPow, self, exponent);
}

Tensor atan2(const Tensor& y, const Tensor& x) { return binary(kAtan2, y, x); }
Tensor hypot(const Tensor& a, const Tensor& b) {
  refuse_integers("hypot", a, b);
  return binary(kHypot, a, b);
}
Tensor logaddexp(const Tensor& a, const Tensor& b) {
  refuse_integers("logaddexp", a, b);
  return binary(kLogAddExp, a, b);
}
Tensor xlogy(const Tensor& a, const Tensor& b) { return binary(kXlogy, a, b); }
Tensor maximum(const Tensor& a, const Tensor& b) { return binary(kMaximum, a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return binary(kMinimum, a, b); }

}  // namespace lamina::ops

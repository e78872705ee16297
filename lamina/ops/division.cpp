// Division with a rule of rounding, declared in pointwise.h.
#include <cmath>

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"

namespace lamina::ops {

namespace {

// ⌊a / b⌋ as Python rounds it: by way of the exact remainder, so that no quotient is rounded up across an integer.
template <class T>
T floor_quotient(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (b == 0) return a / b;
    const T mod = std::fmod(a, b);
    T quotient = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(T(0), a / b);
    const T floored = std::floor(quotient);
    return quotient - floored > T(0.5) ? floored + 1 : floored;
  } else if constexpr (std::is_unsigned_v<T>) {
    return a / b;
  } else {
    if (b == -1) return T(0 - uint64_t(a));
    const T quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0));
  }
}
template <class T>
T truncated_quotient(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return std::trunc(a / b);
  else if constexpr (std::is_unsigned_v<T>) return a / b;
  else return b == -1 ? T(0 - uint64_t(a)) : T(a / b);
}
template <class T>
T python_remainder(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    const T mod = std::fmod(a, b);
    return mod != 0 && (b < 0) != (mod < 0) ? mod + b : mod;
  } else if constexpr (std::is_unsigned_v<T>) {
    return a % b;
  } else {
    if (b == -1) return 0;
    const T mod = a % b;
    return mod != 0 && (b < 0) != (mod < 0) ? T(mod + b) : mod;
  }
}
template <class T>
T c_remainder(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return std::fmod(a, b);
  else if constexpr (std::is_unsigned_v<T>) return a % b;
  else return b == -1 ? T(0) : T(a % b);
}

// A bool divides as the integer it is.
template <class F>
void divide(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_arithmetic(a.dtype(), "division",
                      [&]<class T>() { map<T, T, T>(out, [](T x, T y) { return T(F{}(x, y)); }, a, b); });
}
Tensor no_change(const Operands& o) { return zeros_like(o.dy); }
Tensor no_derivative(const Operands&) {
  throw NotImplementedError("derivative for floor_divide is not implemented", "Use div, or detach() the result");
}

constexpr BinaryOp kFloorDivide{.name = "floor_divide",
                                .node = "NotImplemented",
                                .run = divide<decltype([](auto a, auto b) { return floor_quotient(a, b); })>,
                                .gradient_a = no_derivative,
                                .gradient_b = no_derivative};
constexpr BinaryOp kDivFloor{.name = "div",
                             .node = "DivBackward1",
                             .run = divide<decltype([](auto a, auto b) { return floor_quotient(a, b); })>,
                             .gradient_a = no_change,
                             .gradient_b = no_change};
constexpr BinaryOp kDivTrunc{.name = "div",
                             .node = "DivBackward1",
                             .run = divide<decltype([](auto a, auto b) { return truncated_quotient(a, b); })>,
                             .gradient_a = no_change,
                             .gradient_b = no_change};
constexpr BinaryOp kRemainder{.name = "remainder",
                              .node = "RemainderBackward0",
                              .run = divide<decltype([](auto a, auto b) { return python_remainder(a, b); })>,
                              .uses = kBUsesA | kBUsesB,
                              .gradient_a = [](const Operands& o) { return o.dy; },
                              .gradient_b = [](const Operands& o) { return mul(neg(o.dy), div(o.a, o.b, "floor")); }};
constexpr BinaryOp kFmod{.name = "fmod",
                         .node = "FmodBackward0",
                         .run = divide<decltype([](auto a, auto b) { return c_remainder(a, b); })>,
                         .uses = kBUsesA | kBUsesB,
                         .gradient_a = [](const Operands& o) { return o.dy; },
                         .gradient_b = [](const Operands& o) { return mul(neg(o.dy), div(o.a, o.b, "trunc")); }};

[[noreturn]] void throw_zero_division(const char* name) {
  throw Error(str("ZeroDivisionError: ", name, " of integers by zero"));
}

void refuse_bools(const BinaryOp& op, const Tensor& a, bool b_is_bool) {
  if (a.dtype() == DType::Bool && b_is_bool) throw_unsupported(op.name, DType::Bool);
}

void check_divisor(const BinaryOp& op, const Tensor& a, const Tensor& b) {
  refuse_bools(op, a, b.dtype() == DType::Bool);
  if (a.is_floating_point() || b.is_floating_point()) return;
  const Tensor zero = eq(b, 0);
  if (any(zero).data<bool>()[0]) throw_zero_division(op.name);
}
void check_divisor(const BinaryOp& op, const Tensor& a, Scalar b) {
  refuse_bools(op, a, b.kind() == Scalar::Kind::Bool);
  if (!a.is_floating_point() && b.kind() != Scalar::Kind::Float && b.to<int64_t>() == 0) throw_zero_division(op.name);
}

const BinaryOp* rounded(const std::string& mode) {
  if (mode == "floor") return &kDivFloor;
  if (mode == "trunc") return &kDivTrunc;
  if (mode.empty()) return nullptr;
  throw OptionError(str("div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '", mode, "'"));
}

template <class B>
Tensor checked(const BinaryOp& op, const Tensor& a, const B& b) {
  check_divisor(op, a, b);
  return binary(op, a, b);
}
template <class B>
const Tensor& checked_(const BinaryOp& op, const Tensor& self, const B& b) {
  check_divisor(op, self, b);
  return binary_(op, self, b);
}
// number ∘ a
Tensor reversed(const BinaryOp& op, Scalar number, const Tensor& a) {
  refuse_bools(op, a, number.kind() == Scalar::Kind::Bool);
  if (number.kind() != Scalar::Kind::Float && a.dtype() != DType::Bool) check_divisor(op, a, a);
  return binary(op, number, a);
}

}  // namespace

Tensor floor_divide(const Tensor& a, const Tensor& b) { return checked(kFloorDivide, a, b); }
Tensor floor_divide(const Tensor& a, Scalar b) { return checked(kFloorDivide, a, b); }
Tensor rfloor_divide(const Tensor& a, Scalar b) { return reversed(kFloorDivide, b, a); }
Tensor remainder(const Tensor& a, const Tensor& b) { return checked(kRemainder, a, b); }
Tensor remainder(const Tensor& a, Scalar b) { return checked(kRemainder, a, b); }
Tensor rremainder(const Tensor& a, Scalar b) { return reversed(kRemainder, b, a); }
Tensor fmod(const Tensor& a, const Tensor& b) { return checked(kFmod, a, b); }
Tensor fmod(const Tensor& a, Scalar b) { return checked(kFmod, a, b); }
const Tensor& floor_divide_(const Tensor& self, const Tensor& other) { return checked_(kFloorDivide, self, other); }
const Tensor& floor_divide_(const Tensor& self, Scalar other) { return checked_(kFloorDivide, self, other); }
const Tensor& remainder_(const Tensor& self, const Tensor& other) { return checked_(kRemainder, self, other); }
const Tensor& remainder_(const Tensor& self, Scalar other) { return checked_(kRemainder, self, other); }
const Tensor& fmod_(const Tensor& self, const Tensor& other) { return checked_(kFmod, self, other); }
const Tensor& fmod_(const Tensor& self, Scalar other) { return checked_(kFmod, self, other); }

Tensor div(const Tensor& a, const Tensor& b, const std::string& mode) {
  const BinaryOp* op = rounded(mode);
  return op ? checked(*op, a, b) : div(a, b);
}
Tensor div(const Tensor& a, Scalar b, const std::string& mode) {
  const BinaryOp* op = rounded(mode);
  return op ? checked(*op, a, b) : div(a, b);
}
const Tensor& div_(const Tensor& self, const Tensor& other, const std::string& mode) {
  const BinaryOp* op = rounded(mode);
  return op ? checked_(*op, self, other) : div_(self, other);
}
const Tensor& div_(const Tensor& self, Scalar other, const std::string& mode) {
  const BinaryOp* op = rounded(mode);
  return op ? checked_(*op, self, other) : div_(self, other);
}

}  // namespace lamina::ops

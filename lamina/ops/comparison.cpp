#include "lamina/ops/comparison.h"

#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"

namespace lamina::ops {

namespace {

// ---- the table: one row an operation ------------------------------------------------------------------------------

constexpr BinaryOp kEq{"eq", "", compare<decltype([](auto a, auto b) { return a == b; })>, Result::Bool};
constexpr BinaryOp kNe{"ne", "", compare<decltype([](auto a, auto b) { return a != b; })>, Result::Bool};
constexpr BinaryOp kLt{"lt", "", compare<decltype([](auto a, auto b) { return a < b; })>, Result::Bool};
constexpr BinaryOp kLe{"le", "", compare<decltype([](auto a, auto b) { return a <= b; })>, Result::Bool};
constexpr BinaryOp kGt{"gt", "", compare<decltype([](auto a, auto b) { return a > b; })>, Result::Bool};
constexpr BinaryOp kGe{"ge", "", compare<decltype([](auto a, auto b) { return a >= b; })>, Result::Bool};
constexpr BinaryOp kAnd{"logical_and", "", compare<decltype([](auto a, auto b) { return (a != 0) & (b != 0); })>,
                        Result::Bool};
constexpr BinaryOp kOr{"logical_or", "", compare<decltype([](auto a, auto b) { return (a != 0) | (b != 0); })>,
                       Result::Bool};
constexpr BinaryOp kXor{"logical_xor", "", compare<decltype([](auto a, auto b) { return (a != 0) != (b != 0); })>,
                        Result::Bool};
constexpr UnaryOp kNot{"logical_not", "", test_unary<decltype([](auto v) { return v == 0; })>, Result::Bool};

// Bits of integers and bools: the caller has refused floats.
template <class F>
void bits(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_integral(a.dtype(), [&]<class T>() { map<T, T, T>(out, [](T x, T y) { return T(F{}(x, y)); }, a, b); });
}
// A shift by the width or more leaves nothing but the sign; the count may be negative, which PyTorch takes the same way.
template <class T>
constexpr int width = int(sizeof(T) * 8);

constexpr BinaryOp kBitAnd{"bitwise_and", "", bits<decltype([](auto a, auto b) { return a & b; })>};
constexpr BinaryOp kBitOr{"bitwise_or", "", bits<decltype([](auto a, auto b) { return a | b; })>};
constexpr BinaryOp kBitXor{"bitwise_xor", "", bits<decltype([](auto a, auto b) { return a ^ b; })>};
constexpr BinaryOp kLeftShift{"bitwise_left_shift", "", bits<decltype([](auto a, auto b) {
                                using T = decltype(a);
                                const auto by = int64_t(b);
                                return by < 0 || by >= width<T> ? T(0) : T(uint64_t(a) << by);
                              })>};
constexpr BinaryOp kRightShift{"bitwise_right_shift", "", bits<decltype([](auto a, auto b) {
                                 using T = decltype(a);
                                 const int most = width<T> - (std::is_signed_v<T> ? 1 : 0);
                                 const auto by = int64_t(b);
                                 if (by < 0 || by >= most) return std::is_signed_v<T> ? T(a >> most) : T(0);
                                 return T(a >> by);
                               })>};
constexpr UnaryOp kBitNot{"bitwise_not", "",
                          [](const Tensor& out, const Tensor& x) {
                            dispatch_integral(x.dtype(), [&]<class T>() {
                              map<T, T>(
                                  out,
                                  [](T v) {
                                    if constexpr (std::is_same_v<T, bool>) return !v;
                                    else return T(~v);
                                  },
                                  x);
                            });
                          },
                          Result::Same};

void check_bits(const char* name, DType d) {
  if (is_floating_point(d)) throw_unsupported(name, d);
}
void check_shift(const char* name, DType d) {
  if (!is_integral(d)) throw_unsupported(name, d);
}
void check_bits(const BinaryOp& op, const Tensor& a, const Tensor& b) {
  check_bits(op.name, a.dtype());
  check_bits(op.name, b.dtype());
}
void check_bits(const BinaryOp& op, const Tensor& a, Scalar b) {
  check_bits(op.name, a.dtype());
  if (b.kind() == Scalar::Kind::Float) throw_unsupported(op.name, DType::Float32);
}

}  // namespace

#define LAMINA_COMPARISON(function, op)                                          \
  Tensor function(const Tensor& a, const Tensor& b) { return binary(op, a, b); } \
  Tensor function(const Tensor& a, Scalar b) { return binary(op, a, b); }        \
  const Tensor& function##_(const Tensor& self, const Tensor& other) { return binary_(op, self, other); }

LAMINA_COMPARISON(eq, kEq)
LAMINA_COMPARISON(ne, kNe)
LAMINA_COMPARISON(lt, kLt)
LAMINA_COMPARISON(le, kLe)
LAMINA_COMPARISON(gt, kGt)
LAMINA_COMPARISON(ge, kGe)
#undef LAMINA_COMPARISON

Tensor logical_and(const Tensor& a, const Tensor& b) { return binary(kAnd, a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return binary(kOr, a, b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return binary(kXor, a, b); }
Tensor logical_not(const Tensor& a) { return unary(kNot, a); }
const Tensor& logical_and_(const Tensor& self, const Tensor& other) { return binary_(kAnd, self, other); }
const Tensor& logical_or_(const Tensor& self, const Tensor& other) { return binary_(kOr, self, other); }
const Tensor& logical_xor_(const Tensor& self, const Tensor& other) { return binary_(kXor, self, other); }
const Tensor& logical_not_(const Tensor& self) { return unary_(kNot, self); }

#define LAMINA_BITS(function, op)                                      \
  Tensor function(const Tensor& a, const Tensor& b) {                  \
    check_bits(op, a, b);                                              \
    return binary(op, a, b);                                           \
  }                                                                    \
  Tensor function(const Tensor& a, Scalar b) {                         \
    check_bits(op, a, b);                                              \
    return binary(op, a, b);                                           \
  }                                                                    \
  const Tensor& function##_(const Tensor& self, const Tensor& other) { \
    check_bits(op, self, other);                                       \
    return binary_(op, self, other);                                   \
  }

LAMINA_BITS(bitwise_and, kBitAnd)
LAMINA_BITS(bitwise_or, kBitOr)
LAMINA_BITS(bitwise_xor, kBitXor)
#undef LAMINA_BITS

Tensor bitwise_not(const Tensor& a) {
  check_bits("bitwise_not", a.dtype());
  return unary(kBitNot, a);
}
const Tensor& bitwise_not_(const Tensor& self) {
  check_bits("bitwise_not", self.dtype());
  return unary_(kBitNot, self);
}

Tensor bitwise_left_shift(const Tensor& a, const Tensor& b) {
  check_bits(kLeftShift, a, b);
  check_shift(kLeftShift.name, promote_types(a.dtype(), b.dtype()));
  return binary(kLeftShift, a, b);
}
Tensor bitwise_right_shift(const Tensor& a, const Tensor& b) {
  check_bits(kRightShift, a, b);
  check_shift(kRightShift.name, promote_types(a.dtype(), b.dtype()));
  return binary(kRightShift, a, b);
}
Tensor bitwise_left_shift(const Tensor& a, Scalar b) {
  check_bits(kLeftShift, a, b);
  check_shift(kLeftShift.name, result_type(a, b));
  return binary(kLeftShift, a, b);
}
Tensor bitwise_right_shift(const Tensor& a, Scalar b) {
  check_bits(kRightShift, a, b);
  check_shift(kRightShift.name, result_type(a, b));
  return binary(kRightShift, a, b);
}

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  if (a.dtype() != b.dtype())
    throw DTypeError(str(scalar_type_name(a.dtype()), " did not match ", scalar_type_name(b.dtype())),
                     "Convert one with .to(dtype)");
  if (!(rtol >= 0) || !(atol >= 0))
    throw OptionError(str("rtol and atol must not be negative, got ", rtol, " and ", atol));
  const NoGradGuard values_only;
  const DType type = a.is_floating_point() ? a.dtype() : DType::Float64;
  const Tensor x = to(a, type), y = to(b, type);
  Tensor close = logical_and(isfinite(y), le(abs(sub(x, y)), add(mul(abs(y), rtol), atol)));
  close = logical_or(eq(a, b), close);
  return equal_nan ? logical_or(close, logical_and(isnan(x), isnan(y))) : close;
}
bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return all(isclose(a, b, rtol, atol, equal_nan)).data<bool>()[0];
}
bool equal(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype())
    throw DTypeError(str("Expected object of data type ", name(a.dtype()), " but got data type ", name(b.dtype()),
                         " for argument 'other'"));
  return a.shape() == b.shape() && all(eq(a, b)).data<bool>()[0];
}

}  // namespace lamina::ops

// The mechanism of elementwise operations: an operation is one constant that says its name, its loop and its gradient;
// broadcasting, type promotion, recording, the in-place form and 16-bit floats are dealt with here once.
//   constexpr BinaryOp kMul{.name = "mul", .node = "MulBackward0", .run = numeric<decltype([](auto a, auto b) { return a * b; })>,
//                           .uses = kAUsesB | kBUsesA,
//                           .gradient_a = [](const Operands& o) { return mul(o.dy, o.b); }, .gradient_b = …};
//   Tensor mul(const Tensor& a, const Tensor& b) { return binary(kMul, a, b); }
#pragma once
#include "lamina/core/error.h"
#include "lamina/core/tensor.h"
#include "lamina/graph/node.h"
#include "lamina/ops/iterate.h"

namespace lamina::ops {

/// The type of an operation's result, given the promoted type of its operands.
enum class Result : uint8_t { Same, Floating, Bool };

/// What a gradient function is given; an operand that it did not ask for by `uses` is undefined.
struct Operands {
  const Tensor &dy, &a, &b;
  Scalar parameter;
};
enum Uses : uint8_t { kNothing = 0, kAUsesA = 1, kAUsesB = 2, kBUsesA = 4, kBUsesB = 8 };

struct BinaryOp {
  const char* name;  // PyTorch's, for messages
  const char* node;  // the name of the graph's node
  /// out[i] = f(a[i], b[i]); a and b have one type, never a 16-bit float; out has that type or is bool.
  void (*run)(const Tensor& out, const Tensor& a, const Tensor& b, Scalar parameter);
  Result result = Result::Same;
  int uses = kNothing;
  Tensor (*gradient_a)(const Operands&) =
      nullptr;  // of the broadcast shape; null: not differentiable, result without history
  Tensor (*gradient_b)(const Operands&) = nullptr;
};

/// `parameter` is a number that belongs to the operation (alpha of add, the weight of lerp).
Tensor binary(const BinaryOp& op, const Tensor& a, const Tensor& b, Scalar parameter = 1);
Tensor binary(const BinaryOp& op, const Tensor& a, Scalar b, Scalar parameter = 1);
Tensor binary(const BinaryOp& op, Scalar a, const Tensor& b, Scalar parameter = 1);
/// self = op(self, b). ShapeError when self would have to grow, DTypeError when its type cannot hold the result.
const Tensor& binary_(const BinaryOp& op, const Tensor& self, const Tensor& b, Scalar parameter = 1);
const Tensor& binary_(const BinaryOp& op, const Tensor& self, Scalar b, Scalar parameter = 1);

/// What the gradient of a UnaryOp is computed from, besides dy.
enum class Keeps : uint8_t { Nothing, Input, Output };

struct UnaryOp {
  const char* name;
  const char* node;
  void (*run)(const Tensor& out, const Tensor& x);
  Result result = Result::Floating;
  Keeps keeps = Keeps::Input;
  Tensor (*gradient)(const Tensor& dy, const Tensor& kept) = nullptr;
};
Tensor unary(const UnaryOp& op, const Tensor& x);
const Tensor& unary_(const UnaryOp& op, const Tensor& self);

/// Any other operation in place: self takes over the values and the history of result(before), where `before` has self's
/// values and history. Source of the rule: torch's in-place forms equal their out-of-place forms followed by a copy.
template <class F>
const Tensor& inplace(const Tensor& self, const char* name, F result);

/// Throws unless a result of this shape and type may be written into self.
void check_result_fits(const Tensor& self, const Shape& shape, DType dtype);
/// A copy of self's values with self's history: what an in-place operation saves before it writes.
Tensor copy_with_history(const Tensor& self);
/// b, or a copy of it when it shares memory with `out` other than element by element.
Tensor apart_from(const Tensor& out, const Tensor& b);
/// self has been given from's values, broadcast and converted: the gradient goes to `from`, what stood in self gets none.
void record_copy(const Tensor& self, const Tensor& from);
/// An in-place operation's end: result's values and history into self.
void take_over(const Tensor& self, const Tensor& result);

/// Calls f.template operator()<T>() for the types that arithmetic happens in: all but the 16-bit floats.
template <class F>
decltype(auto) dispatch_arithmetic(DType d, const char* what, F&& f) {
  if (d == DType::BFloat16 || d == DType::Float16) throw_unsupported(what, d);
  switch (d) {
    case DType::Float32: return f.template operator()<float>();
    case DType::Float64: return f.template operator()<double>();
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    case DType::Int16: return f.template operator()<int16_t>();
    case DType::Int8: return f.template operator()<int8_t>();
    case DType::UInt8: return f.template operator()<uint8_t>();
    default: return f.template operator()<bool>();
  }
}

/// The same for integers and bool; the caller has refused floats.
template <class F>
decltype(auto) dispatch_integral(DType d, F&& f) {
  switch (d) {
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    case DType::Int16: return f.template operator()<int16_t>();
    case DType::Int8: return f.template operator()<int8_t>();
    case DType::UInt8: return f.template operator()<uint8_t>();
    default: return f.template operator()<bool>();
  }
}

/// The type in which integers wrap around instead of overflowing; T itself for floats.
template <class T>
struct wrapping {
  using type = T;
};
template <class T>
  requires std::is_integral_v<T>
struct wrapping<T> {
  using type = uint64_t;
};

/// Loops for BinaryOp::run. numeric: floats and integers, whose overflow wraps; real: floats; compare: bool out.
template <class F>
void numeric(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_arithmetic(a.dtype(), "this operation", [&]<class T>() {
    using W = typename wrapping<T>::type;
    map<T, T, T>(out, [](T x, T y) { return T(F{}(W(x), W(y))); }, a, b);
  });
}
template <class F>
void exact(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_arithmetic(a.dtype(), "this operation", [&]<class T>() { map<T, T, T>(out, F{}, a, b); });
}
template <class F>
void real(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_real(a.dtype(), "this operation", [&]<class T>() { map<T, T, T>(out, F{}, a, b); });
}
template <class F>
void compare(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_arithmetic(a.dtype(), "this comparison", [&]<class T>() { map<bool, T, T>(out, F{}, a, b); });
}

/// Loops for UnaryOp::run.
template <class F>
void real_unary(const Tensor& out, const Tensor& x) {
  dispatch_real(x.dtype(), "this operation", [&]<class T>() { map<T, T>(out, F{}, x); });
}
template <class F>
void exact_unary(const Tensor& out, const Tensor& x) {
  dispatch_arithmetic(x.dtype(), "this operation", [&]<class T>() { map<T, T>(out, F{}, x); });
}
template <class F>
void test_unary(const Tensor& out, const Tensor& x) {
  dispatch_arithmetic(x.dtype(), "this operation", [&]<class T>() { map<bool, T>(out, F{}, x); });
}

template <class F>
const Tensor& inplace(const Tensor& self, const char* name, F result) {
  check_inplace(self, name);
  const Tensor y = result(is_grad_enabled() ? copy_with_history(self) : self);  // what it saves is not overwritten
  check_result_fits(self, y.shape(), y.dtype());
  take_over(self, y);
  return self;
}

}  // namespace lamina::ops

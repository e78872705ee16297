#include "lamina/ops/pointwise.h"

#include "lamina/core/text.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

void scaled_add(const Tensor& out, const Tensor& a, const Tensor& b, Scalar alpha) {
  dispatch_arithmetic(a.dtype(), "add", [&]<class T>() {
    using W = typename wrapping<T>::type;
    const T factor = alpha.to<T>();
    if (factor == T(1)) map<T, T, T>(out, [](T x, T y) { return T(W(x) + W(y)); }, a, b);
    else map<T, T, T>(out, [factor](T x, T y) { return T(W(x) + W(factor) * W(y)); }, a, b);
  });
}

Tensor scaled(const Tensor& t, Scalar factor) { return factor.to_double() == 1 ? t : mul(t, factor); }

constexpr BinaryOp kAdd{.name = "add", .node = "AddBackward0", .run = scaled_add,
                        .gradient_a = [](const Operands& o) { return o.dy; },
                        .gradient_b = [](const Operands& o) { return scaled(o.dy, o.parameter); }};

constexpr BinaryOp kSub{.name = "sub", .node = "SubBackward0", .run = scaled_add,  // its parameter is −alpha
                        .gradient_a = [](const Operands& o) { return o.dy; },
                        .gradient_b = [](const Operands& o) { return scaled(o.dy, o.parameter); }};

constexpr BinaryOp kMul{.name = "mul", .node = "MulBackward0",
                        .run = numeric<decltype([](auto a, auto b) { return a * b; })>,
                        .uses = kAUsesB | kBUsesA,
                        .gradient_a = [](const Operands& o) { return mul(o.dy, o.b); },
                        .gradient_b = [](const Operands& o) { return mul(o.dy, o.a); }};

constexpr BinaryOp kDiv{.name = "div", .node = "DivBackward0",
                        .run = real<decltype([](auto a, auto b) { return a / b; })>,
                        .result = Result::Floating,
                        .uses = kAUsesB | kBUsesA | kBUsesB,
                        .gradient_a = [](const Operands& o) { return div(o.dy, o.b); },
                        .gradient_b = [](const Operands& o) { return mul(neg(o.dy), div(div(o.a, o.b), o.b)); }};

constexpr UnaryOp kNeg{.name = "neg", .node = "NegBackward0",
                       .run = exact_unary<decltype([](auto v) {
                         if constexpr (std::is_floating_point_v<decltype(v)>) return -v;
                         else return decltype(v)(0 - uint64_t(v));
                       })>,
                       .result = Result::Same,
                       .keeps = Keeps::Nothing,
                       .gradient = [](const Tensor& dy, const Tensor&) { return neg(dy); }};

void check_alpha(Scalar alpha, DType a, DType b) {
  if (alpha.kind() == Scalar::Kind::Float && !is_floating_point(a) && !is_floating_point(b))
    throw OptionError("For integral input tensors, argument alpha must not be a floating point number.");
}
void check_alpha(Scalar alpha, const Tensor& a, Scalar b) {
  check_alpha(alpha, a.dtype(), b.kind() == Scalar::Kind::Float ? DType::Float32 : a.dtype());
}
void refuse_bools(DType a, DType b) {
  if (a == DType::Bool && b == DType::Bool)
    throw DTypeError("Subtraction, the `-` operator, with two bool tensors is not supported, use the `^` or `logical_xor()` operator instead.");
}
void refuse_bools(const Tensor& a, Scalar b) { refuse_bools(a.dtype(), b.kind() == Scalar::Kind::Bool ? DType::Bool : DType::Int64); }

Scalar negated(Scalar alpha) { return alpha.kind() == Scalar::Kind::Float ? Scalar(-alpha.to<double>()) : Scalar(-alpha.to<int64_t>()); }

}  // namespace

Tensor add(const Tensor& a, const Tensor& b, Scalar alpha) {
  check_alpha(alpha, a.dtype(), b.dtype());
  return binary(kAdd, a, b, alpha);
}
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha) {
  check_alpha(alpha, a.dtype(), b.dtype());
  refuse_bools(a.dtype(), b.dtype());
  return binary(kSub, a, b, negated(alpha));
}
Tensor mul(const Tensor& a, const Tensor& b) { return binary(kMul, a, b); }
Tensor div(const Tensor& a, const Tensor& b) { return binary(kDiv, a, b); }

Tensor add(const Tensor& a, Scalar b, Scalar alpha) {
  check_alpha(alpha, a, b);
  return binary(kAdd, a, b, alpha);
}
Tensor sub(const Tensor& a, Scalar b, Scalar alpha) {
  check_alpha(alpha, a, b);
  refuse_bools(a, b);
  return binary(kSub, a, b, negated(alpha));
}
Tensor rsub(const Tensor& a, Scalar b) {
  refuse_bools(a, b);
  return binary(kSub, b, a, -1);
}
Tensor mul(const Tensor& a, Scalar b) { return binary(kMul, a, b); }
Tensor div(const Tensor& a, Scalar b) { return binary(kDiv, a, b); }
Tensor rdiv(const Tensor& a, Scalar b) { return binary(kDiv, b, a); }

Tensor neg(const Tensor& a) {
  if (a.dtype() == DType::Bool)
    throw DTypeError("Negation, the `-` operator, on a bool tensor is not supported.", "Use the `~` or `logical_not()` operator instead");
  return unary(kNeg, a);
}

const Tensor& add_(const Tensor& self, const Tensor& other, Scalar alpha) {
  check_alpha(alpha, self.dtype(), other.dtype());
  return binary_(kAdd, self, other, alpha);
}
const Tensor& mul_(const Tensor& self, const Tensor& other) { return binary_(kMul, self, other); }

Tensor sum_to(const Tensor& dy, const Shape& shape) {
  if (dy.shape() == shape) return dy;
  const int added = dy.rank() - shape.rank();
  Shape dims;
  for (int d = 0; d < dy.rank(); ++d)
    if (d < added || (shape[d - added] == 1 && dy.shape()[d] != 1)) dims.push_back(d);
  const Tensor kept = dims.empty() ? dy : sum(dy, dims, true);
  return kept.shape() == shape ? kept : view(kept, shape);
}

}  // namespace lamina::ops

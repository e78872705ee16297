#include "lamina/ops/pointwise.h"

#include <cmath>

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

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

constexpr BinaryOp kAdd{.name = "add",
                        .node = "AddBackward0",
                        .run = scaled_add,
                        .gradient_a = [](const Operands& o) { return o.dy; },
                        .gradient_b = [](const Operands& o) { return scaled(o.dy, o.parameter); }};

constexpr BinaryOp kSub{.name = "sub",
                        .node = "SubBackward0",
                        .run = scaled_add,  // its parameter is −alpha
                        .gradient_a = [](const Operands& o) { return o.dy; },
                        .gradient_b = [](const Operands& o) { return scaled(o.dy, o.parameter); }};

constexpr BinaryOp kMul{.name = "mul",
                        .node = "MulBackward0",
                        .run = numeric<decltype([](auto a, auto b) { return a * b; })>,
                        .uses = kAUsesB | kBUsesA,
                        .gradient_a = [](const Operands& o) { return mul(o.dy, o.b); },
                        .gradient_b = [](const Operands& o) { return mul(o.dy, o.a); }};

constexpr BinaryOp kDiv{.name = "div",
                        .node = "DivBackward0",
                        .run = real<decltype([](auto a, auto b) { return a / b; })>,
                        .result = Result::Floating,
                        .uses = kAUsesB | kBUsesA | kBUsesB,
                        .gradient_a = [](const Operands& o) { return div(o.dy, o.b); },
                        .gradient_b = [](const Operands& o) { return mul(neg(o.dy), div(div(o.a, o.b), o.b)); }};

constexpr UnaryOp kNeg{.name = "neg",
                       .node = "NegBackward0",
                       .run = exact_unary<decltype([](auto v) {
                         if constexpr (std::is_floating_point_v<decltype(v)>) return -v;
                         else return decltype(v)(0 - uint64_t(v));
                       })>,
                       .result = Result::Same,
                       .keeps = Keeps::Nothing,
                       .gradient = [](const Tensor& dy, const Tensor&) { return neg(dy); }};

constexpr BinaryOp kLerp{.name = "lerp",
                         .node = "LerpBackward0",
                         .run =
                             [](const Tensor& out, const Tensor& a, const Tensor& b, Scalar weight) {
                               dispatch_real(a.dtype(), "lerp", [&]<class T>() {
                                 const T w = weight.to<T>();
                                 // from b's side where w ≥ ½, so that w = 1 gives b exactly
                                 if (std::fabs(w) < T(0.5))
                                   map<T, T, T>(out, [w](T x, T y) { return x + w * (y - x); }, a, b);
                                 else map<T, T, T>(out, [w](T x, T y) { return y - (y - x) * (T(1) - w); }, a, b);
                               });
                             },
                         .gradient_a = [](const Operands& o) { return mul(o.dy, 1 - o.parameter.to_double()); },
                         .gradient_b = [](const Operands& o) { return mul(o.dy, o.parameter); }};

void check_alpha(Scalar alpha, DType a, DType b) {
  if (alpha.kind() == Scalar::Kind::Float && !is_floating_point(a) && !is_floating_point(b))
    throw OptionError("For integral input tensors, argument alpha must not be a floating point number.");
}
void check_alpha(Scalar alpha, const Tensor& a, Scalar b) {
  check_alpha(alpha, a.dtype(), b.kind() == Scalar::Kind::Float ? DType::Float32 : a.dtype());
}
void refuse_bools(DType a, DType b) {
  if (a == DType::Bool && b == DType::Bool)
    throw DTypeError(
        "Subtraction, the `-` operator, with two bool tensors is not supported, use the `^` or `logical_xor()` "
        "operator instead.");
  if (a == DType::Bool || b == DType::Bool)
    throw DTypeError("Subtraction, the `-` operator, with a bool tensor is not supported.",
                     "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead");
}
void refuse_bools(const Tensor& a, Scalar b) {
  refuse_bools(a.dtype(), b.kind() == Scalar::Kind::Bool ? DType::Bool : DType::Int64);
}

void refuse_negation(const Tensor& a) {
  if (a.dtype() == DType::Bool)
    throw DTypeError("Negation, the `-` operator, on a bool tensor is not supported.",
                     "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.");
}
void refuse_integers(const Tensor& a, const Tensor& b) {
  if (!a.is_floating_point() && !b.is_floating_point())
    throw DTypeError("Integer division with addcdiv is no longer supported", "Convert the operands to a floating type");
}
void check_lerp(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype())
    throw DTypeError(
        str("expected dtype ", name(a.dtype()), " for `end` and `weight` but got dtype ", name(b.dtype())));
  if (!a.is_floating_point()) throw_unsupported("lerp", a.dtype());
}

Scalar negated(Scalar alpha) {
  return alpha.kind() == Scalar::Kind::Float ? Scalar(-alpha.to<double>()) : Scalar(-alpha.to<int64_t>());
}

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
  refuse_negation(a);
  return unary(kNeg, a);
}

const Tensor& add_(const Tensor& self, const Tensor& other, Scalar alpha) {
  check_alpha(alpha, self.dtype(), other.dtype());
  return binary_(kAdd, self, other, alpha);
}
const Tensor& sub_(const Tensor& self, const Tensor& other, Scalar alpha) {
  check_alpha(alpha, self.dtype(), other.dtype());
  refuse_bools(self.dtype(), other.dtype());
  return binary_(kSub, self, other, negated(alpha));
}
const Tensor& mul_(const Tensor& self, const Tensor& other) { return binary_(kMul, self, other); }
const Tensor& div_(const Tensor& self, const Tensor& other) { return binary_(kDiv, self, other); }
const Tensor& add_(const Tensor& self, Scalar other, Scalar alpha) {
  check_alpha(alpha, self, other);
  return binary_(kAdd, self, other, alpha);
}
const Tensor& sub_(const Tensor& self, Scalar other, Scalar alpha) {
  check_alpha(alpha, self, other);
  refuse_bools(self, other);
  return binary_(kSub, self, other, negated(alpha));
}
const Tensor& mul_(const Tensor& self, Scalar other) { return binary_(kMul, self, other); }
const Tensor& div_(const Tensor& self, Scalar other) { return binary_(kDiv, self, other); }
const Tensor& neg_(const Tensor& self) {
  refuse_negation(self);
  return unary_(kNeg, self);
}

Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value) { return add(x, mul(a, b), value); }
Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value) {
  refuse_integers(a, b);
  return add(x, div(a, b), value);
}
const Tensor& addcmul_(const Tensor& self, const Tensor& a, const Tensor& b, Scalar value) {
  return add_(self, mul(a, b), value);
}
const Tensor& addcdiv_(const Tensor& self, const Tensor& a, const Tensor& b, Scalar value) {
  refuse_integers(a, b);
  return add_(self, div(a, b), value);
}

Tensor lerp(const Tensor& a, const Tensor& b, Scalar weight) {
  check_lerp(a, b);
  return binary(kLerp, a, b, weight);
}
const Tensor& lerp_(const Tensor& self, const Tensor& end, Scalar weight) {
  check_lerp(self, end);
  return binary_(kLerp, self, end, weight);
}
// a + w·(b − a), from b's side where w ≥ ½, so that w = 1 gives b exactly
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight) {
  check_lerp(a, b);
  check_lerp(a, weight);
  const Tensor step = sub(b, a);
  return where(lt(abs(weight), 0.5), add(a, mul(weight, step)), sub(b, mul(step, rsub(weight, 1))));
}
const Tensor& lerp_(const Tensor& self, const Tensor& end, const Tensor& weight) {
  return inplace(self, "lerp_", [&](const Tensor& before) { return lerp(before, end, weight); });
}

const Tensor& fill_(const Tensor& self, Scalar value) {
  check_inplace(self, "fill_");
  const bool recorded = needs_grad(self);
  fill_values(self, value);
  self.bump_version();
  if (recorded)
    record("FillBackward0", self, {&self}, [](const Backward& g) -> Tensors { return {zeros_like(g.dy())}; });
  return self;
}
const Tensor& fill_(const Tensor& self, const Tensor& value) {
  if (value.rank() != 0)
    throw ShapeError(
        str("fill_ only supports 0-dimension value tensor but got tensor with ", value.rank(), " dimensions."));
  return copy_(self, value);
}
const Tensor& zero_(const Tensor& self) { return fill_(self, 0); }

const Tensor& copy_(const Tensor& self, const Tensor& from) {
  check_inplace(self, "copy_");
  if (self.is(from)) return self;
  check_result_fits(self, broadcast(self.shape(), from.shape()), self.dtype());
  const bool recorded = needs_grad(self, from);
  copy_values(self, apart_from(self, from));
  self.bump_version();
  if (recorded) record_copy(self, from);
  return self;
}

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

#include "lamina/ops/elementwise.h"

#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"

namespace lamina::ops {

namespace {

bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }
DType computed_in(DType d) { return is_half(d) ? DType::Float32 : d; }

DType output_type(Result result, DType common) { return result == Result::Bool ? DType::Bool : common; }
DType common_type(Result result, DType promoted) {
  return result == Result::Floating ? floating_result(promoted) : promoted;
}

Tensor converted(const Tensor& t, DType dtype) {
  if (t.dtype() == dtype) return t;
  Tensor y = empty(t.shape(), dtype);
  copy_values(y, t);
  return y;
}

void run_into(const BinaryOp& op, const Tensor& out, const Tensor& a, const Tensor& b, DType common, Scalar parameter) {
  if (out.numel() == 0) return;
  const DType in = computed_in(common), result = output_type(op.result, in);
  const Tensor x = converted(a, in), y = converted(b, in);
  if (out.dtype() == result) return op.run(out, x, y, parameter);
  const Tensor wide = empty(out.shape(), result);
  op.run(wide, x, y, parameter);
  copy_values(out, wide);
}

void record_binary(const BinaryOp& op, const Tensor& y, const Tensor& a, const Tensor& b, const Saved& kept_a,
                   const Saved& kept_b, Scalar parameter) {
  record(op.node, y, {&a, &b},
         [&op, kept_a, kept_b, parameter, a_shape = a.shape(), b_shape = b.shape(), a_type = a.dtype(),
          b_type = b.dtype()](const Backward& g) -> Tensors {
           const Operands o{g.dy(), kept_a.get(), kept_b.get(), parameter};
           return {g.needs(0) ? to(sum_to(op.gradient_a(o), a_shape), a_type) : Tensor(),
                   g.needs(1) ? to(sum_to(op.gradient_b(o), b_shape), b_type) : Tensor()};
         });
}

struct Kept { Saved a, b; };
Kept keep(const BinaryOp& op, const Tensor& a, const Tensor& b) {
  const int a_uses = a.requires_grad() ? op.uses & (kAUsesA | kAUsesB) : 0;
  const int b_uses = b.requires_grad() ? op.uses & (kBUsesA | kBUsesB) : 0;
  const int uses = a_uses | b_uses;
  return {uses & (kAUsesA | kBUsesA) ? Saved(a) : Saved(), uses & (kAUsesB | kBUsesB) ? Saved(b) : Saved()};
}

Tensor apply(const BinaryOp& op, const Tensor& a, const Tensor& b, DType promoted, Scalar parameter) {
  const DType common = common_type(op.result, promoted);
  Tensor y = empty(broadcast(a.shape(), b.shape()), output_type(op.result, common));
  run_into(op, y, a, b, common, parameter);
  if (op.gradient_a && needs_grad(a, b)) {
    const Kept kept = keep(op, a, b);
    record_binary(op, y, a, b, kept.a, kept.b, parameter);
  }
  return y;
}

// A number as an operand: in the type that it will be computed in, so that 16-bit floats do not round it.
Tensor number(Scalar value, DType promoted) { return full({}, value, computed_in(promoted)); }

const Tensor& apply_(const BinaryOp& op, const Tensor& self, const Tensor& other, DType promoted, Scalar parameter) {
  check_inplace(self, op.name);
  const DType common = common_type(op.result, promoted);
  check_result_fits(self, broadcast(self.shape(), other.shape()), output_type(op.result, common));
  const bool recorded = op.gradient_a && needs_grad(self, other);
  Tensor before = self, b = other;
  if (recorded && (op.uses & (kAUsesA | kBUsesA) || other.is(self))) before = copy_with_history(self);
  if (other.is(self)) b = before;
  const Kept kept = recorded ? keep(op, before, b) : Kept{};
  run_into(op, self, before, apart_from(self, b), common, parameter);
  self.bump_version();
  if (recorded) record_binary(op, self, before, b, kept.a, kept.b, parameter);
  return self;
}

}  // namespace

Tensor binary(const BinaryOp& op, const Tensor& a, const Tensor& b, Scalar parameter) {
  return apply(op, a, b, result_type(a, b), parameter);
}
Tensor binary(const BinaryOp& op, const Tensor& a, Scalar b, Scalar parameter) {
  const DType promoted = result_type(a, b);
  return apply(op, a, number(b, common_type(op.result, promoted)), promoted, parameter);
}
Tensor binary(const BinaryOp& op, Scalar a, const Tensor& b, Scalar parameter) {
  const DType promoted = result_type(b, a);
  return apply(op, number(a, common_type(op.result, promoted)), b, promoted, parameter);
}
const Tensor& binary_(const BinaryOp& op, const Tensor& self, const Tensor& b, Scalar parameter) {
  return apply_(op, self, b, result_type(self, b), parameter);
}
const Tensor& binary_(const BinaryOp& op, const Tensor& self, Scalar b, Scalar parameter) {
  const DType promoted = result_type(self, b);
  return apply_(op, self, number(b, common_type(op.result, promoted)), promoted, parameter);
}

namespace {

void run_into(const UnaryOp& op, const Tensor& out, const Tensor& x, DType common) {
  if (out.numel() == 0) return;
  const DType in = computed_in(common), result = output_type(op.result, in);
  const Tensor from = converted(x, in);
  if (out.dtype() == result) return op.run(out, from);
  const Tensor wide = empty(out.shape(), result);
  op.run(wide, from);
  copy_values(out, wide);
}

void record_unary(const UnaryOp& op, const Tensor& y, const Tensor& x, const Saved& kept) {
  record(op.node, y, {&x}, [&op, kept, type = x.dtype()](const Backward& g) -> Tensors {
    return {to(op.gradient(g.dy(), op.keeps == Keeps::Output ? kept.get(g) : kept.get()), type)};
  });
}

}  // namespace

Tensor unary(const UnaryOp& op, const Tensor& x) {
  const DType common = common_type(op.result, x.dtype());
  Tensor y = empty(x.shape(), output_type(op.result, common));
  run_into(op, y, x, common);
  if (op.gradient && needs_grad(x))
    record_unary(op, y, x,
                 op.keeps == Keeps::Input    ? Saved(x)
                 : op.keeps == Keeps::Output ? Saved::output(y)
                                             : Saved());
  return y;
}

const Tensor& unary_(const UnaryOp& op, const Tensor& self) {
  check_inplace(self, op.name);
  const DType common = common_type(op.result, self.dtype());
  check_result_fits(self, self.shape(), output_type(op.result, common));
  const bool recorded = op.gradient && needs_grad(self);
  const Tensor before = recorded && op.keeps == Keeps::Input ? copy_with_history(self) : self;
  const Saved input = recorded && op.keeps == Keeps::Input ? Saved(before) : Saved();
  run_into(op, self, before, common);
  self.bump_version();
  // an alias: self's own output_index is still that of the node it came from
  if (recorded)
    record_unary(op, self, before,
                 op.keeps == Keeps::Output ? Saved::output(alias(self, self.shape(), self.strides())) : input);
  return self;
}

void check_result_fits(const Tensor& self, const Shape& shape, DType dtype) {
  if (shape != self.shape())
    throw ShapeError(
        str("output with shape ", self.shape().list_text(), " doesn't match the broadcast shape ", shape.list_text()));
  const DType own = self.dtype();
  const bool fits =
      is_floating_point(own) || (!is_floating_point(dtype) && (own != DType::Bool || dtype == DType::Bool));
  if (!fits)
    throw DTypeError(str("result type ", scalar_type_name(dtype), " can't be cast to the desired output type ",
                         scalar_type_name(own)));
}

Tensor copy_with_history(const Tensor& self) {
  Tensor y = empty_like(self);
  copy_values(y, self);
  refresh_history(self);
  y->node = self->node;
  y->output_index = self->output_index;
  return y;
}

Tensor apart_from(const Tensor& out, const Tensor& b) {
  if (!(b->storage == out->storage) ||
      (b.bytes() == out.bytes() && b.shape() == out.shape() && b.strides() == out.strides()))
    return b;
  Tensor y = empty_like(b);
  copy_values(y, b);
  return y;
}

void record_copy(const Tensor& self, const Tensor& from) {
  record("CopyBackwards", self, {&self, &from},
         [shape = from.shape(), type = from.dtype()](const Backward& g) -> Tensors {
           return {g.needs(0) ? zeros_like(g.dy()) : Tensor(), g.needs(1) ? to(sum_to(g.dy(), shape), type) : Tensor()};
         });
}

void take_over(const Tensor& self, const Tensor& result) {
  const bool recorded = needs_grad(self, result);
  copy_values(self, result);
  self.bump_version();
  if (recorded) record_copy(self, result);
}

}  // namespace lamina::ops

// Elementwise operations as functions and methods: lamina.add, x.add_, lamina.exp, lamina.where, …
#include "lamina/core/error.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/where.h"
#include "python/bind.h"
#include "python/out.h"

namespace lamina::python {

namespace {

using OfTwo = Tensor (*)(const Tensor&, const Tensor&);
using OfTensorAndNumber = Tensor (*)(const Tensor&, Scalar);
using InPlaceOfTwo = const Tensor& (*)(const Tensor&, const Tensor&);
using InPlaceOfNumber = const Tensor& (*)(const Tensor&, Scalar);

template <class... Names>
void binary(const OutOp& op, OfTwo of_two, OfTensorAndNumber of_number, const char* doc, Names... names) {
  const auto call = [of_two, of_number](const Tensor& input, const Operand& other) {
    return other.tensor ? of_two(input, *other.tensor) : of_number(input, other.scalar);
  };
  (op(names, call, doc, "input"_a, "other"_a), ...);
}

template <class... Names>
void binary_inplace(const OutOp& op, InPlaceOfTwo of_two, InPlaceOfNumber of_number, const char* doc, Names... names) {
  const auto call = [of_two, of_number](const Tensor& self, const Operand& other) -> Tensor {
    return other.tensor ? of_two(self, *other.tensor) : of_number(self, other.scalar);
  };
  (op.method(names, call, doc, "other"_a), ...);
}

template <class... Names>
void tensors_only(const OutOp& op, OfTwo f, const char* doc, Names... names) {
  (op(names, f, doc, "input"_a, "other"_a), ...);
}

void bind_sums(const OutOp& op) {
  const auto add = [](const Operand& input, const Operand& other, Scalar alpha) {
    if (input.tensor)
      return other.tensor ? ops::add(*input.tensor, *other.tensor, alpha)
                          : ops::add(*input.tensor, other.scalar, alpha);
    if (!other.tensor) throw DTypeError("add: one of the operands must be a Tensor");
    return ops::add(ops::mul(*other.tensor, alpha), input.scalar);
  };
  op("add", add, "input + alpha·other", "input"_a, "other"_a, nb::kw_only(), "alpha"_a = 1);
  const auto sub = [](const Tensor& input, const Operand& other, Scalar alpha) {
    return other.tensor ? ops::sub(input, *other.tensor, alpha) : ops::sub(input, other.scalar, alpha);
  };
  for (const char* name : {"sub", "subtract"})
    op(name, sub, "input − alpha·other", "input"_a, "other"_a, nb::kw_only(), "alpha"_a = 1);
  op.method(
      "add_",
      [](const Tensor& self, const Operand& other, Scalar alpha) -> Tensor {
        return other.tensor ? ops::add_(self, *other.tensor, alpha) : ops::add_(self, other.scalar, alpha);
      },
      "self += alpha·other", "other"_a, nb::kw_only(), "alpha"_a = 1);
  op.method(
      "sub_",
      [](const Tensor& self, const Operand& other, Scalar alpha) -> Tensor {
        return other.tensor ? ops::sub_(self, *other.tensor, alpha) : ops::sub_(self, other.scalar, alpha);
      },
      "self −= alpha·other", "other"_a, nb::kw_only(), "alpha"_a = 1);
  op(
      "rsub",
      [](const Tensor& input, const Operand& other, Scalar alpha) {
        if (other.tensor) return ops::sub(*other.tensor, input, alpha);
        if (alpha.kind() == Scalar::Kind::Float && !input.is_floating_point() &&
            other.scalar.kind() != Scalar::Kind::Float)
          throw OptionError("For integral input tensors, argument alpha must not be a floating point number.");
        return ops::rsub(alpha.to_double() == 1 ? input : ops::mul(input, alpha), other.scalar);
      },
      "other − alpha·input", "input"_a, "other"_a, "alpha"_a = 1);
}

void bind_division(const OutOp& op) {
  const auto div = [](const Tensor& input, const Operand& other, std::optional<std::string> rounding_mode) {
    const std::string mode = rounding_mode.value_or("");
    return other.tensor ? ops::div(input, *other.tensor, mode) : ops::div(input, other.scalar, mode);
  };
  for (const char* name : {"div", "divide"})
    op(name, div, "input / other, rounded \"floor\" or \"trunc\" if wanted.", "input"_a, "other"_a, nb::kw_only(),
       "rounding_mode"_a = nb::none());
  op.method(
      "div_",
      [](const Tensor& self, const Operand& other, std::optional<std::string> rounding_mode) -> Tensor {
        const std::string mode = rounding_mode.value_or("");
        return other.tensor ? ops::div_(self, *other.tensor, mode) : ops::div_(self, other.scalar, mode);
      },
      "self /= other", "other"_a, nb::kw_only(), "rounding_mode"_a = nb::none());
  binary(op, ops::div, ops::div, "input / other", "true_divide");
  binary(op, ops::floor_divide, ops::floor_divide, "⌊input / other⌋", "floor_divide");
  binary(op, ops::remainder, ops::remainder, "input − other·⌊input / other⌋", "remainder");
  binary(op, ops::fmod, ops::fmod, "input − other·trunc(input / other)", "fmod");
  binary_inplace(op, ops::floor_divide_, ops::floor_divide_, "self //= other", "floor_divide_");
  binary_inplace(op, ops::remainder_, ops::remainder_, "self %= other", "remainder_");
  binary_inplace(op, ops::fmod_, ops::fmod_, "fmod in place", "fmod_");
}

void bind_products(const OutOp& op) {
  binary(op, ops::mul, ops::mul, "input · other", "mul", "multiply");
  binary_inplace(op, ops::mul_, ops::mul_, "self *= other", "mul_", "multiply_");
  op(
      "pow",
      [](const Operand& input, const Operand& exponent) {
        if (!input.tensor) {
          if (!exponent.tensor) throw DTypeError("pow: one of the operands must be a Tensor");
          return ops::pow(input.scalar, *exponent.tensor);
        }
        return exponent.tensor ? ops::pow(*input.tensor, *exponent.tensor) : ops::pow(*input.tensor, exponent.scalar);
      },
      "input to the power of exponent.", "input"_a, "exponent"_a);
  op.method(
      "pow_",
      [](const Tensor& self, const Operand& exponent) -> Tensor {
        return exponent.tensor ? ops::pow_(self, *exponent.tensor) : ops::pow_(self, exponent.scalar);
      },
      "self **= exponent", "exponent"_a);
  tensors_only(op, ops::atan2, "The angle of (other, input).", "atan2", "arctan2");
  tensors_only(op, ops::hypot, "√(input² + other²)", "hypot");
  tensors_only(op, ops::logaddexp, "log(exp(input) + exp(other))", "logaddexp");
  tensors_only(op, ops::xlogy, "input·log(other), 0 where input is 0.", "xlogy");
  tensors_only(op, ops::maximum, "The larger of two, NaN where one is.", "maximum");
  tensors_only(op, ops::minimum, "The smaller of two, NaN where one is.", "minimum");
  op("addcmul", &ops::addcmul, "input + value·tensor1·tensor2", "input"_a, "tensor1"_a, "tensor2"_a, nb::kw_only(),
     "value"_a = 1);
  op("addcdiv", &ops::addcdiv, "input + value·tensor1 / tensor2", "input"_a, "tensor1"_a, "tensor2"_a, nb::kw_only(),
     "value"_a = 1);
  op.method("addcmul_", &ops::addcmul_, "self += value·tensor1·tensor2", "tensor1"_a, "tensor2"_a, nb::kw_only(),
            "value"_a = 1);
  op.method("addcdiv_", &ops::addcdiv_, "self += value·tensor1 / tensor2", "tensor1"_a, "tensor2"_a, nb::kw_only(),
            "value"_a = 1);
  op(
      "lerp",
      [](const Tensor& input, const Tensor& end, const Operand& weight) {
        return weight.tensor ? ops::lerp(input, end, *weight.tensor) : ops::lerp(input, end, weight.scalar);
      },
      "input + weight·(end − input)", "input"_a, "end"_a, "weight"_a);
  op.method(
      "lerp_",
      [](const Tensor& self, const Tensor& end, const Operand& weight) -> Tensor {
        return weight.tensor ? ops::lerp_(self, end, *weight.tensor) : ops::lerp_(self, end, weight.scalar);
      },
      "self += weight·(end − self)", "end"_a, "weight"_a);
}

// In place with a number, where comparison.h has only tensors.
template <InPlaceOfTwo f>
const Tensor& with_number(const Tensor& self, Scalar other) {
  return f(self, ops::full({}, other, self.dtype()));
}

void bind_comparisons(const OutOp& op) {
  binary(op, ops::eq, ops::eq, "input = other → bool", "eq");
  binary(op, ops::ne, ops::ne, "input ≠ other → bool", "ne", "not_equal");
  binary(op, ops::lt, ops::lt, "input < other → bool", "lt", "less");
  binary(op, ops::le, ops::le, "input ≤ other → bool", "le", "less_equal");
  binary(op, ops::gt, ops::gt, "input > other → bool", "gt", "greater");
  binary(op, ops::ge, ops::ge, "input ≥ other → bool", "ge", "greater_equal");
  binary_inplace(op, ops::eq_, with_number<ops::eq_>, "eq in place", "eq_");
  binary_inplace(op, ops::ne_, with_number<ops::ne_>, "ne in place", "ne_");
  binary_inplace(op, ops::lt_, with_number<ops::lt_>, "lt in place", "lt_");
  binary_inplace(op, ops::le_, with_number<ops::le_>, "le in place", "le_");
  binary_inplace(op, ops::gt_, with_number<ops::gt_>, "gt in place", "gt_");
  binary_inplace(op, ops::ge_, with_number<ops::ge_>, "ge in place", "ge_");
}

void bind_logic(const OutOp& op) {
  tensors_only(op, ops::logical_and, "Whether both are not zero.", "logical_and");
  tensors_only(op, ops::logical_or, "Whether one is not zero.", "logical_or");
  tensors_only(op, ops::logical_xor, "Whether exactly one is not zero.", "logical_xor");
  op("logical_not", &ops::logical_not, "Whether it is zero.", "input"_a);
  op.method("logical_and_", &ops::logical_and_, "logical_and in place", "other"_a);
  op.method("logical_or_", &ops::logical_or_, "logical_or in place", "other"_a);
  op.method("logical_xor_", &ops::logical_xor_, "logical_xor in place", "other"_a);
  op.method("logical_not_", &ops::logical_not_, "logical_not in place");
  binary(op, ops::bitwise_and, ops::bitwise_and, "The bits that both have.", "bitwise_and");
  binary(op, ops::bitwise_or, ops::bitwise_or, "The bits that one has.", "bitwise_or");
  binary(op, ops::bitwise_xor, ops::bitwise_xor, "The bits that exactly one has.", "bitwise_xor");
  binary(op, ops::bitwise_left_shift, ops::bitwise_left_shift, "The bits of input moved up by other.",
         "bitwise_left_shift");
  binary(op, ops::bitwise_right_shift, ops::bitwise_right_shift, "The bits of input moved down by other.",
         "bitwise_right_shift");
  op("bitwise_not", &ops::bitwise_not, "All bits turned round.", "input"_a);
  binary_inplace(op, ops::bitwise_and_, with_number<ops::bitwise_and_>, "self &= other", "bitwise_and_");
  binary_inplace(op, ops::bitwise_or_, with_number<ops::bitwise_or_>, "self |= other", "bitwise_or_");
  binary_inplace(op, ops::bitwise_xor_, with_number<ops::bitwise_xor_>, "self ^= other", "bitwise_xor_");
  op.method("bitwise_not_", &ops::bitwise_not_, "bitwise_not in place");
}

}  // namespace

void bind_pointwise(nb::module_& m) {
  const OutOp op{m};
  bind_sums(op);
  bind_division(op);
  bind_products(op);
  bind_comparisons(op);
  bind_logic(op);
}

}  // namespace lamina::python

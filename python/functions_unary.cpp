// Elementwise functions of one tensor, and choosing by a mask or by bounds: lamina.exp, x.exp_, lamina.where, x.clamp, …
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"
#include "python/bind.h"
#include "python/out.h"

namespace lamina::python {

namespace {

struct Unary {
  const char* name;
  Tensor (*f)(const Tensor&);
  const Tensor& (*in_place)(const Tensor&);
  const char* doc;
};

// PyTorch's second names (arcsin, absolute, …) stand beside the first.
constexpr Unary kFunctions[] = {
    {"exp", ops::exp, ops::exp_, "eˣ"},
    {"exp2", ops::exp2, ops::exp2_, "2ˣ"},
    {"expm1", ops::expm1, ops::expm1_, "eˣ − 1, exact near 0."},
    {"log", ops::log, ops::log_, "The natural logarithm."},
    {"log2", ops::log2, ops::log2_, "The logarithm to base 2."},
    {"log10", ops::log10, ops::log10_, "The logarithm to base 10."},
    {"log1p", ops::log1p, ops::log1p_, "log(1 + x), exact near 0."},
    {"sqrt", ops::sqrt, ops::sqrt_, "√x"},
    {"rsqrt", ops::rsqrt, ops::rsqrt_, "1 / √x"},
    {"square", ops::square, ops::square_, "x²"},
    {"reciprocal", ops::reciprocal, ops::reciprocal_, "1 / x"},
    {"sin", ops::sin, ops::sin_, "The sine."},
    {"cos", ops::cos, ops::cos_, "The cosine."},
    {"tan", ops::tan, ops::tan_, "The tangent."},
    {"asin", ops::asin, ops::asin_, "The inverse sine."},
    {"arcsin", ops::asin, ops::asin_, "The inverse sine."},
    {"acos", ops::acos, ops::acos_, "The inverse cosine."},
    {"arccos", ops::acos, ops::acos_, "The inverse cosine."},
    {"atan", ops::atan, ops::atan_, "The inverse tangent."},
    {"arctan", ops::atan, ops::atan_, "The inverse tangent."},
    {"sinh", ops::sinh, ops::sinh_, "The hyperbolic sine."},
    {"cosh", ops::cosh, ops::cosh_, "The hyperbolic cosine."},
    {"tanh", ops::tanh, ops::tanh_, "The hyperbolic tangent."},
    {"asinh", ops::asinh, ops::asinh_, "The inverse hyperbolic sine."},
    {"arcsinh", ops::asinh, ops::asinh_, "The inverse hyperbolic sine."},
    {"acosh", ops::acosh, ops::acosh_, "The inverse hyperbolic cosine."},
    {"arccosh", ops::acosh, ops::acosh_, "The inverse hyperbolic cosine."},
    {"atanh", ops::atanh, ops::atanh_, "The inverse hyperbolic tangent."},
    {"arctanh", ops::atanh, ops::atanh_, "The inverse hyperbolic tangent."},
    {"sigmoid", ops::sigmoid, ops::sigmoid_, "1 / (1 + e⁻ˣ)"},
    {"erf", ops::erf, ops::erf_, "The error function."},
    {"erfc", ops::erfc, ops::erfc_, "1 − erf(x)"},
    {"abs", ops::abs, ops::abs_, "|x|"},
    {"absolute", ops::abs, ops::abs_, "|x|"},
    {"sign", ops::sign, ops::sign_, "−1, 0 or 1"},
    {"sgn", ops::sign, ops::sign_, "−1, 0 or 1"},
    {"neg", ops::neg, ops::neg_, "−x"},
    {"negative", ops::neg, ops::neg_, "−x"},
    {"floor", ops::floor, ops::floor_, "The largest integer that is not larger."},
    {"ceil", ops::ceil, ops::ceil_, "The smallest integer that is not smaller."},
    {"trunc", ops::trunc, ops::trunc_, "Without its fraction."},
    {"fix", ops::trunc, ops::trunc_, "Without its fraction."},
    {"frac", ops::frac, ops::frac_, "The fraction alone."},
    {"isnan", ops::isnan, nullptr, "Whether it is NaN."},
    {"isinf", ops::isinf, nullptr, "Whether it is infinite."},
    {"isfinite", ops::isfinite, nullptr, "Whether it is neither NaN nor infinite."},
};

// Halves go to the even neighbour; with decimals, of the number scaled by 10^decimals.
Tensor round_to(const Tensor& input, int64_t decimals) {
  if (decimals == 0) return ops::round(input);
  const Scalar scale = std::pow(10.0, double(std::abs(decimals)));
  if (decimals > 0) return ops::div(ops::round(ops::mul(input, scale)), scale);
  return ops::mul(ops::round(ops::div(input, scale)), scale);
}

std::optional<Scalar> number(const std::optional<Operand>& bound) {
  if (!bound) return {};
  return bound->scalar;
}
Tensor tensor(const std::optional<Operand>& bound, const Tensor& x) {
  if (!bound) return {};
  return bound->tensor ? *bound->tensor : ops::full({}, bound->scalar, x.dtype());
}
bool has_tensor(const std::optional<Operand>& min, const std::optional<Operand>& max) {
  return (min && min->tensor) || (max && max->tensor);
}

void bind_bounds(const OutOp& op) {
  const auto clamp = [](const Tensor& input, std::optional<Operand> min, std::optional<Operand> max) {
    if (has_tensor(min, max)) return ops::clamp(input, tensor(min, input), tensor(max, input));
    return ops::clamp(input, number(min), number(max));
  };
  const auto clamp_ = [](const Tensor& self, std::optional<Operand> min, std::optional<Operand> max) -> Tensor {
    if (has_tensor(min, max)) return ops::clamp_(self, tensor(min, self), tensor(max, self));
    return ops::clamp_(self, number(min), number(max));
  };
  for (const char* name : {"clamp", "clip"})
    op(name, clamp, "input cut to [min, max].", "input"_a, "min"_a = nb::none(), "max"_a = nb::none());
  for (const char* name : {"clamp_", "clip_"})
    op.method(name, clamp_, "Cuts to [min, max] in place.", "min"_a = nb::none(), "max"_a = nb::none());
  op(
      "clamp_min",
      [](const Tensor& input, const Operand& min) {
        return min.tensor ? ops::clamp(input, *min.tensor, {}) : ops::clamp_min(input, min.scalar);
      },
      "At least min.", "input"_a, "min"_a);
  op(
      "clamp_max",
      [](const Tensor& input, const Operand& max) {
        return max.tensor ? ops::clamp(input, {}, *max.tensor) : ops::clamp_max(input, max.scalar);
      },
      "At most max.", "input"_a, "max"_a);
  op.method(
      "clamp_min_",
      [](const Tensor& self, const Operand& min) -> Tensor {
        return min.tensor ? ops::clamp_(self, *min.tensor, {}) : ops::clamp_(self, min.scalar);
      },
      "At least min, in place.", "min"_a);
  op.method(
      "clamp_max_",
      [](const Tensor& self, const Operand& max) -> Tensor {
        return max.tensor ? ops::clamp_(self, {}, *max.tensor) : ops::clamp_(self, std::nullopt, max.scalar);
      },
      "At most max, in place.", "max"_a);
  op(
      "nan_to_num",
      [](const Tensor& input, std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf) {
        return ops::nan_to_num(input, nan.value_or(0), posinf, neginf);
      },
      "NaN and infinities replaced by numbers.", "input"_a, "nan"_a = nb::none(), "posinf"_a = nb::none(),
      "neginf"_a = nb::none());
  op(
      "nan_to_num_",
      [](const Tensor& input, std::optional<double> nan, std::optional<double> posinf,
         std::optional<double> neginf) -> Tensor {
        return ops::inplace(input, "nan_to_num_", [&](const Tensor& before) {
          return ops::nan_to_num(before, nan.value_or(0), posinf, neginf);
        });
      },
      "The same in place.", "input"_a, "nan"_a = nb::none(), "posinf"_a = nb::none(), "neginf"_a = nb::none());
}

void bind_masks(const OutOp& op) {
  op.function(
      "where",
      [](const Tensor& condition, const Operand& input, const Operand& other) {
        if (input.tensor)
          return other.tensor ? ops::where(condition, *input.tensor, *other.tensor)
                              : ops::where(condition, *input.tensor, other.scalar);
        return other.tensor ? ops::where(condition, input.scalar, *other.tensor)
                            : ops::where(condition, input.scalar, other.scalar);
      },
      "input where condition holds, other elsewhere.", "condition"_a, "input"_a, "other"_a);
  op.method(
      "where",
      [](const Tensor& self, const Tensor& condition, const Operand& other) {
        return other.tensor ? ops::where(condition, self, *other.tensor) : ops::where(condition, self, other.scalar);
      },
      "self where condition holds, other elsewhere.", "condition"_a, "other"_a);
  op(
      "masked_fill",
      [](const Tensor& input, const Tensor& mask, const Operand& value) {
        return value.tensor ? ops::masked_fill(input, mask, *value.tensor)
                            : ops::masked_fill(input, mask, value.scalar);
      },
      "input with value where mask holds.", "input"_a, "mask"_a, "value"_a);
  op.method(
      "masked_fill_",
      [](const Tensor& self, const Tensor& mask, const Operand& value) -> Tensor {
        return value.tensor ? ops::masked_fill_(self, mask, *value.tensor)
                            : ops::masked_fill_(self, mask, value.scalar);
      },
      "value where mask holds, in place.", "mask"_a, "value"_a);
}

void bind_fills(const OutOp& op) {
  const auto fill_ = [](const Tensor& input, const Operand& value) -> Tensor {
    return value.tensor ? ops::fill_(input, *value.tensor) : ops::fill_(input, value.scalar);
  };
  op("fill_", fill_, "value everywhere.", "input"_a, "value"_a);
  op.function(
      "fill", [fill_](const Tensor& input, const Operand& value) { return fill_(ops::clone(input), value); },
      "A copy with value everywhere.", "input"_a, "value"_a);
  op("zero_", &ops::zero_, "0 everywhere.", "input"_a);
  op.method(
      "copy_", [](const Tensor& self, const Tensor& src, bool) -> Tensor { return ops::copy_(self, src); },
      "The values of src, broadcast and converted.", "src"_a, "non_blocking"_a = false);
}

}  // namespace

void bind_unary(nb::module_& m) {
  const OutOp op{m};
  for (const Unary& u : kFunctions) {
    op(u.name, u.f, u.doc, "input"_a);
    if (u.in_place) op(kept(std::string(u.name) + "_"), u.in_place, "The same in place.", "input"_a);
  }
  op("round", round_to, "The nearest integer, halves to the even one.", "input"_a, nb::kw_only(), "decimals"_a = 0);
  op(
      "round_",
      [](const Tensor& input, int64_t decimals) -> Tensor {
        return ops::inplace(input, "round_", [&](const Tensor& before) { return round_to(before, decimals); });
      },
      "The same in place.", "input"_a, nb::kw_only(), "decimals"_a = 0);
  op("positive", [](const Tensor& input) { return input; }, "input itself.", "input"_a);
  bind_bounds(op);
  bind_masks(op);
  bind_fills(op);
}

}  // namespace lamina::python

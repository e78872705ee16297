// Names that PyTorch has beside another for the same operation, the in-place forms that follow from the others, and the few
// methods that exist for scripts that mean to run on complex or sparse tensors too.
#include <algorithm>
#include <numbers>

#include "lamina/core/error.h"
#include "lamina/graph/node.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/sort.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

struct Name { const char *second, *first; };
constexpr Name kMethods[] = {{"true_divide_", "div_"},  {"divide_", "div_"},
                             {"subtract_", "sub_"},     {"not_equal_", "ne_"},
                             {"less_", "lt_"},          {"less_equal_", "le_"},
                             {"greater_", "gt_"},       {"greater_equal_", "ge_"},
                             {"unsafe_split", "split"}, {"unsafe_split_with_sizes", "split_with_sizes"}};

using OfTwo = Tensor (*)(const Tensor&, const Tensor&);
template <OfTwo f>
void in_place(const Op& op, const char* name) {
  op.method(
      name,
      [name](const Tensor& self, const Operand& other) -> Tensor {
        const Tensor b = other.tensor ? *other.tensor : ops::full({}, other.scalar, self.dtype());
        return ops::inplace(self, name, [&](const Tensor& before) { return f(before, b); });
      },
      "The same in place.", "other"_a);
}

Tensor same(const Tensor& input) { return input; }

// π for negative numbers, 0 for others, NaN for NaN.
Tensor angle(const Tensor& input) {
  const Tensor x = input.is_floating_point() ? input : ops::to(input, default_dtype());
  return ops::mul(ops::add(ops::to(ops::lt(x, 0), x.dtype()), ops::mul(x, 0)), std::numbers::pi);
}

void bind_real_numbers(const Op& op) {
  for (const char* name : {"conj", "conj_physical", "resolve_conj", "resolve_neg", "real"})
    op(name, same, "input itself: it is real.", "input"_a);
  op(
      "isreal", [](const Tensor& input) { return ops::full(input.shape(), true, kBool); }, "True everywhere.",
      "input"_a);
  op("angle", angle, "π for negative numbers, 0 for others.", "input"_a);
  op("is_conj", [](const Tensor&) { return false; }, "Always False.", "input"_a);
  op("is_neg", [](const Tensor&) { return false; }, "Always False.", "input"_a);
}

bool is_nonzero(const Tensor& input) {
  if (input.numel() != 1)
    throw Error(input.numel() ? "Boolean value of Tensor with more than one value is ambiguous"
                              : "Boolean value of Tensor with no values is ambiguous");
  return ops::item(input).to_double() != 0;
}

void bind_questions(const Op& op) {
  op("is_nonzero", is_nonzero, "Whether the only element is not zero.", "input"_a);
  op(
      "is_same_size", [](const Tensor& input, const Tensor& other) { return input.shape() == other.shape(); },
      "Whether both have the same shape.", "input"_a, "other"_a);
  op.function(
      "is_signed", [](const Tensor& input) { return input.dtype() != kUInt8 && input.dtype() != kBool; },
      "Whether the dtype has negative numbers.", "input"_a);
  op("msort", [](const Tensor& input) { return ops::sort(input, 0).values; }, "Sorted along dimension 0.", "input"_a);
  op.function(
      "scalar_tensor",
      [](Scalar s, std::optional<DType> dtype, DeviceArgument device, nb::object layout, bool requires_grad) {
        device.check();
        Tensor t = ops::full({}, s, dtype.value_or(default_dtype()));
        return t.requires_grad_(requires_grad);
      },
      "A number as a tensor without dimensions.", "s"_a, nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "layout"_a = nb::none(), "requires_grad"_a = false);
}

// Another size of the same memory, which grows where it must; what is new is unset.
Tensor resize_(const Tensor& self, const Shape& shape) {
  if (self.requires_grad()) throw Error("cannot resize variables that require grad");
  const int64_t count = checked_numel(shape, element_size(self.dtype()));
  if (shape == self.shape()) return self;
  const int64_t end = (self.bytes() - self->storage->data) + count * element_size(self.dtype());
  if (end <= self->storage->bytes) {
    self.assign_values(alias(self, shape, contiguous_strides(shape)));
    return self;
  }
  const Tensor larger = empty(shape, self.dtype()), values = ops::contiguous(self.detach());
  std::copy_n(values.bytes(), std::min(self.numel(), count) * element_size(self.dtype()), larger.bytes());
  self.assign_values(larger);
  return self;
}

Tensor apply_(const Tensor& self, nb::object callable) {
  check_inplace(self, "apply_");
  const Tensor y = ops::clone(self.detach());
  for (int64_t i = 0; i < y.numel(); ++i) {
    std::byte* at = y.bytes() + i * element_size(y.dtype());
    const nb::object result = callable(checked(new_number(read_element(at, y.dtype()))));
    write_element(at, y.dtype(), scalar_of(result.ptr(), "apply_"));
  }
  return ops::copy_(self, y);
}

void bind_memory(const Op& op) {
  op.method_with_sizes("resize_", resize_, "Another size of the same memory, which grows where it must.", "size");
  op(
      "resize_as_",
      [](const Tensor& input, const Tensor& the_template) { return resize_(input, the_template.shape()); },
      "resize_(the_template.shape)", "input"_a, "the_template"_a);
  op.method(
      "set_",
      [](const Tensor& self, const Tensor& source) -> Tensor {
        self.assign_values(source.defined() ? source : empty({0}, self.dtype()));
        return self;
      },
      "The memory, shape and strides of source.", "source"_a.none() = nb::none());
  op.method("apply_", apply_, "callable of every element, in place; slow.", "callable"_a);
}

}  // namespace

void bind_names(nb::module_& m) {
  const Op op{m};
  const nb::handle tensor(reinterpret_cast<PyObject*>(TensorType));
  for (const auto& [second, first] : kMethods) tensor.attr(second) = tensor.attr(first);
  in_place<ops::atan2>(op, "atan2_");
  in_place<ops::atan2>(op, "arctan2_");
  in_place<ops::hypot>(op, "hypot_");
  in_place<ops::xlogy>(op, "xlogy_");
  in_place<ops::bitwise_left_shift>(op, "bitwise_left_shift_");
  in_place<ops::bitwise_left_shift>(op, "__ilshift__");
  in_place<ops::bitwise_right_shift>(op, "bitwise_right_shift_");
  in_place<ops::bitwise_right_shift>(op, "__irshift__");
  bind_real_numbers(op);
  bind_questions(op);
  bind_memory(op);
}

}  // namespace lamina::python

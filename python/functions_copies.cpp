// Functions of views that copy (lamina.view_copy, …), tensors of given strides, and the in-place methods that PyTorch has as
// functions too.
#include <algorithm>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/special.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/creation.h"
#include "python/out.h"

namespace lamina::python {

namespace {

// A copy of each tensor in the result of a view.
nb::object copied(nb::handle result) {
  if (is_tensor(result.ptr())) return nb::cast(ops::clone(tensor_of(result.ptr())));
  nb::list copies;
  for (const nb::handle item : result) copies.append(copied(item));
  return nb::tuple(copies);
}

// view_copy(x, …) = x.view(…) in memory of its own.
void bind_view_copies(const Op& op) {
  const nb::handle tensor(reinterpret_cast<PyObject*>(TensorType));
  for (const char* name :
       {"as_strided", "detach", "diagonal", "expand", "permute", "select", "split", "split_with_sizes", "squeeze", "t",
        "transpose", "unbind", "unfold", "unsqueeze", "view", "narrow"}) {
    const nb::object method = tensor.attr(name);
    const char* copy = kept(std::string(name) + "_copy");
    op.m.def(
        copy,
        [method](const nb::args& arguments, const nb::kwargs& options) {
          nb::object out = nb::none();
          nb::kwargs rest;
          for (const auto& [key, value] : options) {
            if (std::string(nb::str(key).c_str()) == "out") out = nb::borrow(value);
            else if (std::string(nb::str(key).c_str()) != "input") rest[key] = value;
          }
          const nb::object result =
              options.contains("input") ? method(options["input"], *arguments, **rest) : method(*arguments, **rest);
          if (out.is_none()) return copied(result);
          return nb::cast(write_out(tensor_of(result.ptr()), nb::cast<Tensor>(out)));
        },
        "The view as a copy.");
  }
  op.method(
      "narrow_copy",
      [](const Tensor& self, int64_t dim, int64_t start, int64_t length) {
        return ops::clone(ops::narrow(self, dim, start, length));
      },
      "narrow as a copy.", "dim"_a, "start"_a, "length"_a);
  op.function("alias_copy", [](const Tensor& input) { return ops::clone(input); }, "A copy of input.", "input"_a);
  op.function(
      "slice_copy",
      [](const Tensor& input, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) {
        return ops::clone(ops::slice(input, dim, start, end, step));
      },
      "A slice as a copy.", "input"_a, "dim"_a = 0, "start"_a = nb::none(), "end"_a = nb::none(), "step"_a = 1);
}

// Unset values whose elements lie `stride` apart.
Tensor strided_empty(const Shape& size, const Strides& stride, DType dtype) {
  if (size.rank() != stride.rank())
    throw ShapeError(str("empty_strided: dimensionality of sizes (", size.rank(),
                         ") must match dimensionality of strides (", stride.rank(), ")"));
  checked_numel(size);
  int64_t last = 0;
  for (int d = 0; d < size.rank(); ++d) {
    if (stride[d] < 0) throw OptionError(str("empty_strided: strides must not be negative, got ", stride));
    int64_t span = 0;
    if (__builtin_mul_overflow(std::max<int64_t>(size[d] - 1, 0), stride[d], &span) ||
        __builtin_add_overflow(last, span, &last))
      throw ShapeError(str("empty_strided: strides ", stride, " are too large"));
  }
  const Tensor memory = empty({size.numel() == 0 ? 0 : checked_numel({last + 1}, element_size(dtype))}, dtype);
  return alias(memory, size, stride);
}

void bind_strided(const Op& op) {
  op.function(
      "empty_strided",
      [](const Shape& size, const Strides& stride, std::optional<DType> dtype, nb::object layout, DeviceArgument device,
         bool requires_grad, bool pin_memory) {
        device.check();
        return finish(strided_empty(size, stride, dtype.value_or(default_dtype())), nb::none(), requires_grad);
      },
      "Unset values whose elements lie stride apart.", "size"_a, "stride"_a, nb::kw_only(), "dtype"_a = nb::none(),
      "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false, "pin_memory"_a = false);
  op.method(
      "new_empty_strided",
      [](const Tensor& self, const Shape& size, const Strides& stride, std::optional<DType> dtype, nb::object layout,
         DeviceArgument device, bool requires_grad, bool pin_memory) {
        device.check();
        return finish(strided_empty(size, stride, dtype.value_or(self.dtype())), nb::none(), requires_grad);
      },
      "Unset values of this tensor's type whose elements lie stride apart.", "size"_a, "stride"_a,
      "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false,
      "pin_memory"_a = false);
  op.function(
      "empty_permuted",
      [](const Shape& size, const Shape& physical_layout, std::optional<DType> dtype, nb::object layout,
         DeviceArgument device, bool requires_grad, bool pin_memory) {
        device.check();
        const Shape order = ops::wrap_dims(physical_layout, size.rank());
        if (order.rank() != size.rank())
          throw ShapeError(str("Number of dimensions in size does not match the length of the physical_layout; got ",
                               size, " and ", physical_layout));
        Shape sizes = size, strides = size;
        for (int d = 0; d < size.rank(); ++d) sizes[d] = size[order[d]];
        const Strides dense = contiguous_strides(sizes);
        for (int d = 0; d < size.rank(); ++d) strides[order[d]] = dense[d];
        return finish(alias(empty(sizes, dtype.value_or(default_dtype())), size, strides), nb::none(), requires_grad);
      },
      "Unset values whose dimensions stand in memory in this order.", "size"_a, "physical_layout"_a, nb::kw_only(),
      "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false,
      "pin_memory"_a = false);
}

// lamina.clamp_(x, …) is x.clamp_(…).
void bind_in_place_functions(const Op& op) {
  const nb::handle tensor(reinterpret_cast<PyObject*>(TensorType));
  for (const char* name :
       {"addmv_", "as_strided_", "clamp_", "clamp_max_", "clamp_min_", "clip_", "conj_physical_", "detach_", "gcd_",
        "index_put_", "lcm_", "ldexp_", "logit_", "xlogy_", "unsafe_split", "unsafe_split_with_sizes"})
    if (nb::hasattr(tensor, name) && !nb::hasattr(op.m, name)) op.m.attr(name) = tensor.attr(name);
}

void bind_more_in_place(const Op& op) {
  op.method(
      "float_power_",
      [](const Tensor& self, const Operand& exponent) -> Tensor {
        const Tensor b = exponent.tensor ? *exponent.tensor : ops::full({}, exponent.scalar, kFloat64);
        if (self.dtype() != kFloat64)
          throw DTypeError(str("the base given to float_power_ has dtype ", scalar_type_name(self.dtype()),
                               " but the operation's result requires dtype Double"));
        return ops::inplace(self, "float_power_", [&](const Tensor& before) { return ops::float_power(before, b); });
      },
      "The same in place.", "exponent"_a);
  op.method("conj_physical_", [](const Tensor& self) { return self; }, "self: it is real.");
}

}  // namespace

void bind_copies(nb::module_& m) {
  const Op op{m};
  bind_view_copies(op);
  bind_strided(op);
  bind_more_in_place(op);
  bind_in_place_functions(op);
}

}  // namespace lamina::python

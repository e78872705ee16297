// lamina.tensor, as_tensor, from_numpy; zeros, ones, empty, full, and their _like forms.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/creation.h"
#include "python/data.h"
#include "python/numpy.h"

namespace lamina::python {

namespace {

using MaybeType = std::optional<DType>;
using Maker = Tensor (*)(const Shape&, DType);

// zeros(2, 3), zeros((2, 3)), zeros(size=(2, 3)): what these functions share.
void sized(const Op& op, const char* name, const char* doc, Maker make) {
  op.function(
      name,
      [name, make](nb::args size, nb::object sizes, nb::object out, MaybeType dtype, nb::object layout,
                   DeviceArgument device, bool requires_grad, bool pin_memory) {
        device.check();
        const Shape shape = size_argument(name, size, sizes);
        return finish(make(shape, dtype.value_or(default_dtype())), out, requires_grad);
      },
      doc, "sizes"_a, "size"_a = nb::none(), "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false, "pin_memory"_a = false);
}

void like(const Op& op, const char* name, const char* doc, Maker make) {
  op.function(
      name,
      [make](const Tensor& input, MaybeType dtype, nb::object layout, DeviceArgument device, bool requires_grad,
             nb::object memory_format) {
        device.check();
        return finish(make(input.shape(), dtype.value_or(input.dtype())), nb::none(), requires_grad);
      },
      doc, "input"_a, nb::kw_only(), "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false, "memory_format"_a = nb::none());
}

// x.new_zeros(2, 3): of x's type unless another is given.
void of_same_type(const Op& op, const char* name, const char* doc, Maker make) {
  op.method(
      name,
      [name, make](const Tensor& self, nb::args size, nb::object sizes, MaybeType dtype, DeviceArgument device,
                   bool requires_grad) {
        device.check();
        return finish(make(size_argument(name, size, sizes), dtype.value_or(self.dtype())), nb::none(), requires_grad);
      },
      doc, "sizes"_a, "size"_a = nb::none(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
}

DType type_of(Scalar value) {
  switch (value.kind()) {
    case Scalar::Kind::Bool: return kBool;
    case Scalar::Kind::Int: return kInt64;
    default: return default_dtype();
  }
}

Tensor tensor(nb::handle data, MaybeType dtype, DeviceArgument device, bool requires_grad, bool pin_memory) {
  device.check();
  return finish(tensor_from(data.ptr(), dtype), nb::none(), requires_grad);
}

void bind_data(const Op& op) {
  op.function("tensor", tensor, "A tensor with a copy of data: numbers, nested lists, NumPy arrays.", "data"_a.none(),
              nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false,
              "pin_memory"_a = false);
  op.function(
      "as_tensor",
      [](nb::handle data, MaybeType dtype, DeviceArgument device) {
        device.check();
        return as_tensor(data.ptr(), dtype);
      },
      "data as a tensor, without a copy where that is possible.", "data"_a.none(), "dtype"_a = nb::none(),
      "device"_a = nb::none());
  op.function(
      "asarray",
      [](nb::handle obj, MaybeType dtype, DeviceArgument device, std::optional<bool> copy, bool requires_grad) {
        device.check();
        return finish(copy.value_or(false) ? tensor_from(obj.ptr(), dtype) : as_tensor(obj.ptr(), dtype), nb::none(),
                      requires_grad);
      },
      "obj as a tensor.", "obj"_a.none(), nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "copy"_a = nb::none(), "requires_grad"_a = false);
  op.function(
      "from_numpy",
      [](nb::handle ndarray) {
        if (is_array(ndarray.ptr())) return from_array(ndarray.ptr());
        PyErr_Format(PyExc_TypeError, "expected np.ndarray (got %.200s)", Py_TYPE(ndarray.ptr())->tp_name);
        throw nb::python_error();
      },
      "A tensor over the memory of a NumPy array, which it keeps alive.", "ndarray"_a.none());
  op.method(
      "new_tensor",
      [](const Tensor& self, nb::handle data, MaybeType dtype, DeviceArgument device, bool requires_grad) {
        return tensor(data, dtype.value_or(self.dtype()), device, requires_grad, false);
      },
      "A tensor with a copy of data, of this tensor's type.", "data"_a.none(), nb::kw_only(), "dtype"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false);
}

void bind_full(const Op& op) {
  op.function(
      "full",
      [](const Shape& size, Scalar fill_value, nb::object out, MaybeType dtype, nb::object layout,
         DeviceArgument device, bool requires_grad) {
        device.check();
        return finish(ops::full(size, fill_value, dtype.value_or(type_of(fill_value))), out, requires_grad);
      },
      "A tensor filled with a number; of the number's type unless dtype says otherwise.", "size"_a, "fill_value"_a,
      nb::kw_only(), "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
  op.function(
      "full_like",
      [](const Tensor& input, Scalar fill_value, MaybeType dtype, nb::object layout, DeviceArgument device,
         bool requires_grad, nb::object memory_format) {
        device.check();
        return finish(ops::full(input.shape(), fill_value, dtype.value_or(input.dtype())), nb::none(), requires_grad);
      },
      "A tensor of input's shape and type filled with a number.", "input"_a, "fill_value"_a, nb::kw_only(),
      "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false,
      "memory_format"_a = nb::none());
  op.method(
      "new_full",
      [](const Tensor& self, const Shape& size, Scalar fill_value, MaybeType dtype, DeviceArgument device,
         bool requires_grad) {
        device.check();
        return finish(ops::full(size, fill_value, dtype.value_or(self.dtype())), nb::none(), requires_grad);
      },
      "A tensor of this tensor's type filled with a number.", "size"_a, "fill_value"_a, nb::kw_only(),
      "dtype"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false);
}

}  // namespace

Shape size_argument(const char* name, const nb::args& size, const nb::object& sizes) {
  const std::string what = str(name, "(): size");
  if (!sizes.is_none()) {
    if (PyTuple_GET_SIZE(size.ptr()) > 0) throw nb::type_error(str(name, "() got its size twice").c_str());
    return shape_of(sizes.ptr(), what.c_str());
  }
  return shape_of_arguments(&PyTuple_GET_ITEM(size.ptr(), 0), PyTuple_GET_SIZE(size.ptr()), what.c_str());
}

void bind_creation(nb::module_& m) {
  const Op op{m};
  const Maker zeros = [](const Shape& shape, DType dtype) { return ops::zeros(shape, dtype); };
  const Maker ones = [](const Shape& shape, DType dtype) { return ops::ones(shape, dtype); };
  const Maker unset = [](const Shape& shape, DType dtype) { return lamina::empty(shape, dtype); };
  sized(op, "zeros", "A tensor of zeros.", zeros);
  sized(op, "ones", "A tensor of ones.", ones);
  sized(op, "empty", "A tensor whose values are unset.", unset);
  like(op, "zeros_like", "Zeros of input's shape and type.", zeros);
  like(op, "ones_like", "Ones of input's shape and type.", ones);
  like(op, "empty_like", "Unset values of input's shape and type.", unset);
  of_same_type(op, "new_zeros", "Zeros of this tensor's type.", zeros);
  of_same_type(op, "new_ones", "Ones of this tensor's type.", ones);
  of_same_type(op, "new_empty", "Unset values of this tensor's type.", unset);
  bind_full(op);
  bind_data(op);
}

}  // namespace lamina::python

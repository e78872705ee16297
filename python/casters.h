// nanobind casters for the types that operations take and give. With them a C++ function binds as it is:
//   op("sum", &ops::sum, "input"_a, "dim"_a = nb::none(), "keepdim"_a = false);
// `const Tensor&` points into the Python object, so that a call touches no count. A parameter that may be None says .none()
// and is an undefined tensor then.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "lamina/core/generator.h"
#include "lamina/core/scalar.h"
#include "lamina/core/tensor.h"
#include "python/device.h"
#include "python/dtype.h"
#include "python/generator.h"
#include "python/number.h"
#include "python/size.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace nb = nanobind;
using namespace nb::literals;

/// An operand that is a tensor or a number, as the second of x + y.
struct Operand {
  const Tensor* tensor = nullptr;
  Scalar scalar = 0;
};

/// device=None or "cpu": the only one there is. Nothing to keep: another is refused by check() with a clear message.
struct DeviceArgument {
  PyObject* given = nullptr;
  void check() const {
    if (given) check_device(given);
  }
};

}  // namespace lamina::python

namespace nanobind::detail {

template <>
struct type_caster<lamina::Tensor> {
  static constexpr auto Name = const_name("lamina.Tensor");
  template <typename T>
  using Cast = const lamina::Tensor&;
  const lamina::Tensor* tensor = nullptr;
  lamina::Tensor undefined;

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    if (source.is_none()) tensor = &undefined;
    else if (lamina::python::is_tensor(source.ptr())) tensor = &lamina::python::tensor_of(source.ptr());
    else return false;
    return true;
  }
  template <typename T>
  static constexpr bool can_cast() {
    return true;
  }
  static handle from_cpp(lamina::Tensor t, rv_policy, cleanup_list*) noexcept {
    return lamina::python::wrap(std::move(t));
  }
  explicit operator const lamina::Tensor&() { return *tensor; }
};

template <>
struct type_caster<lamina::Tensors> {
  NB_TYPE_CASTER(lamina::Tensors, const_name("collections.abc.Sequence[lamina.Tensor]"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    PyObject* o = source.ptr();
    value.clear();
    if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
    value.reserve(size_t(n));
    for (Py_ssize_t i = 0; i < n; ++i) {
      PyObject* item = PySequence_Fast_GET_ITEM(o, i);
      if (item == Py_None) value.emplace_back();
      else if (lamina::python::is_tensor(item)) value.push_back(lamina::python::tensor_of(item));
      else return false;
    }
    return true;
  }
  static handle from_cpp(const lamina::Tensors& tensors, rv_policy, cleanup_list*) noexcept {
    PyObject* tuple = PyTuple_New(Py_ssize_t(tensors.size()));
    for (size_t i = 0; tuple && i < tensors.size(); ++i) {
      PyObject* item = lamina::python::wrap(tensors[i]);
      if (item) PyTuple_SET_ITEM(tuple, Py_ssize_t(i), item);
      else Py_CLEAR(tuple);
    }
    return tuple;
  }
};

template <>
struct type_caster<lamina::Shape> {
  NB_TYPE_CASTER(lamina::Shape, const_name("int | collections.abc.Sequence[int]"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    return lamina::python::shape_from(source.ptr(), value) == lamina::python::Sizes::Good;
  }
  static handle from_cpp(const lamina::Shape& shape, rv_policy, cleanup_list*) noexcept {
    return lamina::python::new_size(shape);
  }
};

template <>
struct type_caster<lamina::Scalar> {
  static constexpr auto Name = const_name("bool | int | float");
  template <typename T>
  using Cast = lamina::Scalar;
  lamina::Scalar value = 0;

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    return lamina::python::scalar_from(source.ptr(), value);
  }
  template <typename T>
  static constexpr bool can_cast() {
    return true;
  }
  static handle from_cpp(lamina::Scalar scalar, rv_policy, cleanup_list*) noexcept {
    return lamina::python::new_number(scalar);
  }
  explicit operator lamina::Scalar() { return value; }
};

template <>
struct type_caster<lamina::python::Operand> {
  static constexpr auto Name = const_name("lamina.Tensor | bool | int | float");
  template <typename T>
  using Cast = lamina::python::Operand;
  lamina::python::Operand value;

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    if (lamina::python::is_tensor(source.ptr())) value.tensor = &lamina::python::tensor_of(source.ptr());
    else return lamina::python::scalar_from(source.ptr(), value.scalar);
    return true;
  }
  template <typename T>
  static constexpr bool can_cast() {
    return true;
  }
  explicit operator lamina::python::Operand() { return value; }
};

template <>
struct type_caster<lamina::DType> {
  NB_TYPE_CASTER(lamina::DType, const_name("lamina.dtype"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    return lamina::python::dtype_from(source.ptr(), value);
  }
  static handle from_cpp(lamina::DType dtype, rv_policy, cleanup_list*) noexcept {
    return Py_NewRef(lamina::python::dtype_object(dtype));
  }
};

template <>
struct type_caster<lamina::python::DeviceArgument> {
  NB_TYPE_CASTER(lamina::python::DeviceArgument, const_name("lamina.device | str | None"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    value.given = source.ptr();
    return true;
  }
};

template <>
struct type_caster<lamina::GeneratorRef> {
  NB_TYPE_CASTER(lamina::GeneratorRef, const_name("lamina.Generator"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    return lamina::python::generator_from(source.ptr(), value);
  }
  static handle from_cpp(const lamina::GeneratorRef& generator, rv_policy, cleanup_list*) noexcept {
    return lamina::python::wrap(generator);
  }
};

}  // namespace nanobind::detail

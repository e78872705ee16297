#include "python/number.h"

#include "python/errors.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

enum class Found { Number, Other, Overflow };

Found integer(PyObject* o, Scalar& scalar) noexcept {
  int overflow = 0;
  const int64_t v = PyLong_AsLongLongAndOverflow(o, &overflow);
  if (overflow) return Found::Overflow;
  scalar = v;
  return Found::Number;
}

// NumPy's scalars and other classes that convert themselves. What has a length is a sequence, even of one item.
Found converted(PyObject* o, Scalar& scalar) noexcept {
  const PyTypeObject* type = Py_TYPE(o);
  if ((type->tp_as_mapping && type->tp_as_mapping->mp_length) || !type->tp_as_number) return Found::Other;
  if (std::string_view(type->tp_name) == "numpy.bool_" || std::string_view(type->tp_name) == "numpy.bool") {
    scalar = PyObject_IsTrue(o) == 1;
    return Found::Number;
  }
  Found found = Found::Other;
  if (type->tp_as_number->nb_index) {
    if (PyObject* index = PyNumber_Index(o)) {
      found = integer(index, scalar);
      Py_DECREF(index);
    }
  } else if (type->tp_as_number->nb_float) {
    if (PyObject* number = PyNumber_Float(o)) {
      scalar = PyFloat_AS_DOUBLE(number);
      Py_DECREF(number);
      found = Found::Number;
    }
  }
  PyErr_Clear();
  return found;
}

Found find(PyObject* o, Scalar& scalar) noexcept {
  if (PyFloat_Check(o)) {
    scalar = PyFloat_AS_DOUBLE(o);
    return Found::Number;
  }
  if (PyBool_Check(o)) {
    scalar = o == Py_True;
    return Found::Number;
  }
  if (PyLong_Check(o)) return integer(o, scalar);
  if (is_tensor(o)) {
    const Tensor& t = tensor_of(o);
    if (t.rank() != 0) return Found::Other;
    scalar = read_element(t.bytes(), t.dtype());
    return Found::Number;
  }
  return converted(o, scalar);
}

}  // namespace

bool scalar_from(PyObject* o, Scalar& scalar) noexcept { return find(o, scalar) == Found::Number; }

Scalar scalar_of(PyObject* o, const char* what) {
  Scalar scalar = 0;
  switch (find(o, scalar)) {
    case Found::Number: return scalar;
    case Found::Overflow:
      PyErr_Format(PyExc_OverflowError, "%s: %R does not fit into 64 bits", what, o);
      throw nb::python_error();
    default:
      PyErr_Format(PyExc_TypeError, "%s must be a number, got %.200s", what, Py_TYPE(o)->tp_name);
      throw nb::python_error();
  }
}

PyObject* new_number(Scalar scalar) {
  switch (scalar.kind()) {
    case Scalar::Kind::Bool: return PyBool_FromLong(scalar.to<int64_t>());
    case Scalar::Kind::Int: return PyLong_FromLongLong(scalar.to<int64_t>());
    default: return PyFloat_FromDouble(scalar.to_double());
  }
}

Scalar read_element(const std::byte* at, DType dtype) {
  return dispatch_all(dtype, [&]<class T>() { return Scalar(compute_t<T>(*reinterpret_cast<const T*>(at))); });
}

void write_element(std::byte* at, DType dtype, Scalar value) {
  dispatch_all(dtype, [&]<class T>() { *reinterpret_cast<T*>(at) = T(value.to<compute_t<T>>()); });
}

}  // namespace lamina::python

// Lamina's exceptions as Python classes, and the way from a C++ exception to a Python one.
//   PyObject* slot(PyObject* self) { return guarded([&] { return wrap(ops::neg(tensor_of(self))); }); }
#pragma once
#include <nanobind/nanobind.h>

namespace lamina::python {
namespace nb = nanobind;

extern PyObject *ErrorType, *ShapeErrorType, *DTypeErrorType, *OptionErrorType, *IndexErrorType, *KeyErrorType,
    *LoadErrorType, *NotImplementedErrorType, *LinAlgErrorType;

/// Inside a catch block: sets the Python error that the exception stands for. Returns -1, which some slots return then.
int translate() noexcept;

/// f() for a slot that Python calls: an exception becomes a Python error and a null result.
template <class F>
PyObject* guarded(F&& f) noexcept {
  try {
    return f();
  } catch (...) {
    translate();
    return nullptr;
  }
}

/// The same for a slot that returns 0, or -1 for an error.
template <class F>
int guarded_int(F&& f) noexcept {
  try {
    f();
    return 0;
  } catch (...) {
    return translate();
  }
}

/// A new reference, or the Python error that is set as an exception.
inline nb::object checked(PyObject* reference) {
  if (!reference) throw nb::python_error();
  return nb::steal(reference);
}

}  // namespace lamina::python

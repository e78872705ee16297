// Tensor(…) and Parameter(…).
#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "python/data.h"
#include "python/errors.h"
#include "python/size.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

// A tensor that has a Python object already needs another one: an object is for life.
PyObject* wrap_new(PyTypeObject* type, const Tensor& t, bool requires_grad) {
  Tensor y = t.detach();
  if (requires_grad) y.requires_grad_(true);
  return wrap_as(type, std::move(y));
}

}  // namespace

// The old constructor: Tensor(2, 3) has unset floats of that shape, Tensor([1, 2]) the numbers as floats.
PyObject* new_tensor(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  PyObject* data = n > 0 ? PyTuple_GET_ITEM(args, 0) : keywords ? PyDict_GetItemString(keywords, "data") : nullptr;
  return guarded([&]() -> PyObject* {
    if (!data) return wrap_as(type, empty({0}, default_dtype()));
    if (is_tensor(data)) return wrap_new(type, tensor_of(data), false);
    if (PyFloat_Check(data)) {
      PyErr_SetString(PyExc_TypeError, "new(): data must be a sequence (got float): use torch.tensor for a number");
      return nullptr;
    }
    const bool sizes = PyLong_Check(data);
    Tensor t = sizes ? empty(shape_of_arguments(&PyTuple_GET_ITEM(args, 0), n, "Tensor(): size"), default_dtype())
                     : tensor_from(data, default_dtype());
    return wrap_as(type, std::move(t));
  });
}

PyObject* new_parameter(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* data = Py_None;
  int requires_grad = 1;
  static const char* names[] = {"data", "requires_grad", nullptr};
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|Op:Parameter", const_cast<char**>(names), &data, &requires_grad))
    return nullptr;
  return guarded([&]() -> PyObject* {
    if (data == Py_None) return wrap_new(type, empty({0}, default_dtype()), requires_grad);
    if (is_tensor(data)) return wrap_new(type, tensor_of(data), requires_grad);
    PyErr_Format(PyExc_TypeError, "Parameter expects a Tensor, got %.200s: make one with torch.tensor",
                 Py_TYPE(data)->tp_name);
    return nullptr;
  });
}

}  // namespace lamina::python

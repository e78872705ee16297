// Tensor(…) and Parameter(…).
#include "lamina/ops/creation.h"
#include "python/errors.h"
#include "python/tensor_parts.h"

namespace lamina::python {

PyObject* new_tensor(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* data = nullptr;
  if (!PyArg_ParseTuple(args, "|O", &data)) return nullptr;
  return guarded([&] { return wrap_as(type, data && is_tensor(data) ? tensor_of(data).detach() : empty({0}, default_dtype())); });
}

PyObject* new_parameter(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* data = Py_None;
  int requires_grad = 1;
  static const char* names[] = {"data", "requires_grad", nullptr};
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|Op:Parameter", const_cast<char**>(names), &data, &requires_grad)) return nullptr;
  return guarded([&] {
    if (data != Py_None && !is_tensor(data)) {
      PyErr_Format(PyExc_TypeError, "Parameter expects a Tensor, got %.200s: wrap the data in torch.tensor(…)", Py_TYPE(data)->tp_name);
      throw nb::python_error();
    }
    Tensor t = data == Py_None ? empty({0}, default_dtype()) : tensor_of(data).detach();
    if (requires_grad) t.requires_grad_(true);
    return wrap_as(type, std::move(t));
  });
}

}  // namespace lamina::python

// The Python types Tensor and Parameter: hand-written heap types whose object holds one handle.
// A tensor has at most one Python object, for life: its object holds one of the tensor's counts, and is itself held by C++
// exactly while that count is above one. So identity, attributes and subclasses survive while only C++ keeps the tensor.
#pragma once
#include <Python.h>

#include "lamina/core/tensor.h"

namespace lamina::python {

struct PyTensor {
  PyObject_HEAD Tensor tensor;
  PyObject* dict;  // attributes that scripts set; null until the first
  PyObject* weak_references;
};

extern PyTypeObject *TensorType, *ParameterType;

inline bool is_tensor(PyObject* o) { return Py_TYPE(o) == TensorType || PyObject_TypeCheck(o, TensorType); }
inline bool is_parameter(PyObject* o) { return PyObject_TypeCheck(o, ParameterType); }

/// The handle inside a Python tensor; no count is touched. The caller has checked is_tensor().
inline const Tensor& tensor_of(PyObject* o) { return reinterpret_cast<PyTensor*>(o)->tensor; }

/// The Python object of `t`, a new reference; None for an undefined tensor; null with a Python error set.
PyObject* wrap(Tensor t);

/// A new object of `type` (a subclass of Tensor) for a tensor that has none yet.
PyObject* wrap_as(PyTypeObject* type, Tensor t);

}  // namespace lamina::python

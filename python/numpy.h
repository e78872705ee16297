// NumPy arrays without NumPy's headers: its arrays export Python's buffer protocol, and so do tensors.
#pragma once
#include <Python.h>

#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::python {

/// Whether `o` is a numpy.ndarray; NumPy is not imported.
bool is_array(PyObject* o);
/// The element type of a NumPy scalar (numpy.float32(1)); empty for anything else.
std::optional<DType> array_scalar_dtype(PyObject* o);

/// A tensor over the array's own memory, which keeps the array alive. Read-only arrays give tensors that in-place operations
/// refuse. ValueError for negative strides or foreign byte order, DTypeError for an element type that Lamina lacks.
Tensor from_array(PyObject* array);

/// A numpy.ndarray over the tensor's own memory; a new reference, or an exception.
PyObject* to_array(const Tensor& tensor, PyObject* object);

/// The slot of Python's buffer protocol for tensors.
int get_buffer(PyObject* self, Py_buffer* view, int flags);
void release_buffer(PyObject* self, Py_buffer* view);

}  // namespace lamina::python

// lamina.dtype, one object for each element type: lamina.float32, whose repr is PyTorch's.
#pragma once
#include <Python.h>

#include "lamina/core/types.h"

namespace lamina::python {

/// The object of a type, borrowed; it lives as long as the process.
PyObject* dtype_object(DType dtype);
/// Whether `o` names an element type: a lamina.dtype, or Python's float, int or bool; sets no Python error.
bool dtype_from(PyObject* o, DType& dtype) noexcept;

}  // namespace lamina::python

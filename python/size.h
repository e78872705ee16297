// lamina.Size: the tuple that x.shape is, with numel() and PyTorch's repr.
#pragma once
#include <Python.h>

#include "lamina/core/shape.h"

namespace lamina::python {

/// A new Size; null with a Python error set.
PyObject* new_size(const Shape& shape);
/// A new plain tuple of ints.
PyObject* new_int_tuple(const Shape& shape);

/// What a conversion to sizes found.
enum class Sizes { Good, NotSizes, Overflow };
/// An int, or a tuple or list of ints (NumPy's and tensors of one integer too). Sets no Python error.
Sizes shape_from(PyObject* o, Shape& shape) noexcept;
/// The same for `o` that must be sizes: TypeError or OverflowError that names `what`.
Shape shape_of(PyObject* o, const char* what);
/// Sizes passed one by one or as one sequence: x.view(2, 3), x.view((2, 3)).
Shape shape_of_arguments(PyObject* const* arguments, Py_ssize_t count, const char* what);

}  // namespace lamina::python

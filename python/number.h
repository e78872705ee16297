// Between Python's numbers, Scalars and the elements of tensors.
#pragma once
#include <Python.h>

#include <cstddef>

#include "lamina/core/scalar.h"
#include "lamina/core/types.h"

namespace lamina::python {

/// Whether `o` is a number: bool, int that fits 64 bits, float, a NumPy scalar, or a tensor without dimensions.
/// Sets no Python error.
bool scalar_from(PyObject* o, Scalar& scalar) noexcept;
/// The same for what must be one: OverflowError, or TypeError that names `what`.
Scalar scalar_of(PyObject* o, const char* what);
/// A Python bool, int or float; a new reference.
PyObject* new_number(Scalar scalar);

/// One element of a tensor's memory.
Scalar read_element(const std::byte* at, DType dtype);
void write_element(std::byte* at, DType dtype, Scalar value);

}  // namespace lamina::python

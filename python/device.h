// lamina.device: "cpu" is the only one there is, and every other name is refused where it is said.
#pragma once
#include <Python.h>

#include "lamina/core/types.h"

namespace lamina::python {

/// A new reference to device(type='cpu').
PyObject* new_device();
/// Whether `o` is a device.
bool is_device(PyObject* o);
/// None, "cpu", "cpu:0" or a lamina.device; Error for any other name, TypeError for what is no name.
void check_device(PyObject* o);

}  // namespace lamina::python

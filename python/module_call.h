// Calling a module: from Python, and from C++ when the Python class has a forward of its own.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

PyObject* module_call(PyObject* self, PyObject* args, PyObject* keywords);  // the slot tp_call
/// What C++ calls instead of forward (Module::foreign_forward).
Tensor call_python(nn::Module& module, const Tensor& input);

}  // namespace lamina::python

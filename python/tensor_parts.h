// The parts of which tensor_type.cpp puts the type Tensor together, one file each.
#pragma once
#include <nanobind/nanobind.h>

#include <vector>

#include "python/tensor_type.h"

namespace lamina::python {

using Slots = std::vector<PyType_Slot>;

PyObject* new_tensor(PyTypeObject* type, PyObject* args, PyObject* keywords);  // tensor_new.cpp
PyObject* new_parameter(PyTypeObject* type, PyObject* args, PyObject* keywords);
void add_operator_slots(Slots& slots);        // tensor_operators.cpp: + - * @ == …
void add_index_slots(Slots& slots);           // tensor_index.cpp: x[…], len(x), iter(x)
void add_text_slots(Slots& slots);            // tensor_convert.cpp: repr
void add_attributes(PyTypeObject* type);      // tensor_attributes.cpp: shape, dtype, grad, …
void add_methods(nanobind::module_& m);       // tensor_methods.cpp: size(), item(), backward(), …
void add_conversions(nanobind::module_& m);   // tensor_convert.cpp: to(), float(), …
void add_hooks(nanobind::module_& m);         // tensor_hooks.cpp: register_hook(), retain_grad(), …
void add_copy_methods(nanobind::module_& m);  // tensor_copy.cpp: pickle and deepcopy

}  // namespace lamina::python

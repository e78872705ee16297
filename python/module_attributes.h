// Attributes of a module: names that are parameters, buffers or children live in the C++ tables, all others in __dict__.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

PyObject* module_getattro(PyObject* self, PyObject* name);  // the slot: type, tables, __dict__
PyObject* module_getattr(PyObject* self, PyObject* name);   // __getattr__: what super().__getattr__(name) calls
int module_setattro(PyObject* self, PyObject* name, PyObject* value);  // a null value deletes

/// A slot by the name that Python has; null when there is none. Pointers hold until the table changes.
nn::TensorSlot* find_tensor(nn::Module& module, PyObject* name);
nn::ChildSlot* find_child(nn::Module& module, PyObject* name);

/// Forgets a plain attribute, if there is one.
void drop_plain(PyObject* self, PyObject* name);
/// Puts a value under a name in a table as `_parameters[name] = value` does: the checks of the type only.
void put_parameter(PyObject* self, PyObject* name, PyObject* value);
void put_buffer(PyObject* self, PyObject* name, PyObject* value, bool persistent);
void put_child(PyObject* self, PyObject* name, PyObject* value);

std::string text_of(PyObject* name);  // of a str; TypeError otherwise

}  // namespace lamina::python

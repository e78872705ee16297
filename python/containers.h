// What the containers' Python classes share.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

/// The children by name, as they are now.
nn::NamedModules entries_of(nn::Module& module);
/// Replaces all children.
void replace_children(nn::Module& module, const nn::NamedModules& children);
/// Replaces all children by these, named by their positions.
void renumber(nn::Module& module, const std::vector<nn::ModuleRef>& children);
/// The values of entries_of.
std::vector<nn::ModuleRef> modules_of(nn::Module& module);
/// A position in [0, size): negative ones count from the end; Python's IndexError outside.
size_t position(nb::handle index, size_t size, const char* what);
nb::object iterator_over(const std::vector<nn::ModuleRef>& modules);
/// The methods that Sequential and ModuleList have alike: len, iteration, append, extend, insert, pop, deletion.
void bind_list_methods(PyTypeObject* type);

void bind_sequential(nb::module_& m);
void bind_module_list(nb::module_& m);
void bind_module_dict(nb::module_& m);

}  // namespace lamina::python

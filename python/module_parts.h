// The parts of which the type Module is put together, one file each.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

void bind_tables(nb::module_& m);        // module_tables.cpp: _parameters, _buffers, _modules, training
void bind_registration();                // module_registration.cpp: register_buffer, add_module, get_submodule, …
void bind_walking();                     // module_walking.cpp: parameters, named_modules, children, …
void bind_modes();                       // module_modes.cpp: train, to, float, zero_grad, …
void bind_repr();                        // module_repr.cpp
void bind_hooks();                       // module_hooks.cpp
void bind_global_hooks(nb::module_& m);  // module_global_hooks.cpp: those of all modules
void bind_state(nb::module_& m);         // module_state.cpp: state_dict, load_state_dict
void bind_copying(nb::module_& m);       // module_copy.cpp: pickle, copy, deepcopy

}  // namespace lamina::python

// Hooks of all modules: torch.nn.modules.module.register_module_forward_hook and its kind. They run before a module's own.
#pragma once
#include "python/module_hooks.h"

namespace lamina::python {

/// What hooks may replace while it is registered under a name.
enum class Registration : int { Parameter, Buffer, Module };

/// Whether a call of any module must run hooks.
bool has_global_call_hooks();
/// The hooks of a table as (id, hook) at this moment, those of all modules first.
nb::list hook_entries(PyObject* self, HookTable table);
/// Whether a mark (called with keywords, always called) stands for the hook of that id.
bool is_marked(PyObject* self, HookTable table, nb::handle id);
/// What to register in the place of `value`, after the hooks.
nb::object registered(PyObject* self, Registration kind, nb::handle name, nb::handle value);

}  // namespace lamina::python

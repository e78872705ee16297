// Hooks of Python modules. They live in Python dictionaries under PyTorch's names (_forward_hooks, …), so that scripts
// can look at them, copies carry them and the collector sees them; made when first needed.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

enum class HookTable : int {
  ForwardPre,
  ForwardPreWithKwargs,
  Forward,
  ForwardWithKwargs,
  ForwardAlwaysCalled,
  BackwardPre,
  Backward,
  StateDictPre,
  StateDict,
  LoadStateDictPre,
  LoadStateDictPost,
};
inline constexpr int kHookTables = 11;
extern const char* const hook_table_names[kHookTables];

/// What only few modules have.
struct ModuleExtras {
  PyObject* hooks[kHookTables] = {};                  // OrderedDicts by id, or null
  std::vector<std::unique_ptr<nn::Module>> replaced;  // by a second __init__: C++ handles may still point to them
};

ModuleExtras& extras_of(PyObject* self);

/// A table that has entries, borrowed; null otherwise.
PyObject* hooks_or_null(PyObject* self, HookTable table);
/// The table, borrowed, made when there is none yet.
PyObject* hooks_of(PyObject* self, HookTable table);
/// Replaces a table by the mapping that a script or a copied state assigns.
void set_hooks(PyObject* self, HookTable table, nb::handle mapping);
/// Whether a call of the module must run hooks, its own or those of all modules.
bool has_call_hooks(PyObject* self);

}  // namespace lamina::python

#include "python/module_global_hooks.h"

#include "python/errors.h"
#include "python/module_call.h"
#include "python/module_parts.h"

namespace lamina::python {

namespace {

constexpr int kRegistrations = 3;
PyObject* call_tables[kHookTables];  // OrderedDicts by id under HookTable's places; null until the first hook
PyObject* registration_tables[kRegistrations];  // the same under Registration's

PyObject* filled(PyObject* table) { return table && PyDict_GET_SIZE(table) ? table : nullptr; }

nb::object table_of(PyObject*& table) {
  if (!table) table = nb::object(nb::module_::import_("collections").attr("OrderedDict")()).release().ptr();
  return nb::borrow(table);
}

// C++ callers come through Python from the first hook on, whatever module they call.
nb::object call_table(int table) {
  nn::Module::foreign_forward_of_all = call_python;
  return table_of(call_tables[table]);
}

void append_entries(nb::list& out, PyObject* table) {
  if (table) out.extend(nb::steal<nb::list>(PyMapping_Items(table)));
}

}  // namespace

bool has_global_call_hooks() {
  if (!nn::Module::foreign_forward_of_all) return false;
  for (const HookTable table : {HookTable::ForwardPre, HookTable::Forward, HookTable::Backward, HookTable::BackwardPre})
    if (filled(call_tables[int(table)])) return true;
  return false;
}

nb::list hook_entries(PyObject* self, HookTable table) {
  nb::list out;
  append_entries(out, filled(call_tables[int(table)]));
  append_entries(out, hooks_or_null(self, table));
  return out;
}

bool is_marked(PyObject* self, HookTable table, nb::handle id) {
  for (PyObject* hooks : {hooks_or_null(self, table), filled(call_tables[int(table)])})
    if (hooks && PyDict_Contains(hooks, id.ptr()) == 1) return true;
  return false;
}

nb::object registered(PyObject* self, Registration kind, nb::handle name, nb::handle value) {
  nb::object result = nb::borrow(value);
  PyObject* hooks = filled(registration_tables[int(kind)]);
  if (!hooks) return result;
  for (nb::handle hook : nb::steal<nb::list>(PyMapping_Values(hooks)))
    if (nb::object changed = hook(nb::handle(self), name, result); !changed.is_none()) result = changed;
  return result;
}

void bind_global_hooks(nb::module_& m) {
  nb::dict tables;
  for (int i = 0; i < kHookTables; ++i) tables[hook_table_names[i]] = i;
  m.attr("_hook_tables") = tables;
  m.def("_global_hooks", call_table, "The hooks of all modules under a place of _hook_tables.");
  m.def(
      "_registration_hooks", [](int kind) { return table_of(registration_tables[kind]); },
      "The hooks that see what is registered: parameters 0, buffers 1, modules 2.");
}

}  // namespace lamina::python

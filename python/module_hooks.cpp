#include "python/module_hooks.h"

#include "python/errors.h"
#include "python/module_attributes.h"
#include "python/module_global_hooks.h"
#include "python/module_parts.h"

namespace lamina::python {

const char* const hook_table_names[kHookTables] = {"_forward_pre_hooks",
                                                   "_forward_pre_hooks_with_kwargs",
                                                   "_forward_hooks",
                                                   "_forward_hooks_with_kwargs",
                                                   "_forward_hooks_always_called",
                                                   "_backward_pre_hooks",
                                                   "_backward_hooks",
                                                   "_state_dict_pre_hooks",
                                                   "_state_dict_hooks",
                                                   "_load_state_dict_pre_hooks",
                                                   "_load_state_dict_post_hooks"};

namespace {

nb::handle hooks_module() {  // lamina.utils.hooks
  static PyObject* const module = nb::module_::import_("lamina.utils.hooks").release().ptr();
  return module;
}

nb::handle ordered_dict() {
  static PyObject* const type = nb::object(nb::module_::import_("collections").attr("OrderedDict")).release().ptr();
  return type;
}

// Adds a hook and returns its RemovableHandle, which also removes the id from the tables that mark it.
nb::object add(Self self, HookTable table, nb::object hook, std::initializer_list<HookTable> marks = {},
               bool prepend = false) {
  initialized(self.object);
  const nb::handle hooks = hooks_of(self.object, table);
  nb::list marked;
  for (const HookTable mark : marks) marked.append(nb::handle(hooks_of(self.object, mark)));
  nb::object handle = hooks_module().attr("RemovableHandle")(hooks, nb::arg("extra_dict") = marked);
  const nb::object id = handle.attr("id");
  hooks[id] = hook;
  for (nb::handle mark : marked) mark[id] = true;
  if (prepend) hooks.attr("move_to_end")(id, nb::arg("last") = false);
  return handle;
}

nb::object register_forward_pre_hook(Self self, nb::object hook, bool prepend, bool with_kwargs) {
  if (!with_kwargs) return add(self, HookTable::ForwardPre, hook, {}, prepend);
  return add(self, HookTable::ForwardPre, hook, {HookTable::ForwardPreWithKwargs}, prepend);
}

nb::object register_forward_hook(Self self, nb::object hook, bool prepend, bool with_kwargs, bool always_call) {
  if (with_kwargs && always_call)
    return add(self, HookTable::Forward, hook, {HookTable::ForwardWithKwargs, HookTable::ForwardAlwaysCalled}, prepend);
  if (with_kwargs) return add(self, HookTable::Forward, hook, {HookTable::ForwardWithKwargs}, prepend);
  if (always_call) return add(self, HookTable::Forward, hook, {HookTable::ForwardAlwaysCalled}, prepend);
  return add(self, HookTable::Forward, hook, {}, prepend);
}

nb::object register_load_state_dict_pre_hook(Self self, nb::object hook, bool with_module) {
  return add(self, HookTable::LoadStateDictPre,
             with_module ? hooks_module().attr("WithModule")(hook, self.borrowed()) : hook);
}

PyObject* get_table(PyObject* self, void* table) {
  return guarded([&] {
    initialized(self);
    return Py_NewRef(hooks_of(self, HookTable(reinterpret_cast<intptr_t>(table))));
  });
}

int set_table(PyObject* self, PyObject* value, void* table) {
  return guarded_int([&] {
    initialized(self);
    set_hooks(self, HookTable(reinterpret_cast<intptr_t>(table)), value);
  });
}

PyObject* get_is_full_backward_hook(PyObject* self, void*) {
  if (hooks_or_null(self, HookTable::Backward)) Py_RETURN_TRUE;
  Py_RETURN_NONE;
}

}  // namespace

ModuleExtras& extras_of(PyObject* self) {
  PyModule* o = as_module(self);
  if (!o->extras) o->extras = new ModuleExtras;
  return *o->extras;
}

PyObject* hooks_or_null(PyObject* self, HookTable table) {
  const ModuleExtras* extras = as_module(self)->extras;
  PyObject* hooks = extras ? extras->hooks[int(table)] : nullptr;
  return hooks && PyDict_GET_SIZE(hooks) ? hooks : nullptr;
}

PyObject* hooks_of(PyObject* self, HookTable table) {
  PyObject*& hooks = extras_of(self).hooks[int(table)];
  if (!hooks) {
    hooks = ordered_dict()().release().ptr();
    if (module_of(self)) choose_forward(self);  // from now on C++ callers come through Python
  }
  return hooks;
}

void set_hooks(PyObject* self, HookTable table, nb::handle mapping) {
  nb::object hooks = mapping.is_valid() && !mapping.is_none() ? nb::borrow(mapping) : ordered_dict()();
  if (!nb::isinstance(hooks, ordered_dict())) hooks = ordered_dict()(hooks);  // what a handle can refer to weakly
  hooks_of(self, table);
  const nb::object before = nb::steal(std::exchange(extras_of(self).hooks[int(table)], hooks.release().ptr()));
}

bool has_call_hooks(PyObject* self) {
  if (has_global_call_hooks()) return true;
  if (!as_module(self)->extras) return false;
  for (const HookTable table : {HookTable::ForwardPre, HookTable::Forward, HookTable::Backward, HookTable::BackwardPre})
    if (hooks_or_null(self, table)) return true;
  return false;
}

void bind_hooks() {
  static PyGetSetDef attributes[kHookTables];
  const nb::handle type(reinterpret_cast<PyObject*>(ModuleType));
  for (int i = 0; i < kHookTables; ++i) {
    attributes[i] = {hook_table_names[i], get_table, set_table, nullptr, reinterpret_cast<void*>(intptr_t(i))};
    nb::setattr(type, hook_table_names[i], checked(PyDescr_NewGetSet(ModuleType, &attributes[i])));
  }
  static PyGetSetDef is_full{"_is_full_backward_hook", get_is_full_backward_hook, nullptr, nullptr, nullptr};
  nb::setattr(type, is_full.name, checked(PyDescr_NewGetSet(ModuleType, &is_full)));

  method(ModuleType, "register_forward_pre_hook", register_forward_pre_hook,
         "Calls hook(module, args) before forward; what it returns, unless None, are the new arguments.\n\n"
         "With `with_kwargs`: hook(module, args, kwargs), which returns None or (args, kwargs). `prepend`: before the "
         "hooks that are there.",
         nb::arg("hook"), nb::kw_only(), nb::arg("prepend") = false, nb::arg("with_kwargs") = false);
  method(ModuleType, "register_forward_hook", register_forward_hook,
         "Calls hook(module, args, output) after forward; what it returns, unless None, is the new output.\n\n"
         "With `with_kwargs`: hook(module, args, kwargs, output). `always_call`: also when forward raises.",
         nb::arg("hook"), nb::kw_only(), nb::arg("prepend") = false, nb::arg("with_kwargs") = false,
         nb::arg("always_call") = false);
  method(
      ModuleType, "register_full_backward_hook",
      [](Self self, nb::object hook, bool prepend) { return add(self, HookTable::Backward, hook, {}, prepend); },
      "Calls hook(module, grad_input, grad_output) when the gradients of the inputs are known; what it returns, unless "
      "None, replaces "
      "grad_input.",
      nb::arg("hook"), nb::arg("prepend") = false);
  method(
      ModuleType, "register_full_backward_pre_hook",
      [](Self self, nb::object hook, bool prepend) { return add(self, HookTable::BackwardPre, hook, {}, prepend); },
      "Calls hook(module, grad_output) when the gradients of the outputs are known; what it returns, unless None, "
      "replaces them.",
      nb::arg("hook"), nb::arg("prepend") = false);
  method(
      ModuleType, "register_state_dict_pre_hook",
      [](Self self, nb::object hook) { return add(self, HookTable::StateDictPre, hook); },
      "Calls hook(module, prefix, keep_vars) before state_dict.", nb::arg("hook"));
  method(
      ModuleType, "register_state_dict_post_hook",
      [](Self self, nb::object hook) { return add(self, HookTable::StateDict, hooks_module().attr("InPlace")(hook)); },
      "Calls hook(module, state_dict, prefix, local_metadata) after state_dict; it may change the dictionary and "
      "returns None.",
      nb::arg("hook"));
  method(
      ModuleType, "_register_state_dict_hook",
      [](Self self, nb::object hook) { return add(self, HookTable::StateDict, hook); }, nb::arg("hook"));
  method(
      ModuleType, "register_load_state_dict_pre_hook",
      [](Self self, nb::object hook) { return register_load_state_dict_pre_hook(self, hook, true); },
      "Calls hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs) "
      "before loading.",
      nb::arg("hook"));
  method(ModuleType, "_register_load_state_dict_pre_hook", register_load_state_dict_pre_hook, nb::arg("hook"),
         nb::arg("with_module") = false);
  method(
      ModuleType, "register_load_state_dict_post_hook",
      [](Self self, nb::object hook) { return add(self, HookTable::LoadStateDictPost, hook); },
      "Calls hook(module, incompatible_keys) after loading; it may change the two lists and returns None.",
      nb::arg("hook"));
}

}  // namespace lamina::python

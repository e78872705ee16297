// copy, deepcopy and pickle: __reduce_ex__ gives (_rebuild, (class, config), state). _rebuild makes a ready object without
// the class's __init__ and without random numbers, so that children may point back to it while they are copied.
// The state is PyTorch's: __dict__ with _parameters, _buffers, _modules, training and hooks.
#include <optional>

#include "python/errors.h"
#include "python/layer.h"
#include "python/module_attributes.h"
#include "python/module_hooks.h"
#include "python/module_parts.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

using Kind = nn::TensorSlot::Kind;

nb::handle copying() {  // lamina.nn._copying: functions that pickle finds by name
  static PyObject* const module = nb::module_::import_("lamina.nn._copying").release().ptr();
  return module;
}

// A dict of any mapping.
nb::dict dict_of(nb::handle mapping) {
  nb::dict out;
  out.update(mapping);
  return out;
}

// ---- the state -----------------------------------------------------------------------------------------------------

nb::dict get_module_state(Self self) {
  nb::dict state, parameters, buffers, modules;
  nb::set non_persistent;
  if (PyObject* dict = as_module(self.object)->dict) PyDict_Update(state.ptr(), dict);
  state["training"] = self->training;
  for (const nn::TensorSlot& slot : self->tensor_slots()) {
    const nb::object tensor = checked(wrap(Tensor(*slot.value)));
    if (slot.kind == Kind::Parameter) parameters[slot.name.c_str()] = tensor;
    if (slot.kind == Kind::Plain) state[slot.name.c_str()] = tensor;
    if (slot.kind != Kind::Buffer) continue;
    buffers[slot.name.c_str()] = tensor;
    if (!slot.persistent) non_persistent.add(nb::str(slot.name.c_str()));
  }
  for (const nn::ChildSlot& slot : self->child_slots())
    modules[slot.name.c_str()] = checked(wrap(nn::ModuleRef(slot.module)));
  state["_parameters"] = parameters;
  state["_buffers"] = buffers;
  state["_non_persistent_buffers_set"] = non_persistent;
  state["_modules"] = modules;
  for (int i = 0; i < kHookTables; ++i)
    if (PyObject* hooks = hooks_or_null(self.object, HookTable(i))) state[hook_table_names[i]] = nb::borrow(hooks);
  return state;
}

nb::dict table(const nb::dict& state, const char* name) {
  return state.contains(name) ? dict_of(nb::object(state[name])) : nb::dict();
}

// A module without its C++ side, as PyTorch's pickles of whole modules and class.__new__ leave it: the arguments of its
// constructor stand in the state under their names.
std::unique_ptr<nn::Module> module_from_state(const LayerType& layer, const nb::dict& state) {
  if (layer.construct) return std::unique_ptr<nn::Module>(layer.construct());
  if (!layer.declaration) return std::make_unique<nn::Module>();
  std::vector<nn::Value> values;
  const nb::dict parameters = table(state, "_parameters");
  for (const nn::Field& field : layer.declaration->fields) {
    const char* name = field.name.c_str();
    if (parameters.contains(name) && std::holds_alternative<bool>(field.default_value))
      values.push_back(!nb::object(parameters[name]).is_none());
    else if (state.contains(name)) values.push_back(value_from(nb::object(state[name])));
    else values.push_back(field.default_value);
  }
  const nn::SkipInitialization skip;
  return std::unique_ptr<nn::Module>(layer.declaration->construct(values));
}

void restore_tensors(PyObject* self, nb::handle state, bool parameters, nb::handle non_persistent) {
  for (auto [name, value] : dict_of(state)) {
    if (parameters) put_parameter(self, name.ptr(), value.ptr());
    else
      put_buffer(self, name.ptr(), value.ptr(),
                 !(non_persistent.is_valid() && PySequence_Contains(non_persistent.ptr(), name.ptr()) == 1));
  }
}

int hook_table(const std::string& name) {
  for (int i = 0; i < kHookTables; ++i)
    if (name == hook_table_names[i]) return i;
  return -1;
}

// Handles made from now on must not have the number of a hook that came with the state.
void restore_hooks(PyObject* self, HookTable table, nb::handle hooks) {
  if (nb::len(hooks) == 0) return;
  set_hooks(self, table, hooks);
  nb::object handle = nb::module_::import_("lamina.utils.hooks").attr("RemovableHandle");
  for (nb::handle id : nb::steal<nb::list>(PyDict_Keys(hooks_of(self, table))))
    if (nb::cast<int64_t>(id) >= nb::cast<int64_t>(handle.attr("next_id")))
      handle.attr("next_id") = nb::cast<int64_t>(id) + 1;
}

// The layer's members that the state does not name were deleted from the module that it came from.
void drop_unnamed(nn::Module& module, const nb::dict& parameters, const nb::dict& buffers) {
  std::vector<std::string> names;
  for (const nn::TensorSlot& slot : module.tensor_slots())
    if (!parameters.contains(slot.name.c_str()) && !buffers.contains(slot.name.c_str())) names.push_back(slot.name);
  for (const std::string& name : names) module.erase(name);
}

void set_module_state(Self self, nb::dict state) {
  PyObject* o = self.object;
  const bool fresh = !module_of(o);
  if (fresh) install(o, module_from_state(layer_type_of(Py_TYPE(o)), state));
  nn::Module& module = *module_of(o);
  const nn::Declaration* declaration = fresh ? module.declaration() : nullptr;
  const nb::dict parameters = table(state, "_parameters"), buffers = table(state, "_buffers");
  const nb::object non_persistent =
      state.contains("_non_persistent_buffers_set") ? nb::object(state["_non_persistent_buffers_set"]) : nb::object();
  if (state.contains("_parameters")) drop_unnamed(module, parameters, buffers);
  restore_tensors(o, parameters, true, {});
  restore_tensors(o, buffers, false, non_persistent);
  for (auto [name, child] : table(state, "_modules")) put_child(o, name.ptr(), child.ptr());
  for (auto [key, value] : state) {
    const std::string name = nb::cast<std::string>(key);
    if (name == "training") module.training = nb::cast<bool>(value);
    else if (name == "_parameters" || name == "_buffers" || name == "_modules" ||
             name == "_non_persistent_buffers_set" || name == "_is_full_backward_hook" || name == "_lamina_tables" ||
             (declaration && declaration->find(name)))
      continue;
    else if (const int hooks = hook_table(name); hooks >= 0) restore_hooks(o, HookTable(hooks), value);
    else if (find_tensor(module, key.ptr()))
      nb::setattr(nb::handle(o), key, value);  // a tensor in the place of a deleted parameter
    else checked(PyObject_GenericGetDict(o, nullptr))[key] = value;
  }
  choose_forward(o);
}

// ---- pickle and copy -----------------------------------------------------------------------------------------------

nb::object config_of(const nn::Module& module) {
  const nn::Declaration* declaration = module.declaration();
  if (!declaration) return nb::none();
  nb::list values;
  for (const nn::Value& value : declaration->values(module)) values.append(object_from(value));
  return nb::tuple(values);
}

nb::object rebuild(nb::handle cls, nb::object config) {
  auto* type = reinterpret_cast<PyTypeObject*>(cls.ptr());
  if (!PyType_Check(cls.ptr()) || !PyType_IsSubtype(type, ModuleType))
    throw nb::type_error("_rebuild: the class is no Module");
  const LayerType& layer = layer_type_of(type);
  std::unique_ptr<nn::Module> module;
  if (layer.construct) {
    module.reset(layer.construct());
  } else if (layer.declaration && !config.is_none()) {
    std::vector<nn::Value> values;
    for (nb::handle value : config) values.push_back(value_from(value));
    if (values.size() != layer.declaration->fields.size())
      throw LoadError("a pickled layer has another number of arguments");
    const nn::SkipInitialization skip;
    module.reset(layer.declaration->construct(values));
  } else {
    module = std::make_unique<nn::Module>();
  }
  nb::object self = checked(type->tp_alloc(type, 0));
  install(self.ptr(), std::move(module));
  return self;
}

bool overrides(PyObject* self, const char* name) {
  const nb::object key = checked(PyUnicode_InternFromString(name));
  return _PyType_Lookup(Py_TYPE(self), key.ptr()) != _PyType_Lookup(ModuleType, key.ptr());
}

nb::object reduce_module(Self self, int) {
  initialized(self.object);
  nb::object state = self.borrowed().attr("__getstate__")();
  // A class of its own mind about __dict__ does not know of the C++ tables: they go along as one more entry, which
  // restores them while it is read.
  if (PyDict_Check(state.ptr()) && (overrides(self.object, "__getstate__") || overrides(self.object, "__setstate__"))) {
    state = dict_of(state);
    state["_lamina_tables"] = copying().attr("Tables")(self.borrowed());
  }
  return nb::make_tuple(copying().attr("_rebuild"), nb::make_tuple(self.borrowed().type(), config_of(*self)), state);
}

}  // namespace

void bind_copying(nb::module_& m) {
  using nb::arg;
  struct Skipping { std::optional<nn::SkipInitialization> skip; };
  nb::class_<Skipping>(m, "_SkipInitialization", "A block in which layers leave their parameters unset.")
      .def(nb::init<>())
      .def("__enter__", [](Skipping& s) { s.skip.emplace(); })
      .def("__exit__", [](Skipping& s, nb::args) { s.skip.reset(); });
  m.def("_rebuild", rebuild, arg("cls"), arg("config").none());
  m.def("_config_of", [](Self self) { return config_of(*self); });
  method(ModuleType, "__reduce_ex__", reduce_module, arg("protocol"));
  method(ModuleType, "__getstate__", get_module_state);
  method(ModuleType, "__setstate__", set_module_state, arg("state"));
}

}  // namespace lamina::python

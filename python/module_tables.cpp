// The tables of a module as PyTorch's dictionaries: _parameters, _buffers, _modules, _non_persistent_buffers_set. The
// mappings (lamina/nn/_tables.py) are views that call the functions here, so that a script's own
// `self._modules[name] = layer` reaches the C++ table.
#include "python/errors.h"
#include "python/module_attributes.h"
#include "python/module_parts.h"
#include "python/module_type.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

using Kind = nn::TensorSlot::Kind;
enum Table : int { kParameters, kBuffers, kModules };

bool belongs(const nn::TensorSlot& slot, int table) {
  return slot.kind == (table == kParameters ? Kind::Parameter : Kind::Buffer);
}

nb::list keys(Self self, int table) {
  nb::list out;
  if (table == kModules)
    for (const nn::ChildSlot& slot : self->child_slots()) out.append(slot.name.c_str());
  else
    for (const nn::TensorSlot& slot : self->tensor_slots())
      if (belongs(slot, table)) out.append(slot.name.c_str());
  return out;
}

[[noreturn]] void missing(nb::handle name) {
  PyErr_SetObject(PyExc_KeyError, name.ptr());
  throw nb::python_error();
}

bool contains(Self self, int table, nb::handle name) {
  if (!PyUnicode_Check(name.ptr())) return false;
  if (table == kModules) return find_child(*self, name.ptr()) != nullptr;
  const nn::TensorSlot* slot = find_tensor(*self, name.ptr());
  return slot && belongs(*slot, table);
}

nb::object get(Self self, int table, nb::handle name) {
  if (!contains(self, table, name)) missing(name);
  if (table == kModules) return checked(wrap(nn::ModuleRef(find_child(*self, name.ptr())->module)));
  return checked(wrap(*find_tensor(*self, name.ptr())->value));
}

// A table takes any tensor, as PyTorch's dictionaries do: functional_call puts results of operations there.
void put(Self self, int table, nb::str name, nb::handle value) {
  if (table == kModules) {
    put_child(self.object, name.ptr(), value.ptr());
  } else if (table == kParameters && is_tensor(value.ptr())) {
    self->set_tensor(name.c_str(), Kind::Parameter, tensor_of(value.ptr()));
  } else if (table == kParameters) {
    put_parameter(self.object, name.ptr(), value.ptr());
  } else {
    const nn::TensorSlot* slot = find_tensor(*self, name.ptr());
    put_buffer(self.object, name.ptr(), value.ptr(), !slot || slot->persistent);
  }
}

void remove(Self self, int table, nb::str name) {
  if (!contains(self, table, name)) missing(name);
  self->erase(name.c_str());
}

bool persistent(Self self, nb::str name) {
  const nn::TensorSlot* slot = find_tensor(*self, name.ptr());
  return !slot || slot->persistent;
}

void set_persistent(Self self, nb::str name, bool on) {
  if (nn::TensorSlot* slot = find_tensor(*self, name.ptr())) slot->persistent = on;
}

// ---- members that the class computes -------------------------------------------------------------------------------

// Members of the layer whose attribute was deleted: a parametrization computes them for every call.
nb::list absent_members(Self self) {
  nb::list out;
  for (const nn::TensorSlot& slot : self->tensor_slots())
    if (slot.kind == Kind::Absent) out.append(slot.name.c_str());
  return out;
}

// What the C++ forward finds in an absent member; None: nothing again. No table shows it.
void set_absent_member(Self self, nb::str name, nb::handle value) {
  nn::TensorSlot* slot = find_tensor(*self, name.ptr());
  if (!slot || slot->kind != Kind::Absent) missing(name);
  const Tensor dropped = std::exchange(*slot->value, value.is_none() ? Tensor() : tensor_of(value.ptr()));
}

// ---- the attributes ------------------------------------------------------------------------------------------------

nb::object view(PyObject* self, int table) {
  static PyObject* const tables = nb::module_::import_("lamina.nn._tables").release().ptr();
  initialized(self);
  static const char* const classes[] = {"Table", "Table", "Table", "NonPersistentBuffers"};
  return nb::handle(tables).attr(classes[table])(nb::handle(self), table);
}

PyObject* get_view(PyObject* self, void* table) {
  return guarded([&] { return view(self, int(reinterpret_cast<intptr_t>(table))).release().ptr(); });
}

int set_view(PyObject* self, PyObject* value, void* table) {
  return guarded_int([&] {
    if (!value) throw nb::attribute_error("a module's tables cannot be deleted");
    view(self, int(reinterpret_cast<intptr_t>(table))).attr("_replace")(nb::handle(value));
  });
}

PyObject* get_training(PyObject* self, void*) {
  return guarded([&] { return PyBool_FromLong(initialized(self).training); });
}

int set_training(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const int on = value ? PyObject_IsTrue(value) : -1;
    if (on < 0) throw nb::attribute_error("training cannot be deleted");
    initialized(self).training = on;
  });
}

PyGetSetDef attributes[] = {
    {"training", get_training, set_training, "Whether the module is in training mode.", nullptr},
    {"_parameters", get_view, set_view, nullptr, reinterpret_cast<void*>(0)},
    {"_buffers", get_view, set_view, nullptr, reinterpret_cast<void*>(1)},
    {"_modules", get_view, set_view, nullptr, reinterpret_cast<void*>(2)},
    {"_non_persistent_buffers_set", get_view, set_view, nullptr, reinterpret_cast<void*>(3)},
};

}  // namespace

void bind_tables(nb::module_& m) {
  m.def("_table_keys", keys);
  m.def("_table_contains", contains);
  m.def("_table_get", get);
  m.def("_table_put", put, nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  m.def("_table_remove", remove);
  m.def("_buffer_persistent", persistent);
  m.def("_set_buffer_persistent", set_persistent);
  m.def("_absent_members", absent_members);
  m.def("_set_absent_member", set_absent_member, nb::arg(), nb::arg(), nb::arg().none());
  for (PyGetSetDef& def : attributes)
    nb::setattr(nb::handle(reinterpret_cast<PyObject*>(ModuleType)), def.name,
                checked(PyDescr_NewGetSet(ModuleType, &def)));
}

}  // namespace lamina::python

#include "python/module_attributes.h"

#include <algorithm>

#include "python/errors.h"
#include "python/module_global_hooks.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

using Kind = nn::TensorSlot::Kind;

// The tag of a slot is the interned name, so that a hit is a comparison of pointers; it is kept for the process.
bool is_named(const std::string& name, void*& tag, PyObject* key) {
  if (!tag) tag = PyUnicode_InternFromString(name.c_str());
  return tag == key;
}

// `name` itself when it is interned, as attribute names nearly always are; otherwise the interned one.
struct Key {
  explicit Key(PyObject* name) : key(name) {
    if (PyUnicode_CHECK_INTERNED(name)) return;
    owned = nb::borrow(name);
    PyObject* interned = owned.release().ptr();
    PyUnicode_InternInPlace(&interned);
    owned = nb::steal(interned);
    key = interned;
  }
  PyObject* key;
  nb::object owned;
};

template <class Slot>
Slot* find(std::vector<Slot>& slots, PyObject* name) {
  if (slots.empty()) return nullptr;
  const Key key(name);
  for (Slot& slot : slots)
    if (is_named(slot.name, slot.tag, key.key)) return &slot;
  return nullptr;
}

// The value under a name in the tables, a new reference; null without an error when no table has it.
PyObject* table_value(nn::Module& module, PyObject* name) {
  if (const nn::TensorSlot* slot = find_tensor(module, name); slot && slot->kind != Kind::Absent)
    return wrap(*slot->value);
  if (const nn::ChildSlot* slot = find_child(module, name)) return wrap(nn::ModuleRef(slot->module));
  return nullptr;
}

// Whether the class computes the attribute: a `property`, such as that of a parametrized weight.
bool is_property(PyObject* self, PyObject* name) {
  PyObject* descriptor = _PyType_Lookup(Py_TYPE(self), name);
  return descriptor && Py_IS_TYPE(descriptor, &PyProperty_Type);
}

[[noreturn]] void refuse(PyObject* error, const char* format, PyObject* value, PyObject* name) {
  PyErr_Format(error, format, Py_TYPE(value)->tp_name, name);
  throw nb::python_error();
}

// Of a tensor that nn.Buffer made: whether it is persistent, borrowed; null for any other.
PyObject* buffer_mark(PyObject* tensor) {
  static PyObject* const mark = PyUnicode_InternFromString("_is_buffer");
  static PyObject* const persistent = PyUnicode_InternFromString("persistent");
  PyObject* dict = reinterpret_cast<PyTensor*>(tensor)->dict;
  if (!dict || !PyDict_GetItemWithError(dict, mark)) return nullptr;
  PyObject* answer = PyDict_GetItemWithError(dict, persistent);
  return answer ? answer : Py_True;
}

// PyTorch's order of questions. False when the name and value are a plain attribute.
bool assign_registered(PyObject* self, nn::Module& module, PyObject* name, PyObject* value) {
  const bool tensor = is_tensor(value);
  if (tensor && is_parameter(value)) {
    if (is_property(self, name)) {
      PyErr_Format(PyExc_KeyError, "attribute '%U' already exists: the class computes it", name);
      throw nb::python_error();
    }
    drop_plain(self, name);
    if (find_child(module, name)) module.erase(text_of(name));
    put_parameter(self, name, registered(self, Registration::Parameter, name, value).ptr());
    return true;
  }
  nn::TensorSlot* slot = find_tensor(module, name);
  if (slot && slot->kind == Kind::Parameter) {
    if (value != Py_None)
      refuse(PyExc_TypeError, "cannot assign '%.200s' as parameter '%U' (torch.nn.Parameter or None expected)", value,
             name);
    *slot->value = {};
    return true;
  }
  if (is_module(value)) {
    const nn::ModuleRef child = ref_of(registered(self, Registration::Module, name, value).ptr());
    drop_plain(self, name);
    if (slot) module.erase(text_of(name));
    module.set_child(text_of(name), child);
    return true;
  }
  if (nn::ChildSlot* child = find_child(module, name)) {
    if (value != Py_None)
      refuse(PyExc_TypeError, "cannot assign '%.200s' as child module '%U' (torch.nn.Module or None expected)", value,
             name);
    const nn::ModuleRef dropped = std::exchange(child->module, nullptr);
    return true;
  }
  if (!slot || slot->kind != Kind::Buffer) {
    if (PyObject* persistent = tensor ? buffer_mark(value) : nullptr) {  // nn.Buffer
      drop_plain(self, name);
      if (slot) module.erase(text_of(name));
      const nb::object buffer = registered(self, Registration::Buffer, name, value);
      put_buffer(self, name, buffer.ptr(), persistent != Py_False);
      return true;
    }
  }
  if (!slot) return false;
  if (slot->kind != Kind::Buffer && is_property(self, name)) return false;
  if (slot->kind == Kind::Buffer) {
    if (value != Py_None && !tensor)
      refuse(PyExc_TypeError, "cannot assign '%.200s' as buffer '%U' (torch.nn.Buffer, torch.Tensor or None expected)",
             value, name);
    put_buffer(self, name, registered(self, Registration::Buffer, name, value).ptr(), slot->persistent);
    return true;
  }
  // the member of a layer whose registration was deleted: a tensor there is what the C++ forward uses
  const Tensor dropped = std::exchange(*slot->value, tensor ? tensor_of(value) : Tensor());
  slot->kind = tensor ? Kind::Plain : Kind::Absent;
  if (tensor) drop_plain(self, name);
  return tensor;
}

// A new forward, or a new class, which may have another one.
bool changes_forward(PyObject* name) {
  return PyUnicode_Compare(name, names.forward) == 0 || PyUnicode_CompareWithASCIIString(name, "__class__") == 0;
}

void set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  nn::Module* module = module_of(self);
  if (!module) {
    const bool parameter = is_tensor(value) && is_parameter(value);
    if (parameter || is_module(value)) {
      PyErr_Format(PyExc_AttributeError,
                   "cannot assign %s before Module.__init__() call: call super().__init__() first in %s.__init__",
                   parameter ? "parameters" : "module", Py_TYPE(self)->tp_name);
      throw nb::python_error();
    }
  } else if (assign_registered(self, *module, name, value)) {
    return;
  }
  if (PyObject_GenericSetAttr(self, name, value)) throw nb::python_error();
  if (module && changes_forward(name)) choose_forward(self);
}

void delete_attribute(PyObject* self, PyObject* name) {
  nn::Module* module = module_of(self);
  if (module && (find_tensor(*module, name) || find_child(*module, name)) && module->erase(text_of(name))) return;
  if (PyObject_GenericSetAttr(self, name, nullptr)) throw nb::python_error();
  if (module && changes_forward(name)) choose_forward(self);
}

}  // namespace

nn::TensorSlot* find_tensor(nn::Module& module, PyObject* name) { return find(module.tensor_slots(), name); }
nn::ChildSlot* find_child(nn::Module& module, PyObject* name) { return find(module.child_slots(), name); }

std::string text_of(PyObject* name) {
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(name, &size);
  if (!text) throw nb::python_error();
  return std::string(text, size_t(size));
}

PyObject* module_getattro(PyObject* self, PyObject* name) {
  if (_PyType_Lookup(Py_TYPE(self), name)) return PyObject_GenericGetAttr(self, name);  // properties win, as in PyTorch
  if (nn::Module* module = module_of(self)) {
    if (PyObject* value = table_value(*module, name)) return value;
    if (PyErr_Occurred()) return nullptr;
  }
  if (as_module(self)->dict) {
    if (PyObject* value = PyDict_GetItemWithError(as_module(self)->dict, name)) return Py_NewRef(value);
    if (PyErr_Occurred()) return nullptr;
  }
  return PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", short_name(Py_TYPE(self)), name);
}

PyObject* module_getattr(PyObject* self, PyObject* name) {
  if (nn::Module* module = module_of(self)) {
    if (PyObject* value = table_value(*module, name)) return value;
    if (PyErr_Occurred()) return nullptr;
  }
  return PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", short_name(Py_TYPE(self)), name);
}

int module_setattro(PyObject* self, PyObject* name, PyObject* value) {
  if (!PyUnicode_Check(name))
    return PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(name)->tp_name), -1;
  return guarded_int([&] { value ? set_attribute(self, name, value) : delete_attribute(self, name); });
}

void drop_plain(PyObject* self, PyObject* name) {
  PyObject* dict = as_module(self)->dict;
  if (!dict || PyDict_Contains(dict, name) != 1) return;
  if (PyDict_DelItem(dict, name)) throw nb::python_error();
}

void put_parameter(PyObject* self, PyObject* name, PyObject* value) {
  nn::Module& module = initialized(self);
  if (value == Py_None) {
    module.set_tensor(text_of(name), Kind::Parameter, {});
    return;
  }
  if (!is_tensor(value) || !is_parameter(value))
    refuse(PyExc_TypeError, "cannot assign '%.200s' object to parameter '%U' (torch.nn.Parameter or None required)",
           value, name);
  const Tensor& parameter = tensor_of(value);
  if (!parameter.is_leaf()) {
    PyErr_Format(PyExc_ValueError,
                 "Cannot assign non-leaf Tensor to parameter '%U'. Model parameters must be created explicitly. To "
                 "express '%U' as a "
                 "function of another Tensor, compute the value in the forward() method.",
                 name, name);
    throw nb::python_error();
  }
  module.set_tensor(text_of(name), Kind::Parameter, parameter);
}

void put_buffer(PyObject* self, PyObject* name, PyObject* value, bool persistent) {
  if (value != Py_None && !is_tensor(value))
    refuse(PyExc_TypeError, "cannot assign '%.200s' object to buffer '%U' (torch Tensor or None required)", value,
           name);
  initialized(self).set_tensor(text_of(name), Kind::Buffer, value == Py_None ? Tensor() : tensor_of(value), persistent);
}

void put_child(PyObject* self, PyObject* name, PyObject* value) {
  initialized(self).set_child(text_of(name), value == Py_None ? nn::ModuleRef() : ref_of(value));
}

}  // namespace lamina::python

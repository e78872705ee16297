#include "python/module_type.h"

#include <structmember.h>

#include <cstring>
#include <deque>

#include "python/errors.h"
#include "python/module_attributes.h"
#include "python/module_call.h"
#include "python/module_failure.h"
#include "python/module_hooks.h"
#include "python/tensor_type.h"

namespace lamina::python {

PyTypeObject* ModuleType;
ModuleNames names;

namespace {

std::deque<LayerType>& layer_types() {  // the first is Module itself
  static std::deque<LayerType> all;
  return all;
}

std::string class_name(const nn::Module& module) {
  return short_name(Py_TYPE(static_cast<PyObject*>(module.foreign_object())));
}

void adopt(PyObject* self, nn::Module* module) {
  as_module(self)->module = module;
  as_module(self)->layer = &layer_type_of(*module);
  module->foreign_name = class_name;
  module->set_foreign_object(self);
}

// ---- the life of an object -----------------------------------------------------------------------------------------

PyObject* module_new(PyTypeObject* type, PyObject*, PyObject*) {
  if (!(PyType_GetFlags(type) & Py_TPFLAGS_IS_ABSTRACT)) return type->tp_alloc(type, 0);
  static PyObject* const no_arguments = PyTuple_New(0);
  return PyBaseObject_Type.tp_new(type, no_arguments, nullptr);  // refuses abstract classes
}

int wrong_arguments(PyObject* self, PyObject* args, PyObject* keywords) {
  const char* name = short_name(Py_TYPE(self));
  if (keywords && PyDict_GET_SIZE(keywords)) {
    const nb::list given = nb::steal<nb::list>(PyDict_Keys(keywords));
    PyErr_Format(PyExc_TypeError, "%s.__init__() got an unexpected keyword argument '%S'", name,
                 nb::object(given[0]).ptr());
  } else {
    PyErr_Format(PyExc_TypeError, "%s.__init__() takes 1 positional argument but %zd were given", name,
                 PyTuple_GET_SIZE(args) + 1);
  }
  return -1;
}

// A second call (a diamond written by hand) starts again, as PyTorch's does.
int module_init(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_int([&] {
    const bool cooperative = nb::cast<bool>(nb::handle(self).attr("call_super_init"));
    if (!cooperative && (PyTuple_GET_SIZE(args) || (keywords && PyDict_GET_SIZE(keywords)))) {
      wrong_arguments(self, args, keywords);
      throw nb::python_error();
    }
    if (nn::Module* module = module_of(self)) {
      clear_tables(*module);
      module->training = true;
    } else {
      install(self, std::make_unique<nn::Module>());
    }
    if (!cooperative) return;
    const nb::object super =
        checked(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PySuper_Type), "OO", ModuleType, self));
    const nb::object init = super.attr("__init__");
    checked(PyObject_Call(init.ptr(), args, keywords));
  });
}

// Every strong edge of the C++ tables, each as often as it is counted. A child that Python has not seen is walked
// through when only this module holds it.
int traverse_tables(nn::Module& module, visitproc visit, void* arg) {
  for (const nn::ChildSlot& slot : module.child_slots()) {
    if (!slot.module) continue;
    if (auto* child = static_cast<PyObject*>(slot.module->foreign_object())) {
      Py_VISIT(child);
    } else if (slot.module->count() == 1) {
      if (const int result = traverse_tables(*slot.module, visit, arg)) return result;
    }
  }
  // A tensor's object is held once for all C++ handles together: it is ours alone when they are two, its own and this.
  for (const nn::TensorSlot& slot : module.tensor_slots())
    if (const TensorImpl* t = slot.value->impl(); t && t->foreign_object && t->count == 2)
      Py_VISIT(static_cast<PyObject*>(t->foreign_object));
  return 0;
}

int module_traverse(PyObject* self, visitproc visit, void* arg) {
  PyModule* o = as_module(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(o->dict);
  if (o->extras)
    for (PyObject* hooks : o->extras->hooks) Py_VISIT(hooks);
  return o->module ? traverse_tables(*o->module, visit, arg) : 0;
}

int module_clear(PyObject* self) {
  PyModule* o = as_module(self);
  Py_CLEAR(o->dict);
  if (o->extras)
    for (PyObject*& hooks : o->extras->hooks) Py_CLEAR(hooks);
  if (o->module) clear_tables(*o->module);
  return 0;
}

void module_dealloc(PyObject* self) {
  PyModule* o = as_module(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, module_dealloc)  // modules nested without end
      if (o->weak_references) PyObject_ClearWeakRefs(self);
  Py_CLEAR(o->dict);
  if (o->extras)
    for (PyObject*& hooks : o->extras->hooks) Py_CLEAR(hooks);
  delete std::exchange(o->extras, nullptr);
  delete std::exchange(o->module, nullptr);
  type->tp_free(self);
  Py_DECREF(type);
  Py_TRASHCAN_END
}

// ---- __setattr__, __delattr__, __getattr__ as methods: so that object.__setattr__(m, …) and super().__getattr__ work --

PyObject* method_setattr(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  if (count != 2) return PyErr_Format(PyExc_TypeError, "__setattr__ expected 2 arguments, got %zd", count);
  if (module_setattro(self, args[0], args[1])) return nullptr;
  Py_RETURN_NONE;
}

PyObject* method_delattr(PyObject* self, PyObject* name) {
  if (module_setattro(self, name, nullptr)) return nullptr;
  Py_RETURN_NONE;
}

// A class statement that finds __getattr__ in a base gets a slower slot for it; ours does the same without it, unless
// the class has written a __getattr__ of its own.
PyObject* method_init_subclass(PyObject* cls, PyObject* args, PyObject* keywords) {
  return guarded([&] {
    static PyObject* const getattr = PyUnicode_InternFromString("__getattr__");
    static PyObject* const getattribute = PyUnicode_InternFromString("__getattribute__");
    auto* type = reinterpret_cast<PyTypeObject*>(cls);
    if (_PyType_Lookup(type, getattr) == _PyType_Lookup(ModuleType, getattr) &&
        _PyType_Lookup(type, getattribute) == _PyType_Lookup(ModuleType, getattribute))
      type->tp_getattro = module_getattro;
    const nb::object super =
        checked(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PySuper_Type), "OO", ModuleType, cls));
    const nb::object next = super.attr("__init_subclass__");  // Generic and others hang on it
    return PyObject_Call(next.ptr(), args, keywords);
  });
}

PyMethodDef special_methods[] = {
    {"__setattr__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(method_setattr)), METH_FASTCALL, nullptr},
    {"__delattr__", method_delattr, METH_O, nullptr},
    {"__getattr__", module_getattr, METH_O, nullptr},
    {"__init_subclass__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(method_init_subclass)),
     METH_CLASS | METH_VARARGS | METH_KEYWORDS, nullptr},
};

PyMemberDef members[] = {{"__dictoffset__", T_PYSSIZET, offsetof(PyModule, dict), READONLY, nullptr},
                         {"__weaklistoffset__", T_PYSSIZET, offsetof(PyModule, weak_references), READONLY, nullptr},
                         {}};
PyGetSetDef dict_attribute[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr}, {}};

const char module_doc[] =
    "Base class of all neural network modules. Derive from it, make layers in __init__, and write forward:\n\n"
    "    class Net(nn.Module):\n"
    "        def __init__(self):\n"
    "            super().__init__()\n"
    "            self.fc = nn.Linear(4, 2)\n\n"
    "        def forward(self, x):\n"
    "            return self.fc(x)\n\n"
    "Parameters, buffers and modules assigned as attributes are registered. Source: torch.nn.Module.";

}  // namespace

const char* short_name(const PyTypeObject* type) {
  const char* dot = std::strrchr(type->tp_name, '.');
  return dot ? dot + 1 : type->tp_name;
}

nn::Module& initialized(PyObject* o) {
  if (nn::Module* module = module_of(o)) return *module;
  PyErr_Format(PyExc_AttributeError,
               "%s: Module.__init__() has not been called: call super().__init__() first in %s.__init__",
               short_name(Py_TYPE(o)), short_name(Py_TYPE(o)));
  throw nb::python_error();
}

nn::ModuleRef ref_of(PyObject* o) {
  if (!is_module(o)) {
    PyErr_Format(PyExc_TypeError, "%s is not a Module subclass", Py_TYPE(o)->tp_name);
    throw nb::python_error();
  }
  return nn::ModuleRef(&initialized(o));
}

PyObject* wrap(const nn::ModuleRef& module) {
  if (!module) Py_RETURN_NONE;
  if (void* object = module->foreign_object()) return Py_NewRef(static_cast<PyObject*>(object));
  PyTypeObject* type = layer_type_of(*module).type;
  PyObject* self = type->tp_alloc(type, 0);
  if (self) adopt(self, module.get());
  return self;
}

namespace {

// C++ parents still hold the module that a second __init__ has replaced: it calls the new one and shows its tensors.
void stand_in(nn::Module& before, nn::Module& now) {
  clear_tables(before);
  before.foreign_forward = call_python;
  before.tensor_slots().clear();
  for (nn::TensorSlot& slot : now.tensor_slots())
    before.tensor_slots().push_back(
        {.name = slot.name, .kind = slot.kind, .persistent = slot.persistent, .value = slot.value, .own = nullptr});
}

}  // namespace

void install(PyObject* self, std::unique_ptr<nn::Module> module) {
  if (nn::Module* before = std::exchange(as_module(self)->module, nullptr)) {
    stand_in(*before, *module);
    extras_of(self).replaced.emplace_back(before);
  }
  adopt(self, module.release());
  choose_forward(self);
}

void choose_forward(PyObject* self) {
  const PyModule* o = as_module(self);
  const bool own = o->extras || Py_TYPE(self)->tp_call != module_call ||
                   _PyType_Lookup(Py_TYPE(self), names.forward) != o->layer->forward ||
                   (o->dict && PyDict_Contains(o->dict, names.forward) == 1);
  o->module->foreign_forward = own ? call_python : nullptr;
}

void clear_tables(nn::Module& module) {
  // what these held goes last: its end may run Python code, which must find whole tables
  std::vector<Tensor> tensors;
  const std::vector<nn::ChildSlot> children = std::exchange(module.child_slots(), {});
  std::vector<nn::TensorSlot> slots = std::exchange(module.tensor_slots(), {});
  for (nn::TensorSlot& slot : slots) {
    tensors.push_back(std::exchange(*slot.value, {}));
    if (slot.own) continue;
    slot.kind = nn::TensorSlot::Kind::Absent;  // the layer's own member stays
    module.tensor_slots().push_back(std::move(slot));
  }
}

const LayerType& layer_type_of(const nn::Module& module) {
  if (const nn::Declaration* declaration = module.declaration())
    for (const LayerType& layer : layer_types())
      if (layer.declaration == declaration) return layer;
  const std::string name = module.name();
  for (const LayerType& layer : layer_types())
    if (layer.name == name) return layer;
  return layer_types()[0];
}

const LayerType& layer_type_of(PyTypeObject* type) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_mro); ++i)
    for (const LayerType& layer : layer_types())
      if (reinterpret_cast<PyObject*>(layer.type) == PyTuple_GET_ITEM(type->tp_mro, i)) return layer;
  return layer_types()[0];
}

PyTypeObject* new_layer_type(nb::module_& m, const char* name, const std::string& doc, initproc init,
                             const nn::Declaration* declaration, nn::Module* (*construct)(), PyTypeObject* base) {
  // without Py_TPFLAGS_HAVE_GC: flag, traverse and clear are inherited together
  PyType_Slot slots[] = {{Py_tp_init, reinterpret_cast<void*>(init)}, {Py_tp_doc, const_cast<char*>(doc.c_str())}, {}};
  const auto* full_name = new std::string(std::string("lamina.nn.") + name);  // the type keeps a pointer to it
  PyType_Spec spec{full_name->c_str(), sizeof(PyModule), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  const nb::object type =
      checked(PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(base ? base : ModuleType)));
  m.attr(name) = type;
  auto* result = reinterpret_cast<PyTypeObject*>(type.ptr());
  result->tp_getattro = module_getattro;
  layer_types().push_back({name, result, declaration, construct});
  return result;
}

void set_forward(PyTypeObject* type, nb::object forward, bool takes_one_tensor,
                 PyObject* (*call)(PyObject*, PyObject*)) {
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), "forward", forward);
  for (LayerType& layer : layer_types()) {
    if (layer.type != type) continue;
    layer.forward = takes_one_tensor ? forward.inc_ref().ptr() : nullptr;  // outlives a patched class
    layer.call = call;
  }
}

void create_module_type(nb::module_& m) {
  names = {PyUnicode_InternFromString("forward"), PyUnicode_InternFromString("train"),
           PyUnicode_InternFromString("reset_parameters"), PyUnicode_InternFromString("extra_repr")};
  PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(module_new)},
                         {Py_tp_init, reinterpret_cast<void*>(module_init)},
                         {Py_tp_dealloc, reinterpret_cast<void*>(module_dealloc)},
                         {Py_tp_traverse, reinterpret_cast<void*>(module_traverse)},
                         {Py_tp_clear, reinterpret_cast<void*>(module_clear)},
                         {Py_tp_call, reinterpret_cast<void*>(module_call)},
                         {Py_tp_getattro, reinterpret_cast<void*>(module_getattro)},
                         {Py_tp_members, members},
                         {Py_tp_getset, dict_attribute},
                         {Py_tp_doc, const_cast<char*>(module_doc)},
                         {}};
  PyType_Spec spec{"lamina.nn.Module", sizeof(PyModule), 0,
                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
  const nb::object type = checked(PyType_FromSpec(&spec));
  m.attr("Module") = type;
  ModuleType = reinterpret_cast<PyTypeObject*>(type.ptr());
  layer_types().push_back({"Module", ModuleType});
  type.attr("call_super_init") = false;
  type.attr("_version") = 1;
  for (PyMethodDef& def : special_methods) {
    PyObject* descriptor =
        def.ml_flags & METH_CLASS ? PyDescr_NewClassMethod(ModuleType, &def) : PyDescr_NewMethod(ModuleType, &def);
    nb::setattr(type, def.ml_name, checked(descriptor));
  }
  ModuleType->tp_getattro = module_getattro;  // setting __getattr__ had replaced it
  PyType_Modified(ModuleType);
  nn::Module::foreign_failed = note_foreign_failure;
}

}  // namespace lamina::python

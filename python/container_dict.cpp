// nn.ModuleDict in Python.
#include "lamina/core/text.h"
#include "lamina/nn/container.h"
#include "python/casters.h"
#include "python/containers.h"
#include "python/errors.h"
#include "python/module_attributes.h"

namespace lamina::python {

namespace {

void add(nb::handle self, nb::handle name, nb::handle module) { self.attr("add_module")(name, module); }

// From a mapping, or from an iterable of (name, module).
void update(nb::handle self, nb::handle modules) {
  if (nb::hasattr(modules, "keys")) {
    for (nb::handle name : modules.attr("keys")()) add(self, name, nb::object(modules[name]));
    return;
  }
  for (nb::handle entry : modules) {
    if (nb::len(entry) != 2)
      throw nb::value_error(
          str("ModuleDict update sequence element has length ", nb::len(entry), "; 2 is required").c_str());
    add(self, nb::object(entry[0]), nb::object(entry[1]));
  }
}

int initialize(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_int([&] {
    static const char* const names[] = {"modules", nullptr};
    PyObject* modules = nullptr;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:ModuleDict", const_cast<char**>(names), &modules))
      throw nb::python_error();
    install(self, std::make_unique<nn::ModuleDictImpl>());
    if (modules && modules != Py_None) update(self, modules);
  });
}

nn::ModuleRef find(Self self, nb::handle name) {
  if (const nn::ChildSlot* slot = PyUnicode_Check(name.ptr()) ? find_child(*self, name.ptr()) : nullptr)
    return slot->module;
  PyErr_SetObject(PyExc_KeyError, name.ptr());
  throw nb::python_error();
}

// dict.keys(), items() and values() of what is there now: views that iterate in order and answer `in`.
nb::object as_dict(Self self) {
  nb::dict out;
  for (const auto& [name, child] : entries_of(*self)) out[name.c_str()] = checked(wrap(child));
  return out;
}

nb::object pop(Self self, nb::object name) {
  const nn::ModuleRef child = find(self, name);
  self->erase(text_of(name.ptr()));
  return checked(wrap(child));
}

void remove(Self self, nb::object name) {
  find(self, name);
  self->erase(text_of(name.ptr()));
}

const char doc[] =
    "ModuleDict(modules=None)\n--\n\n"
    "Registered modules under names, in the order of insertion; used as a dictionary.\n\n"
    "Source: torch.nn.ModuleDict";

}  // namespace

void bind_module_dict(nb::module_& m) {
  using nb::arg;
  PyTypeObject* type =
      new_layer_type(m, "ModuleDict", doc, initialize, nullptr, []() -> nn::Module* { return new nn::ModuleDictImpl; });
  method(type, "__getitem__", [](Self self, nb::object name) { return checked(wrap(find(self, name))); });
  method(type, "__setitem__", [](Self self, nb::object name, nb::object module) { add(self, name, module); });
  method(type, "__delitem__", remove);
  method(type, "__len__", [](Self self) { return self->child_slots().size(); });
  method(type, "__iter__", [](Self self) { return nb::object(as_dict(self).attr("__iter__")()); });
  method(type, "__contains__",
         [](Self self, nb::object name) { return PyUnicode_Check(name.ptr()) && find_child(*self, name.ptr()); });
  method(type, "clear", [](Self self) { replace_children(*self, {}); }, "Removes all modules.");
  method(type, "pop", pop, "Removes a module and returns it.", arg("key"));
  method(type, "keys", [](Self self) { return nb::object(as_dict(self).attr("keys")()); }, "The names.");
  method(
      type, "items", [](Self self) { return nb::object(as_dict(self).attr("items")()); }, "The (name, module) pairs.");
  method(type, "values", [](Self self) { return nb::object(as_dict(self).attr("values")()); }, "The modules.");
  method(
      type, "update", [](Self self, nb::object modules) { update(self, modules); },
      "Adds the entries of a mapping or of an iterable of pairs.", arg("modules"));
}

}  // namespace lamina::python

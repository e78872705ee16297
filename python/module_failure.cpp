#include "python/module_failure.h"

#include "lamina/core/text.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

// The module in which it happened is remembered by address only: nothing is kept alive, and path_of compares addresses.
nb::object address_of(const nn::Module& module) {
  return checked(PyLong_FromVoidPtr(const_cast<nn::Module*>(&module)));
}
const nn::Module* module_at(nb::handle address) {
  return static_cast<const nn::Module*>(PyLong_AsVoidPtr(address.ptr()));
}

std::string name_of(const nn::Module& module) { return module.display_name(); }

std::string layer_text(const nn::Module& module) {
  std::string extra;
  if (auto* self = static_cast<PyObject*>(module.foreign_object()))
    extra = nb::cast<std::string>(nb::handle(self).attr("extra_repr")());
  else extra = module.extra_repr();
  return str(name_of(module), "(", extra, ")");
}

void describe_error(nb::handle e, const nn::Module& module) {
  const nn::Module* origin = module_at(e.attr("_origin"));
  std::string layer = nb::cast<std::string>(e.attr("layer")), path = nb::cast<std::string>(e.attr("path"));
  if (!origin) {  // this is the first module that it passes; a function may have named itself
    if (nb::cast<std::string>(e.attr("message")).empty()) e.attr("message") = nb::str(e);
    layer = layer.empty() ? layer_text(module) : str(layer_text(module), ": ", layer);
    e.attr("_origin") = address_of(module);
    e.attr("layer") = nb::str(layer.c_str());
  } else {
    const std::string below = origin == &module ? "?" : module.path_of(origin);
    if (below == "?") return;  // what is known already says more
    path = below;
    e.attr("path") = nb::str(path.c_str());
  }
  const std::string message = nb::cast<std::string>(nb::str(e.attr("message")));
  e.attr("args") = nb::make_tuple(path.empty() ? str(layer, ": ", message) : str(path, " (", layer, "): ", message));
}

nb::object attribute_or_none(nb::handle e, const char* name) {
  PyObject* value = PyObject_GenericGetAttr(e.ptr(), nb::str(name).ptr());  // whatever the class does with attributes
  if (!value) PyErr_Clear();
  return value ? nb::steal(value) : nb::none();
}

void set_attribute(nb::handle e, const char* name, nb::handle value) {
  if (PyObject_GenericSetAttr(e.ptr(), nb::str(name).ptr(), value.ptr())) throw nb::python_error();
}

void add_note(nb::handle e, const nn::Module& module) {
  const nb::object before =
      attribute_or_none(e, "_lamina_failure");  // (address of the module, its class's name, our note)
  nb::object origin = address_of(module), name = nb::str(name_of(module).c_str()), note_before = nb::none();
  std::string note = str("in ", name_of(module));
  if (PyTuple_Check(before.ptr())) {
    origin = before[0];
    name = before[1];
    note_before = before[2];
    const std::string path = module_at(origin) == &module ? "?" : module.path_of(module_at(origin));
    if (path == "?") return;
    note = str("in ", path, " (", nb::cast<std::string>(name), ") of ", name_of(module));
  }
  nb::object notes = attribute_or_none(e, "__notes__");
  if (!PyList_Check(notes.ptr())) {
    notes = nb::list();
    set_attribute(e, "__notes__", notes);
  }
  const nb::str text(note.c_str());
  nb::list list = nb::borrow<nb::list>(notes);
  bool replaced = false;
  for (size_t i = 0; i < nb::len(list) && !replaced; ++i)
    if (list[i].is(note_before)) list[i] = text, replaced = true;
  if (!replaced) list.append(text);
  set_attribute(e, "_lamina_failure", nb::make_tuple(origin, name, text));
}

void describe(PyObject* exception, const nn::Module& module) noexcept {
  try {
    if (!PyObject_TypeCheck(exception, reinterpret_cast<PyTypeObject*>(PyExc_Exception)))
      return;  // KeyboardInterrupt, …
    if (PyObject_TypeCheck(exception, reinterpret_cast<PyTypeObject*>(ErrorType))) describe_error(exception, module);
    else add_note(exception, module);
  } catch (...) {
    PyErr_Clear();  // the first error is the one that matters
  }
}

}  // namespace

void note_failure(nn::Module& module) noexcept {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (value && traceback) PyException_SetTraceback(value, traceback);
  if (value) describe(value, module);
  PyErr_Restore(type, value, traceback);
}

void note_foreign_failure(nn::Module& module) {
  try {
    throw;
  } catch (nb::python_error& e) {
    const nb::gil_scoped_acquire lock;
    describe(e.value().ptr(), module);
  } catch (...) {
  }
}

}  // namespace lamina::python

// repr as PyTorch prints it, and what a module is called.

#include <algorithm>

#include "lamina/core/text.h"
#include "python/errors.h"
#include "python/module_parts.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

std::string repr(Self self) {
  if (!module_of(self.object)) return str(short_name(Py_TYPE(self.object)), "() before Module.__init__()");
  const std::string name = nb::cast<std::string>(self.borrowed().attr("_get_name")());
  const std::string extra = nb::cast<std::string>(self.borrowed().attr("extra_repr")());
  std::string lines;
  const nn::NamedModules children = [&] {
    nn::NamedModules all;
    for (const nn::ChildSlot& slot : self->child_slots()) all.emplace_back(slot.name, slot.module);
    return all;
  }();
  for (const auto& [child, module] : children)
    lines += str("  (", child, "): ", indented(nb::cast<std::string>(nb::repr(checked(wrap(module))))), "\n");
  if (lines.empty() && extra.find('\n') == std::string::npos) return str(name, "(", extra, ")");
  return str(name, "(\n", extra.empty() ? "" : "  " + indented(extra) + "\n", lines, ")");
}

nb::list dir(Self self) {
  nb::set names;
  for (nb::handle name : nb::steal<nb::list>(PyObject_Dir(reinterpret_cast<PyObject*>(Py_TYPE(self.object)))))
    names.add(name);
  if (PyObject* dict = as_module(self.object)->dict)
    for (nb::handle name : nb::steal<nb::list>(PyDict_Keys(dict))) names.add(name);
  const auto add = [&](const std::string& name) {
    if (!name.empty() && !(name[0] >= '0' && name[0] <= '9')) names.add(nb::str(name.c_str()));
  };
  if (module_of(self.object)) {
    for (const nn::TensorSlot& slot : self->tensor_slots())
      if (slot.kind != nn::TensorSlot::Kind::Absent) add(slot.name);
    for (const nn::ChildSlot& slot : self->child_slots()) add(slot.name);
  }
  nb::list out(names);
  out.attr("sort")();
  return out;
}

}  // namespace

void bind_repr() {
  method(ModuleType, "_get_name", [](Self self) { return std::string(short_name(Py_TYPE(self.object))); });
  method(
      ModuleType, "extra_repr", [](Self self) { return self->extra_repr(); },
      "What repr shows between the parentheses; override it in your own class.");
  method(ModuleType, "__repr__", repr);
  method(ModuleType, "__dir__", dir);
}

}  // namespace lamina::python

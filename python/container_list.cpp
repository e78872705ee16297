// nn.ModuleList in Python.
#include <algorithm>

#include "lamina/core/text.h"
#include "lamina/nn/container.h"
#include "python/casters.h"
#include "python/containers.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

int initialize(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_int([&] {
    static const char* const names[] = {"modules", nullptr};
    PyObject* modules = nullptr;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:ModuleList", const_cast<char**>(names), &modules))
      throw nb::python_error();
    install(self, std::make_unique<nn::ModuleListImpl>());
    if (!modules || modules == Py_None) return;
    for (nb::handle child : nb::borrow(modules))
      module_of(self)->register_module(std::to_string(module_of(self)->child_slots().size()), ref_of(child.ptr()));
  });
}

nb::object get_item(Self self, nb::object index) {
  const std::vector<nn::ModuleRef> children = modules_of(*self);
  if (!PySlice_Check(index.ptr())) return checked(wrap(children[position(index, children.size(), "")]));
  const auto [start, stop, step, length] = nb::borrow<nb::slice>(index).compute(children.size());
  nb::list chosen;
  for (size_t i = 0; i < length; ++i) chosen.append(checked(wrap(children[size_t(start + Py_ssize_t(i) * step)])));
  return self.borrowed().type()(chosen);
}

nb::object joined(Self self, nb::object other) {
  nb::object out = nb::handle(reinterpret_cast<PyObject*>(layer_type_of(Py_TYPE(self.object)).type))();
  out.attr("extend")(self.borrowed());
  out.attr("extend")(other);
  return out;
}

// Neighbours that print alike are one line, as in PyTorch: "(0-5): 6 x Linear(…)".
std::string repr(Self self) {
  std::string lines;
  std::vector<std::string> texts;
  for (const nn::ModuleRef& child : modules_of(*self))
    texts.push_back(nb::cast<std::string>(nb::repr(checked(wrap(child)))));
  for (size_t from = 0; from < texts.size();) {
    size_t to = from + 1;
    while (to < texts.size() && texts[to] == texts[from]) ++to;
    std::string text = to - from == 1 ? str("(", from, "): ", texts[from])
                                      : str("(", from, "-", to - 1, "): ", to - from, " x ", texts[from]);
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3) text.insert(at + 1, "  ");
    lines += str("  ", text, "\n");
    from = to;
  }
  const std::string name = nb::cast<std::string>(self.borrowed().attr("_get_name")());
  return lines.empty() ? name + "()" : str(name, "(\n", lines, ")");
}

const char doc[] =
    "ModuleList(modules=None)\n--\n\n"
    "A list whose modules are registered: indexing, slicing, append, extend, insert, pop, iteration.\n\n"
    "Source: torch.nn.ModuleList";

}  // namespace

void bind_module_list(nb::module_& m) {
  PyTypeObject* type =
      new_layer_type(m, "ModuleList", doc, initialize, nullptr, []() -> nn::Module* { return new nn::ModuleListImpl; });
  bind_list_methods(type);
  method(type, "__getitem__", get_item);
  method(type, "__add__", joined);
  method(type, "__repr__", repr);
}

}  // namespace lamina::python

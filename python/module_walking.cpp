// parameters, buffers, children, modules, and their named forms: iterators over what C++ finds.

#include "python/errors.h"
#include "python/module_parts.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

nb::object iterator(const nb::list& list) { return checked(PyObject_GetIter(list.ptr())); }

template <class T>
nb::object pairs(const std::vector<std::pair<std::string, T>>& named) {
  nb::list out;
  for (const auto& [name, value] : named) out.append(nb::make_tuple(name.c_str(), checked(wrap(value))));
  return iterator(out);
}

template <class T>
nb::object values(const std::vector<std::pair<std::string, T>>& named) {
  nb::list out;
  for (const auto& entry : named) out.append(checked(wrap(entry.second)));
  return iterator(out);
}

// named_modules with a memo: a set of modules that were seen, which grows.
nb::object named_modules(Self self, nb::object memo, const std::string& prefix, bool remove_duplicate) {
  if (memo.is_none()) return pairs(self->named_modules(prefix, remove_duplicate));
  nb::list out;
  nb::set seen = nb::borrow<nb::set>(memo);
  for (const auto& [name, module] : self->named_modules(prefix, remove_duplicate)) {
    const nb::object object = checked(wrap(module));
    if (seen.contains(object)) continue;
    if (remove_duplicate) seen.add(object);
    out.append(nb::make_tuple(name.c_str(), object));
  }
  return iterator(out);
}

}  // namespace

void bind_walking() {
  using nb::arg;
  method(
      ModuleType, "parameters", [](Self self, bool recurse) { return values(self->named_parameters("", recurse)); },
      "An iterator over the parameters, each once; those of children too with `recurse`.", arg("recurse") = true);
  method(
      ModuleType, "named_parameters",
      [](Self self, const std::string& prefix, bool recurse, bool remove_duplicate) {
        return pairs(self->named_parameters(prefix, recurse, remove_duplicate));
      },
      "An iterator over (name, parameter).", arg("prefix") = "", arg("recurse") = true, arg("remove_duplicate") = true);
  method(
      ModuleType, "buffers", [](Self self, bool recurse) { return values(self->named_buffers("", recurse)); },
      "An iterator over the buffers, each once; those of children too with `recurse`.", arg("recurse") = true);
  method(
      ModuleType, "named_buffers",
      [](Self self, const std::string& prefix, bool recurse, bool remove_duplicate) {
        return pairs(self->named_buffers(prefix, recurse, remove_duplicate));
      },
      "An iterator over (name, buffer).", arg("prefix") = "", arg("recurse") = true, arg("remove_duplicate") = true);
  method(
      ModuleType, "children", [](Self self) { return values(self->named_children()); },
      "An iterator over the direct children, each once.");
  method(
      ModuleType, "named_children", [](Self self) { return pairs(self->named_children()); },
      "An iterator over (name, child).");
  method(
      ModuleType, "modules",
      [](Self self, bool remove_duplicate) { return values(self->named_modules("", remove_duplicate)); },
      "An iterator over this module and all below, each once.", arg("remove_duplicate") = true);
  method(ModuleType, "named_modules", named_modules, "An iterator over (path, module) for this module and all below.",
         arg("memo") = nb::none(), arg("prefix") = "", arg("remove_duplicate") = true);
}

}  // namespace lamina::python

#include "python/containers.h"

#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/casters.h"
#include "python/errors.h"

namespace lamina::python {

nn::NamedModules entries_of(nn::Module& module) {
  nn::NamedModules out;
  for (const nn::ChildSlot& slot : module.child_slots()) out.emplace_back(slot.name, slot.module);
  return out;
}

std::vector<nn::ModuleRef> modules_of(nn::Module& module) {
  std::vector<nn::ModuleRef> out;
  for (const nn::ChildSlot& slot : module.child_slots()) out.push_back(slot.module);
  return out;
}

void replace_children(nn::Module& module, const nn::NamedModules& children) {
  std::vector<nn::ChildSlot> slots;
  for (const auto& [name, child] : children) slots.push_back({.name = name, .module = child});
  std::swap(module.child_slots(), slots);  // what was there goes when the table is whole
}

void renumber(nn::Module& module, const std::vector<nn::ModuleRef>& children) {
  nn::NamedModules named;
  for (const nn::ModuleRef& child : children) named.emplace_back(std::to_string(named.size()), child);
  replace_children(module, named);
}

size_t position(nb::handle index, size_t size, const char* what) {
  const Py_ssize_t i = PyNumber_AsSsize_t(index.ptr(), PyExc_IndexError);
  if (i == -1 && PyErr_Occurred()) throw nb::python_error();
  const auto n = Py_ssize_t(size);
  if (i < -n || i >= n) throw nb::index_error(str("index ", i, " is out of range", what).c_str());
  return size_t(i < 0 ? i + n : i);
}

nb::object iterator_over(const std::vector<nn::ModuleRef>& modules) {
  nb::list out;
  for (const nn::ModuleRef& module : modules) out.append(checked(wrap(module)));
  return checked(PyObject_GetIter(out.ptr()));
}

namespace {

nb::object extend(Self self, nb::object modules) {
  for (nb::handle module : modules)
    self->register_module(std::to_string(self->child_slots().size()), ref_of(module.ptr()));
  return self.borrowed();
}

nb::object insert(Self self, Py_ssize_t index, nb::object module) {
  std::vector<nn::ModuleRef> children = modules_of(*self);
  const auto n = Py_ssize_t(children.size());
  if (index < 0) index = std::max<Py_ssize_t>(0, index + n);
  children.insert(children.begin() + std::min(index, n), ref_of(module.ptr()));
  renumber(*self, children);
  return self.borrowed();
}

void remove(Self self, nb::object index) {
  std::vector<nn::ModuleRef> children = modules_of(*self);
  if (PySlice_Check(index.ptr())) {
    const auto [start, stop, step, length] = nb::borrow<nb::slice>(index).compute(children.size());
    std::vector<bool> dropped(children.size());
    for (size_t i = 0; i < length; ++i) dropped[size_t(start + Py_ssize_t(i) * step)] = true;
    std::vector<nn::ModuleRef> kept;
    for (size_t i = 0; i < children.size(); ++i)
      if (!dropped[i]) kept.push_back(children[i]);
    children = kept;
  } else {
    children.erase(children.begin() + Py_ssize_t(position(index, children.size(), "")));
  }
  renumber(*self, children);
}

void set_item(Self self, nb::object index, nb::object module) {
  std::vector<nn::ChildSlot>& slots = self->child_slots();
  const size_t i = position(index, slots.size(), "");
  const nn::ModuleRef before = std::exchange(slots[i].module, ref_of(module.ptr()));
}

nb::object pop(Self self, nb::object index) {
  const nn::ModuleRef child = self->child_slots()[position(index, self->child_slots().size(), "")].module;
  remove(self, index);
  return checked(wrap(child));
}

}  // namespace

void bind_list_methods(PyTypeObject* type) {
  using nb::arg;
  method(type, "__len__", [](Self self) { return self->child_slots().size(); });
  method(type, "__iter__", [](Self self) { return iterator_over(modules_of(*self)); });
  method(type, "__setitem__", set_item);
  method(type, "__delitem__", remove);
  method(
      type, "append", [](Self self, nb::object module) { return extend(self, nb::make_tuple(module)); },
      "Adds a module at the end.", arg("module"));
  method(type, "extend", extend, "Adds the modules of a sequence at the end.", arg("modules"));
  method(type, "__iadd__", extend);
  method(type, "insert", insert, "Puts a module before a position.", arg("index"), arg("module"));
  method(type, "pop", pop, "Removes the module at a position and returns it.", arg("key") = -1);
}

void bind_containers(nb::module_& m) {
  bind_sequential(m);
  bind_module_list(m);
  bind_module_dict(m);
}

}  // namespace lamina::python

#include "lamina/nn/container.h"

#include "lamina/core/text.h"

namespace lamina::nn {

Tensor SequentialImpl::forward(const Tensor& input) {
  Tensor x = input;
  for (size_t i = 0; i < child_slots().size(); ++i) {  // by position: a child may change the container
    const ModuleRef child = child_slots()[i].module;
    if (!child) throw Error(str("Sequential: child ", child_slots()[i].name, " is None"));
    x = (*child)(x);
  }
  return x;
}

void SequentialImpl::push_back(ModuleRef module) { register_module(std::to_string(size()), std::move(module)); }

namespace {
ModuleRef child_at(const Module& module, int64_t index) {
  const auto n = int64_t(module.child_slots().size());
  if (index < -n || index >= n)
    throw IndexError(str("index ", index, " is out of range for ", module.name(), " of ", n, " modules"));
  return module.child_slots()[size_t(index < 0 ? index + n : index)].module;
}
}  // namespace

ModuleRef SequentialImpl::operator[](int64_t index) const { return child_at(*this, index); }
ModuleRef ModuleListImpl::operator[](int64_t index) const { return child_at(*this, index); }

ModuleRef ModuleDictImpl::operator[](const std::string& name) {
  if (const ChildSlot* slot = find_child(name)) return slot->module;
  throw KeyError(str("ModuleDict has no module named '", name, "'"));
}

}  // namespace lamina::nn

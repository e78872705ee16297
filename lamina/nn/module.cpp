#include "lamina/nn/module.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <typeinfo>
#include <unordered_set>

#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/nn/declaration.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

namespace {

// "GatedResidual" of a class mine::GatedResidualImpl
std::string class_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                    std::free);
  std::string name = status == 0 ? text.get() : "Module";
  const size_t scope = name.substr(0, name.find('<')).rfind("::");
  if (scope != std::string::npos) name.erase(0, scope + 2);
  return name.ends_with("Impl") ? name.substr(0, name.size() - 4) : name;
}

}  // namespace

std::string Module::name() const { return declaration() ? declaration()->name : class_name(typeid(*this)); }
std::string Module::extra_repr() const { return declaration() ? declaration()->extra_repr(*this) : ""; }

Tensor Module::forward(const Tensor&) {
  throw NotImplementedError(str("Module [", display_name(), "] is missing the required \"forward\" function"),
                            "Override forward in your class");
}

Tensor Module::operator()(const Tensor& input) {
  try {
    auto* const foreign = foreign_forward ? foreign_forward : foreign_forward_of_all;
    if (!hooks_) return foreign ? foreign(*this, input) : forward(input);
    HookedCall call(*this, input);
    try {
      Tensor y = foreign ? foreign(*this, call.input()) : forward(call.input());
      call.finish(y);
      return y;
    } catch (...) {
      call.fail();
      throw;
    }
  } catch (Error& e) {
    note_failure(e);
    throw;
  } catch (...) {
    if (foreign_failed) foreign_failed(*this);
    throw;
  }
}

void Module::note_failure(Error& e) const {
  if (!e.origin()) return e.in_layer(str(display_name(), "(", extra_repr(), ")"), this);
  const auto* failed = static_cast<const Module*>(e.origin());
  if (failed != this) e.set_path(path_of(failed));
}

// ---- registration --------------------------------------------------------------------------------------------------

namespace {
void check_name(const std::string& name, const char* kind) {
  if (name.empty()) throw KeyError(str(kind, " name can't be empty string \"\""));
  if (name.find('.') != std::string::npos) throw KeyError(str(kind, " name can't contain \".\", got: ", name));
}
}  // namespace

TensorSlot* Module::find_tensor(const std::string& name) {
  for (TensorSlot& slot : tensors_)
    if (slot.name == name) return &slot;
  return nullptr;
}

ChildSlot* Module::find_child(const std::string& name) {
  for (ChildSlot& slot : children_)
    if (slot.name == name) return &slot;
  return nullptr;
}

TensorSlot& Module::set_tensor(const std::string& name, TensorSlot::Kind kind, Tensor value, bool persistent) {
  TensorSlot* slot = find_tensor(name);
  if (!slot) {
    TensorSlot fresh{
        .name = name, .kind = kind, .persistent = persistent, .value = nullptr, .own = std::make_unique<Tensor>()};
    fresh.value = fresh.own.get();
    tensors_.push_back(std::move(fresh));
    slot = &tensors_.back();
  } else if (slot->kind != kind) {  // registered anew: it comes last in its kind's order
    const auto at = tensors_.begin() + (slot - tensors_.data());
    std::rotate(at, at + 1, tensors_.end());
    slot = &tensors_.back();
  }
  slot->kind = kind;
  slot->persistent = persistent;
  *slot->value = std::move(value);
  return *slot;
}

void Module::set_child(const std::string& name, ModuleRef child) {
  if (ChildSlot* slot = find_child(name)) slot->module = std::move(child);
  else children_.push_back({.name = name, .module = std::move(child)});
}

bool Module::erase(const std::string& name) {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].name != name || tensors_[i].kind == TensorSlot::Kind::Absent) continue;
    const Tensor dropped =
        std::exchange(*tensors_[i].value, {});  // its end may run foreign code: the table is whole by then
    if (tensors_[i].own) tensors_.erase(tensors_.begin() + int64_t(i));
    else tensors_[i].kind = TensorSlot::Kind::Absent;
    return true;
  }
  for (size_t i = 0; i < children_.size(); ++i) {
    if (children_[i].name != name) continue;
    const ModuleRef dropped = std::move(children_[i].module);
    children_.erase(children_.begin() + int64_t(i));
    return true;
  }
  return false;
}

namespace {
Tensor as_parameter(Tensor value, bool requires_grad) {
  if (!value.defined()) return value;
  if (!value.is_leaf())
    throw Error("Cannot assign non-leaf Tensor to parameter",
                "Detach it first: model parameters are leaves of the graph");
  value->is_parameter = true;
  if (requires_grad) value.requires_grad_();
  return value;
}
}  // namespace

Tensor& Module::register_parameter(const std::string& name, Tensor value, bool requires_grad) {
  check_name(name, "parameter");
  return *set_tensor(name, TensorSlot::Kind::Parameter, as_parameter(std::move(value), requires_grad)).value;
}

Tensor& Module::register_buffer(const std::string& name, Tensor value, bool persistent) {
  check_name(name, "buffer");
  return *set_tensor(name, TensorSlot::Kind::Buffer, std::move(value), persistent).value;
}

void Module::bind_parameter(const std::string& name, Tensor& member, Tensor value) {
  member = as_parameter(std::move(value), true);
  tensors_.push_back({.name = name, .kind = TensorSlot::Kind::Parameter, .value = &member, .own = nullptr});
}

void Module::bind_buffer(const std::string& name, Tensor& member, Tensor value, bool persistent) {
  member = std::move(value);
  tensors_.push_back(
      {.name = name, .kind = TensorSlot::Kind::Buffer, .persistent = persistent, .value = &member, .own = nullptr});
}

ModuleRef Module::register_module(const std::string& name, ModuleRef child) {
  check_name(name, "module");
  set_child(name, child);
  return child;
}

// ---- walking -------------------------------------------------------------------------------------------------------

namespace {
std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

using Seen = std::unordered_set<const Module*>;
template <class F>
void walk_modules(const Module& module, const std::string& prefix, Seen* seen, F&& f) {
  if (seen && !seen->insert(&module).second) return;
  f(prefix, module);
  for (const ChildSlot& child : module.child_slots())
    if (child.module) walk_modules(*child.module, join(prefix, child.name), seen, f);
}

NamedTensors named_tensors(const Module& root, TensorSlot::Kind kind, const std::string& prefix, bool recurse,
                           bool remove_duplicate) {
  NamedTensors out;
  std::unordered_set<TensorImpl*> seen;
  const auto collect = [&](const std::string& path, const Module& module) {
    for (const TensorSlot& slot : module.tensor_slots())
      if (slot.kind == kind && slot.value->defined() && (!remove_duplicate || seen.insert(slot.value->impl()).second))
        out.emplace_back(join(path, slot.name), *slot.value);
  };
  if (!recurse) {
    collect(prefix, root);
  } else {
    Seen modules;
    walk_modules(root, prefix, remove_duplicate ? &modules : nullptr, collect);
  }
  return out;
}

template <class T>
std::vector<T> values_of(const std::vector<std::pair<std::string, T>>& named) {
  std::vector<T> out;
  out.reserve(named.size());
  for (const auto& entry : named) out.push_back(entry.second);
  return out;
}
}  // namespace

NamedTensors Module::named_parameters(const std::string& prefix, bool recurse, bool remove_duplicate) const {
  return named_tensors(*this, TensorSlot::Kind::Parameter, prefix, recurse, remove_duplicate);
}
NamedTensors Module::named_buffers(const std::string& prefix, bool recurse, bool remove_duplicate) const {
  return named_tensors(*this, TensorSlot::Kind::Buffer, prefix, recurse, remove_duplicate);
}
std::vector<Tensor> Module::parameters(bool recurse) const { return values_of(named_parameters("", recurse)); }
std::vector<Tensor> Module::buffers(bool recurse) const { return values_of(named_buffers("", recurse)); }

NamedModules Module::named_children() const {
  NamedModules out;
  Seen seen;
  for (const ChildSlot& child : children_)
    if (child.module && seen.insert(child.module.get()).second) out.emplace_back(child.name, child.module);
  return out;
}
std::vector<ModuleRef> Module::children() const { return values_of(named_children()); }

NamedModules Module::named_modules(const std::string& prefix, bool remove_duplicate) const {
  NamedModules out;
  Seen seen;
  walk_modules(*this, prefix, remove_duplicate ? &seen : nullptr, [&](const std::string& path, const Module& m) {
    out.emplace_back(path, ModuleRef(const_cast<Module*>(&m)));
  });
  return out;
}
std::vector<ModuleRef> Module::modules() const { return values_of(named_modules()); }

void Module::walk(const std::function<void(const std::string&, Module&)>& f, const std::string& prefix) {
  Seen seen;
  walk_modules(*this, prefix, &seen,
               [&](const std::string& path, const Module& m) { f(path, const_cast<Module&>(m)); });
}

std::string Module::path_of(const Module* module) const {
  std::string found = "?";
  Seen seen;
  walk_modules(*this, "", &seen, [&](const std::string& path, const Module& m) {
    if (&m == module) found = path;
  });
  return found;
}

namespace {
// "encoder.0.weight" as ("encoder.0", "weight")
std::pair<std::string, std::string> split_path(const std::string& target) {
  const size_t dot = target.rfind('.');
  if (dot == std::string::npos) return {"", target};
  return {target.substr(0, dot), target.substr(dot + 1)};
}

Tensor tensor_at(const Module& root, const std::string& target, TensorSlot::Kind kind, const char* what) {
  const auto [path, name] = split_path(target);
  const ModuleRef module = root.get_submodule(path);
  const TensorSlot* slot = module->find_tensor(name);
  if (!slot || slot->kind != kind) throw KeyError(str(module->display_name(), " has no ", what, " `", name, "`"));
  return *slot->value;
}
}  // namespace

ModuleRef Module::get_submodule(const std::string& target) const {
  ModuleRef at(const_cast<Module*>(this));
  for (size_t from = 0; from <= target.size() && !target.empty();) {
    const size_t dot = std::min(target.find('.', from), target.size());
    const std::string name = target.substr(from, dot - from);
    const ChildSlot* slot = at->find_child(name);
    if (!slot || !slot->module)
      throw KeyError(str(at->display_name(), " has no submodule `", name, "` (of the path \"", target, "\")"));
    at = slot->module;
    from = dot + 1;
  }
  return at;
}

Tensor Module::get_parameter(const std::string& target) const {
  return tensor_at(*this, target, TensorSlot::Kind::Parameter, "parameter");
}
Tensor Module::get_buffer(const std::string& target) const {
  return tensor_at(*this, target, TensorSlot::Kind::Buffer, "buffer");
}

void Module::set_submodule(const std::string& target, ModuleRef module, bool strict) {
  if (target.empty()) throw OptionError("Cannot set the submodule without a target name!");
  const auto [path, name] = split_path(target);
  const ModuleRef parent = get_submodule(path);
  if (strict && !parent->find_child(name))
    throw KeyError(str(parent->display_name(), " has no submodule `", name, "`"));
  parent->set_child(name, std::move(module));
}

Module& Module::apply(const std::function<void(Module&)>& f) {
  for (const ModuleRef& child : children()) child->apply(f);
  f(*this);
  return *this;
}

// ---- modes ---------------------------------------------------------------------------------------------------------

Module& Module::train(bool on) {
  walk([on](const std::string&, Module& m) { m.training = on; });
  return *this;
}

Module& Module::requires_grad_(bool on) {
  for (Tensor& p : parameters()) p.requires_grad_(on);
  return *this;
}

void Module::zero_grad(bool set_to_none) {
  for (const Tensor& p : parameters()) {
    if (!p.grad().defined()) continue;
    p.set_grad(set_to_none ? Tensor() : ops::zeros_like(p));
  }
}

Module& Module::to(DType dtype) {
  if (!is_floating_point(dtype))
    throw DTypeError(
        str("nn.Module.to only accepts floating point dtypes, but got desired dtype=torch.", lamina::name(dtype)));
  const NoGradGuard guard;
  walk([dtype](const std::string&, Module& m) {
    for (TensorSlot& slot : m.tensors_)
      if (slot.value->defined() && slot.value->is_floating_point() && slot.value->dtype() != dtype)
        slot.value->assign_values(ops::to(*slot.value, dtype));
  });
  return *this;
}

// ---- repr ----------------------------------------------------------------------------------------------------------

namespace {
std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}
}  // namespace

std::string Module::repr() const {
  const std::string extra = extra_repr();
  std::string lines;
  for (const ChildSlot& child : children_)
    lines += str("  (", child.name, "): ", child.module ? indented(child.module->repr()) : "None", "\n");
  if (lines.empty()) return str(display_name(), "(", extra, ")");
  return str(display_name(), "(\n", extra.empty() ? "" : "  " + indented(extra) + "\n", lines, ")");
}

std::ostream& operator<<(std::ostream& out, const Module& module) { return out << module.repr(); }

// ---- hooks ---------------------------------------------------------------------------------------------------------

namespace {
template <class F>
int64_t add_hook(std::unique_ptr<ModuleHooks>& hooks, ModuleHooks::List<F> ModuleHooks::* list, F hook,
                 HookOptions options = {}) {
  if (!hooks) hooks = std::make_unique<ModuleHooks>();
  return hooks->add(list, std::move(hook), options);
}
}  // namespace

int64_t Module::register_forward_pre_hook(ForwardPreHook hook, HookOptions options) {
  return add_hook(hooks_, &ModuleHooks::forward_pre, std::move(hook), options);
}
int64_t Module::register_forward_hook(ForwardHook hook, HookOptions options) {
  return add_hook(hooks_, &ModuleHooks::forward, std::move(hook), options);
}
int64_t Module::register_full_backward_pre_hook(BackwardPreHook hook, HookOptions options) {
  return add_hook(hooks_, &ModuleHooks::backward_pre, std::move(hook), options);
}
int64_t Module::register_full_backward_hook(BackwardHook hook, HookOptions options) {
  return add_hook(hooks_, &ModuleHooks::backward, std::move(hook), options);
}
int64_t Module::register_state_dict_pre_hook(StateDictPreHook hook) {
  return add_hook(hooks_, &ModuleHooks::state_dict_pre, std::move(hook));
}
int64_t Module::register_state_dict_post_hook(StateDictHook hook) {
  return add_hook(hooks_, &ModuleHooks::state_dict_post, std::move(hook));
}
int64_t Module::register_load_state_dict_pre_hook(StateDictHook hook) {
  return add_hook(hooks_, &ModuleHooks::load_state_dict_pre, std::move(hook));
}
int64_t Module::register_load_state_dict_post_hook(LoadStateDictPostHook hook) {
  return add_hook(hooks_, &ModuleHooks::load_state_dict_post, std::move(hook));
}

bool Module::remove_hook(int64_t id) { return hooks_ && hooks_->remove(id); }

}  // namespace lamina::nn

// Module's state_dict and load_state_dict.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/nn/module.h"
#include "lamina/nn/state.h"
#include "lamina/ops/copy.h"

namespace lamina::nn {

namespace {
// Parameters, then buffers: what state_dict has of the module itself.
template <class F>
void each_own_tensor(const Module& module, F&& f) {
  for (const auto kind : {TensorSlot::Kind::Parameter, TensorSlot::Kind::Buffer})
    for (const TensorSlot& slot : module.tensor_slots())
      if (slot.kind == kind && slot.persistent && slot.value->defined()) f(slot);
}

std::string listed(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += str(out.empty() ? "\"" : ", \"", key, "\"");
  return out;
}

// The likely reason why keys do not match, for the message.
std::string likely_fix(const IncompatibleKeys& keys) {
  if (keys.missing_keys.empty() || keys.unexpected_keys.empty()) return "";
  const std::unordered_set<std::string> missing(keys.missing_keys.begin(), keys.missing_keys.end());
  const auto all = [&](auto&& renamed) {
    return std::all_of(keys.unexpected_keys.begin(), keys.unexpected_keys.end(),
                       [&](const std::string& k) { return missing.contains(renamed(k)); });
  };
  const size_t dot = keys.unexpected_keys[0].find('.');
  if (dot == std::string::npos) return "";
  const std::string prefix = keys.unexpected_keys[0].substr(0, dot + 1);
  if (all([&](const std::string& k) { return k.starts_with(prefix) ? k.substr(prefix.size()) : std::string(); }))
    return str("\n\tEvery unexpected key starts with \"", prefix, "\"",
               prefix == "module." ? " (saved under DataParallel)" : "", ": load {key.removeprefix(\"", prefix,
               "\"): value …} instead.");
  return "";
}
}  // namespace

std::string misfit(const std::string& key, const Tensor& own, const Tensor& from) {
  if (from.shape() == own.shape()) return "";
  if (from.shape() == Shape{1} && own.rank() == 0) return "";  // from before PyTorch 0.4
  const bool transposed =
      from.rank() == 2 && own.rank() == 2 && from.size(0) == own.size(1) && from.size(1) == own.size(0);
  return str("size mismatch for ", key, ": copying a param with shape torch.Size(", from.shape().list_text(),
             ") from checkpoint, the shape in current model is torch.Size(", own.shape().list_text(), ").",
             transposed ? " Is it transposed? Load it with .t()." : "");
}

void load_values(const Tensor& own, const Tensor& from) {
  const NoGradGuard guard;
  ops::copy_values(own, from);
  own.bump_version();
}

bool may_be_missing(const TensorSlot& slot) {
  return slot.kind == TensorSlot::Kind::Buffer && slot.name == "num_batches_tracked";
}

std::string load_problems(const std::string& module, const IncompatibleKeys& keys, std::vector<std::string> problems,
                          bool strict) {
  if (strict && !keys.unexpected_keys.empty())
    problems.insert(problems.begin(), str("Unexpected key(s) in state_dict: ", listed(keys.unexpected_keys), ". "));
  if (strict && !keys.missing_keys.empty())
    problems.insert(problems.begin(), str("Missing key(s) in state_dict: ", listed(keys.missing_keys), ". "));
  if (problems.empty()) return "";
  std::string message = str("Error(s) in loading state_dict for ", module, ":");
  for (const std::string& problem : problems) message += "\n\t" + problem;
  return message + (strict ? likely_fix(keys) : "");
}

namespace {
void save(Module& module, NamedTensors& out, const std::string& prefix) {
  const ModuleHooks* hooks = module.hooks();
  if (hooks)
    for (const auto& hook : ModuleHooks::List<StateDictPreHook>(hooks->state_dict_pre)) hook.call(module, prefix);
  each_own_tensor(module, [&](const TensorSlot& slot) { out.emplace_back(prefix + slot.name, slot.value->detach()); });
  for (const ChildSlot& child : module.child_slots())
    if (child.module) save(*child.module, out, prefix + child.name + ".");
  if (hooks)
    for (const auto& hook : ModuleHooks::List<StateDictHook>(hooks->state_dict_post)) hook.call(module, out, prefix);
}

// f(module, prefix) for every module, a shared one under each of its names.
template <class F>
void each_module(Module& module, const std::string& prefix, F&& f) {
  f(module, prefix);
  for (const ChildSlot& child : module.child_slots())
    if (child.module) each_module(*child.module, prefix + child.name + ".", f);
}

void run_load_post_hooks(Module& module, IncompatibleKeys& keys) {
  for (const ChildSlot& child : module.child_slots())
    if (child.module) run_load_post_hooks(*child.module, keys);
  if (module.hooks())
    for (const auto& hook : ModuleHooks::List<LoadStateDictPostHook>(module.hooks()->load_state_dict_post))
      hook.call(module, keys);
}

struct Copy {
  Tensor own;
  const Tensor* from;
  bool takes_shape;
};
}  // namespace

NamedTensors Module::state_dict(const std::string& prefix) const {
  NamedTensors out;
  save(const_cast<Module&>(*this), out, prefix);
  return out;
}

IncompatibleKeys Module::load_state_dict(const NamedTensors& given, bool strict) {
  NamedTensors state = given;  // a copy: hooks may change it
  each_module(*this, "", [&](Module& module, const std::string& prefix) {
    if (module.hooks())
      for (const auto& hook : ModuleHooks::List<StateDictHook>(module.hooks()->load_state_dict_pre))
        hook.call(module, state, prefix);
  });
  std::unordered_map<std::string, const Tensor*> found;
  for (const auto& [key, tensor] : state) found[key] = &tensor;
  IncompatibleKeys keys;
  std::vector<std::string> problems;
  std::vector<Copy> copies;
  std::unordered_set<std::string> known;
  each_module(*this, "", [&](Module& module, const std::string& prefix) {
    each_own_tensor(module, [&](const TensorSlot& slot) {
      const std::string key = prefix + slot.name;
      known.insert(key);
      const auto at = found.find(key);
      if (at == found.end()) {
        if (!may_be_missing(slot)) keys.missing_keys.push_back(key);
        return;
      }
      const bool open = module.has_uninitialized_params();
      const std::string problem = open ? "" : misfit(key, *slot.value, *at->second);
      if (problem.empty()) copies.push_back({*slot.value, at->second, open});
      else problems.push_back(problem);
    });
  });
  for (const auto& entry : state)
    if (!known.contains(entry.first)) keys.unexpected_keys.push_back(entry.first);
  run_load_post_hooks(*this, keys);
  const std::string message = load_problems(display_name(), keys, std::move(problems), strict);
  if (!message.empty()) throw LoadError(message);
  for (const Copy& copy : copies) {  // all or nothing
    if (copy.takes_shape) copy.own.assign_values(empty(copy.from->shape(), copy.own.dtype()));
    load_values(copy.own, *copy.from);
  }
  return keys;
}

}  // namespace lamina::nn

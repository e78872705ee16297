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
template <class F>
void each_state_tensor(const Module& module, const std::string& prefix,
                       F&& f) {  // a shared module appears under each name
  for (const auto kind : {TensorSlot::Kind::Parameter, TensorSlot::Kind::Buffer})
    for (const TensorSlot& slot : module.tensor_slots())
      if (slot.kind == kind && slot.persistent && slot.value->defined()) f(prefix + slot.name, slot);
  for (const ChildSlot& child : module.child_slots())
    if (child.module) each_state_tensor(*child.module, prefix + child.name + ".", f);
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

NamedTensors Module::state_dict(const std::string& prefix) const {
  NamedTensors out;
  each_state_tensor(*this, prefix, [&](const std::string& key, const TensorSlot& slot) {
    out.emplace_back(key, slot.value->detach());
  });
  return out;
}

IncompatibleKeys Module::load_state_dict(const NamedTensors& state, bool strict) {
  std::unordered_map<std::string, const Tensor*> given;
  for (const auto& [key, tensor] : state) given[key] = &tensor;
  IncompatibleKeys keys;
  std::vector<std::string> problems;
  std::vector<std::pair<Tensor, const Tensor*>> copies;
  std::unordered_set<std::string> known;
  each_state_tensor(*this, "", [&](const std::string& key, const TensorSlot& slot) {
    known.insert(key);
    const auto at = given.find(key);
    if (at == given.end()) {
      if (!may_be_missing(slot)) keys.missing_keys.push_back(key);
      return;
    }
    const std::string problem = misfit(key, *slot.value, *at->second);
    if (problem.empty()) copies.emplace_back(*slot.value, at->second);
    else problems.push_back(problem);
  });
  for (const auto& entry : state)
    if (!known.contains(entry.first)) keys.unexpected_keys.push_back(entry.first);
  const std::string message = load_problems(display_name(), keys, std::move(problems), strict);
  if (!message.empty()) throw LoadError(message);
  for (auto& [own, from] : copies) load_values(own, *from);  // all or nothing
  return keys;
}

}  // namespace lamina::nn

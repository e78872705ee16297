// Containers: Sequential runs its children one after another; ModuleList and ModuleDict hold them.
//   nn::Sequential net{nn::Linear(784, 64), nn::ReLU(), nn::Linear(64, 10)};
// Write braces: C++ then makes the layers from first to last, as Python does, and a seed gives the same weights. Between
// parentheses their order is the compiler's choice.
#pragma once
#include "lamina/nn/module.h"

namespace lamina::nn {

/// Calls its children in order, each with the output of the one before. Without children it returns its input.
/// Source: torch.nn.Sequential.
class SequentialImpl : public Module {
 public:
  std::string name() const override { return "Sequential"; }
  Tensor forward(const Tensor& input) override;
  void push_back(ModuleRef module);  // named by its position
  void push_back(const std::string& name, ModuleRef module) { register_module(name, std::move(module)); }
  size_t size() const { return child_slots().size(); }
  /// The child at a position; negative ones count from the end. IndexError outside.
  ModuleRef operator[](int64_t index) const;
};

class Sequential : public ModuleHolder<SequentialImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Sequential() : ModuleHolder(std::in_place) {}
  template <class... M>
    requires(sizeof...(M) > 0 && (std::is_convertible_v<const M&, ModuleRef> && ...))
  explicit Sequential(const M&... modules) : Sequential() {
    ((*this)->push_back(ModuleRef(modules)), ...);
  }
};

/// A list of modules that its owner calls; it has no forward of its own. Source: torch.nn.ModuleList.
class ModuleListImpl : public Module {
 public:
  std::string name() const override { return "ModuleList"; }
  void push_back(ModuleRef module) { register_module(std::to_string(size()), std::move(module)); }
  size_t size() const { return child_slots().size(); }
  /// The child at a position; negative ones count from the end. IndexError outside.
  ModuleRef operator[](int64_t index) const;
};

class ModuleList : public ModuleHolder<ModuleListImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  ModuleList() : ModuleHolder(std::in_place) {}
};

/// Modules under names, in the order of insertion; it has no forward of its own. Source: torch.nn.ModuleDict.
class ModuleDictImpl : public Module {
 public:
  std::string name() const override { return "ModuleDict"; }
  void insert(const std::string& name, ModuleRef module) { register_module(name, std::move(module)); }
  size_t size() const { return child_slots().size(); }
  bool contains(const std::string& name) { return find_child(name) != nullptr; }
  /// KeyError when there is none of that name.
  ModuleRef operator[](const std::string& name);
};

class ModuleDict : public ModuleHolder<ModuleDictImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  ModuleDict() : ModuleHolder(std::in_place) {}
};

}  // namespace lamina::nn

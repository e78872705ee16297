// Module: parameters, buffers and children under names, and the call that runs forward with its hooks.
//   struct Net : nn::Module {
//     nn::Linear in{784, 64}, out{64, 10};
//     Net() { register_module("in", in); register_module("out", out); }
//     Tensor forward(const Tensor& x) override { return out(relu(in(x))); }
//   };
// Modules live on the heap and are held by Ref (or by the handle of their layer, such as nn::Linear), so that C++ and
// Python share one object. Source: torch.nn.Module.
#pragma once
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/object.h"
#include "lamina/core/tensor.h"
#include "lamina/nn/hooks.h"

namespace lamina::nn {

class Module;
struct Declaration;  // nn/declaration.h
using ModuleRef = Ref<Module>;

/// While one lives, constructors of layers leave their parameters unset and draw no random numbers: for copies, for
/// loading, and for a Python class that overrides reset_parameters. Per thread.
class SkipInitialization {
 public:
  SkipInitialization() : before_(std::exchange(active_, true)) {}
  ~SkipInitialization() { active_ = before_; }
  SkipInitialization(const SkipInitialization&) = delete;
  SkipInitialization& operator=(const SkipInitialization&) = delete;
  static bool active() { return active_; }

 private:
  static inline thread_local bool active_ = false;
  bool before_;
};

/// A tensor under a name. `value` points to a member of the layer (Linear's weight), or to `own` for any other.
struct TensorSlot {
  enum class Kind : uint8_t {
    Parameter,
    Buffer,
    Plain,   // a member of the layer that holds a tensor which is neither (weight_norm's computed weight)
    Absent,  // a member of the layer whose attribute was deleted
  };
  std::string name;
  Kind kind;
  bool persistent = true;  // of a buffer: part of state_dict
  Tensor* value;
  std::unique_ptr<Tensor> own;
  mutable void* tag = nullptr;  // the binding's interned name
};

struct ChildSlot {
  std::string name;
  ModuleRef module;  // null for a child set to None
  mutable void* tag = nullptr;
};

using NamedModules = std::vector<std::pair<std::string, ModuleRef>>;

/// What load_state_dict did not find, and what it found too much.
struct IncompatibleKeys { std::vector<std::string> missing_keys, unexpected_keys; };

class Module : public Object {
 public:
  Module() = default;
  ~Module() override = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // ---- what a layer defines ----------------------------------------------------------------------------------
  /// Its declaration; null for a class that a user wrote.
  virtual const Declaration* declaration() const { return nullptr; }
  /// The class's name as repr shows it: "Linear"; of a user's class that of the C++ class, without its namespace.
  virtual std::string name() const;
  /// The part of repr between the parentheses: "in_features=4, out_features=8, bias=True".
  virtual std::string extra_repr() const;
  virtual Tensor forward(const Tensor& input);  // NotImplementedError unless overridden
  virtual void reset_parameters() {}
  /// Whether parameters have no shape yet (a lazy layer before its first input): load_state_dict gives them the file's.
  virtual bool has_uninitialized_params() const { return false; }

  /// forward with hooks; an Error that escapes learns this module's name.
  Tensor operator()(const Tensor& input);

  // ---- registration ------------------------------------------------------------------------------------------
  /// Registers a parameter of a module written by a user; the reference stays valid for the module's life.
  Tensor& register_parameter(const std::string& name, Tensor value, bool requires_grad = true);
  Tensor& register_buffer(const std::string& name, Tensor value, bool persistent = true);
  /// The same for a member of a layer: the slot is the member itself, so replacing one replaces the other.
  void bind_parameter(const std::string& name, Tensor& member, Tensor value);
  void bind_buffer(const std::string& name, Tensor& member, Tensor value, bool persistent = true);
  ModuleRef register_module(const std::string& name, ModuleRef child);
  template <class M>
  M register_module(const std::string& name, const M& handle)
    requires requires { handle.ref(); }
  {
    register_module(name, ModuleRef(handle.ref()));
    return handle;
  }

  // ---- walking -----------------------------------------------------------------------------------------------
  /// Parameters of this module and those below, each tensor once, in the order of registration, depth first.
  std::vector<Tensor> parameters(bool recurse = true) const;
  NamedTensors named_parameters(const std::string& prefix = "", bool recurse = true,
                                bool remove_duplicate = true) const;
  std::vector<Tensor> buffers(bool recurse = true) const;
  NamedTensors named_buffers(const std::string& prefix = "", bool recurse = true, bool remove_duplicate = true) const;
  std::vector<ModuleRef> children() const;
  NamedModules named_children() const;
  std::vector<ModuleRef> modules() const;
  NamedModules named_modules(const std::string& prefix = "", bool remove_duplicate = true) const;
  /// f(prefix, module) for this module and all below, each once, parents first.
  void walk(const std::function<void(const std::string& prefix, Module& module)>& f, const std::string& prefix = "");
  /// The path of `module` below this one ("encoder.0.norm"); empty for this one itself, "?" when it is not below.
  std::string path_of(const Module* module) const;
  /// f(module) for all below, then for this one.
  Module& apply(const std::function<void(Module&)>& f);

  /// What stands at a path such as "encoder.0" ("" is this module) or "encoder.0.weight". KeyError when nothing does.
  ModuleRef get_submodule(const std::string& target) const;
  Tensor get_parameter(const std::string& target) const;
  Tensor get_buffer(const std::string& target) const;
  /// Puts a module at a path, whose last name may be new unless `strict`.
  void set_submodule(const std::string& target, ModuleRef module, bool strict = false);

  // ---- state ---------------------------------------------------------------------------------------------------
  /// Parameters and persistent buffers by name; the tensors are detached and share memory with the module.
  NamedTensors state_dict(const std::string& prefix = "") const;
  /// Copies values in. With `strict`, a LoadError lists every missing, unexpected and misshapen key at once.
  IncompatibleKeys load_state_dict(const NamedTensors& state, bool strict = true);

  // ---- modes ---------------------------------------------------------------------------------------------------
  Module& train(bool on = true);
  Module& eval() { return train(false); }
  bool is_training() const { return training; }
  Module& requires_grad_(bool on = true);
  void zero_grad(bool set_to_none = true);
  /// Casts floating-point parameters and buffers.
  Module& to(DType dtype);

  /// As PyTorch prints it, children indented.
  std::string repr() const;

  // ---- hooks: each registration gives an id for remove_hook -----------------------------------------------------
  int64_t register_forward_pre_hook(ForwardPreHook hook, HookOptions options = {});
  int64_t register_forward_hook(ForwardHook hook, HookOptions options = {});
  int64_t register_full_backward_pre_hook(BackwardPreHook hook, HookOptions options = {});
  int64_t register_full_backward_hook(BackwardHook hook, HookOptions options = {});
  int64_t register_state_dict_pre_hook(StateDictPreHook hook);
  int64_t register_state_dict_post_hook(StateDictHook hook);
  int64_t register_load_state_dict_pre_hook(StateDictHook hook);
  int64_t register_load_state_dict_post_hook(LoadStateDictPostHook hook);
  /// Removes a hook of any kind; false when there is none of that id.
  bool remove_hook(int64_t id);
  /// Null when there has never been one.
  const ModuleHooks* hooks() const { return hooks_.get(); }

  bool training = true;

  // ---- for bindings --------------------------------------------------------------------------------------------
  std::vector<TensorSlot>& tensor_slots() { return tensors_; }
  std::vector<ChildSlot>& child_slots() { return children_; }
  const std::vector<TensorSlot>& tensor_slots() const { return tensors_; }
  const std::vector<ChildSlot>& child_slots() const { return children_; }
  TensorSlot* find_tensor(const std::string& name);
  ChildSlot* find_child(const std::string& name);
  /// Puts a tensor (undefined: None) under a name as a parameter or buffer; an existing slot keeps its place.
  TensorSlot& set_tensor(const std::string& name, TensorSlot::Kind kind, Tensor value, bool persistent = true);
  void set_child(const std::string& name, ModuleRef child);
  /// Forgets a name; a member of the layer becomes absent and undefined. False when the name is not there.
  bool erase(const std::string& name);
  /// Set when a foreign class overrides forward: operator() calls it instead of the virtual forward.
  Tensor (*foreign_forward)(Module&, const Tensor&) = nullptr;
  /// Set once hooks of all modules exist on the foreign side: operator() calls it for every module.
  static inline Tensor (*foreign_forward_of_all)(Module&, const Tensor&) = nullptr;
  /// Inside a catch block: lets an exception of the foreign language learn that it passed through this module.
  static inline void (*foreign_failed)(Module&) = nullptr;
  /// An Error passes through this module: the first one names itself, every enclosing one sets the path.
  void note_failure(Error& e) const;
  /// Set with it: what this module calls itself in a message or a repr (the foreign class's name).
  std::string (*foreign_name)(const Module&) = nullptr;
  std::string display_name() const { return foreign_name ? foreign_name(*this) : name(); }

 protected:
  /// The end of a layer's constructor: reset_parameters(), unless a SkipInitialization is active.
  void initialize() {
    if (!SkipInitialization::active()) reset_parameters();
  }

 private:
  std::vector<TensorSlot> tensors_;
  std::vector<ChildSlot> children_;
  std::unique_ptr<ModuleHooks> hooks_;
};

/// Prints module.repr(); a handle prints its module.
std::ostream& operator<<(std::ostream& out, const Module& module);

/// An error in a constructor learns the layer's name.
void name_layer(Error& e, const Declaration& declaration);

/// Handle to a layer, with the manners of a pointer: fc(x), fc->weight. Copies name the same layer.
template <class M>
class ModuleHolder {
 public:
  using Impl = M;
  explicit ModuleHolder(Ref<M> module) : module_(std::move(module)) {}
  M* operator->() const { return module_.get(); }
  M& operator*() const { return *module_; }
  const Ref<M>& ref() const { return module_; }
  friend std::ostream& operator<<(std::ostream& out, const ModuleHolder& holder) { return out << *holder; }
  operator ModuleRef() const { return module_; }
  template <class... Args>
  auto operator()(Args&&... args) const {
    return (*module_)(std::forward<Args>(args)...);
  }

 protected:
  template <class... Args>
  explicit ModuleHolder(std::in_place_t, Args&&... args) : module_(build(std::forward<Args>(args)...)) {}

 private:
  template <class... Args>
  static Ref<M> build(Args&&... args) {
    try {
      return make<M>(std::forward<Args>(args)...);
    } catch (Error& e) {
      if constexpr (requires { M::declared(); }) name_layer(e, M::declared());
      throw;
    }
  }
  Ref<M> module_;
};

}  // namespace lamina::nn

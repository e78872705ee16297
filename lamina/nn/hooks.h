// Hooks of a module: functions that see, and may replace, what goes in and out of its call, forward and backward, and
// what state_dict and load_state_dict give and take.
//   const int64_t id = net->register_forward_hook([](nn::Module&, const Tensor& x, const Tensor& y) { return y * 2; });
//   net->remove_hook(id);
// Source: torch.nn.Module.register_forward_hook and its kind.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::nn {

class Module;
struct IncompatibleKeys;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// An undefined result keeps what came; another takes its place.
using ForwardPreHook = std::function<Tensor(Module&, const Tensor& input)>;
/// `output` is undefined when an always_call hook runs because forward has failed; its result is ignored then.
using ForwardHook = std::function<Tensor(Module&, const Tensor& input, const Tensor& output)>;
/// Gradients of the input and the output; grad_input is undefined when the input needs none.
using BackwardHook = std::function<Tensor(Module&, const Tensor& grad_input, const Tensor& grad_output)>;
using BackwardPreHook = std::function<Tensor(Module&, const Tensor& grad_output)>;
using StateDictPreHook = std::function<void(Module&, const std::string& prefix)>;
/// Also for load_state_dict's pre hook: may change the state, whose keys below `prefix` are this module's.
using StateDictHook = std::function<void(Module&, NamedTensors& state, const std::string& prefix)>;
/// May change the lists.
using LoadStateDictPostHook = std::function<void(Module&, IncompatibleKeys& keys)>;

struct HookOptions {
  bool prepend = false;      // before the hooks that are there
  bool always_call = false;  // a forward hook: also when forward throws
};

/// The hooks of one module, in the order of their calls.
struct ModuleHooks {
  template <class F>
  struct Entry {
    int64_t id;
    F call;
    bool always_call = false;
  };
  template <class F>
  using List = std::vector<Entry<F>>;

  List<ForwardPreHook> forward_pre;
  List<ForwardHook> forward;
  List<BackwardPreHook> backward_pre;
  List<BackwardHook> backward;
  List<StateDictPreHook> state_dict_pre;
  List<StateDictHook> state_dict_post, load_state_dict_pre;
  List<LoadStateDictPostHook> load_state_dict_post;
  int64_t next_id = 0;

  template <class F>
  int64_t add(List<F> ModuleHooks::* list, F hook, HookOptions options) {
    List<F>& hooks = this->*list;
    hooks.insert(options.prepend ? hooks.begin() : hooks.end(), {next_id, std::move(hook), options.always_call});
    return next_id++;
  }
  bool remove(int64_t id);
};

/// A call of a module that has hooks:
///   HookedCall call(module, input);  Tensor y = forward(call.input());  call.finish(y);
class HookedCall {
 public:
  /// Runs the pre hooks.
  HookedCall(Module& module, const Tensor& input);
  const Tensor& input() const { return input_; }
  /// Runs the hooks, which may replace `output`.
  void finish(Tensor& output);
  /// Runs the always_call hooks that have not run; what they throw is lost beside the error that is on its way.
  void fail() noexcept;

 private:
  struct State;
  Module& module_;
  ModuleHooks hooks_;  // as they were when the call began
  Tensor input_;
  std::shared_ptr<State> state_;  // of the backward hooks
  size_t ran_ = 0;
};

}  // namespace lamina::nn

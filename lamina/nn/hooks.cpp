#include "lamina/nn/hooks.h"

#include "lamina/graph/pass_through.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

bool ModuleHooks::remove(int64_t id) {
  const auto drop = [id](auto& list) {
    return std::erase_if(list, [id](const auto& entry) { return entry.id == id; });
  };
  return drop(forward_pre) + drop(forward) + drop(backward_pre) + drop(backward) + drop(state_dict_pre) +
             drop(state_dict_post) + drop(load_state_dict_pre) + drop(load_state_dict_post) >
         0;
}

// Shared by the two nodes of a call. The gradient of the output arrives first, since its node is the newer one.
struct HookedCall::State {
  ModuleRef module;
  ModuleHooks::List<BackwardPreHook> pre_hooks;
  ModuleHooks::List<BackwardHook> hooks;
  bool input_wants_gradient = false;
  Tensor grad_output;

  Tensor run(Tensor grad_input) const {
    for (const auto& hook : hooks)
      if (Tensor changed = hook.call(*module, grad_input, grad_output); changed.defined())
        grad_input = std::move(changed);
    return grad_input;
  }
};

HookedCall::HookedCall(Module& module, const Tensor& input) : module_(module), hooks_(*module.hooks()), input_(input) {
  for (const auto& hook : hooks_.forward_pre)
    if (Tensor changed = hook.call(module, input_); changed.defined()) input_ = std::move(changed);
  if (hooks_.backward.empty() && hooks_.backward_pre.empty()) return;
  state_ = std::make_shared<State>();
  state_->module = ModuleRef(&module);
  state_->hooks = hooks_.backward;
  state_->pre_hooks = hooks_.backward_pre;
  if (!needs_grad(input_)) return;
  state_->input_wants_gradient = true;
  input_ = pass_through("BackwardHookFunctionBackward", {input_}, [state = state_](const Backward& g) -> Tensors {
    Tensor grad = state->run(g.dy());
    state->grad_output = {};
    return {grad};
  })[0];
}

void HookedCall::finish(Tensor& output) {
  for (; ran_ < hooks_.forward.size();) {
    const auto& hook = hooks_.forward[ran_++];
    if (Tensor changed = hook.call(module_, input_, output); changed.defined()) output = std::move(changed);
  }
  if (!state_ || !output.defined() || !needs_grad(output)) return;
  output = pass_through("BackwardHookFunctionBackward", {output}, [state = state_](const Backward& g) -> Tensors {
    Tensor grad = g.dy();
    for (const auto& hook : state->pre_hooks)
      if (Tensor changed = hook.call(*state->module, grad); changed.defined()) grad = std::move(changed);
    state->grad_output = grad;
    if (!state->input_wants_gradient) state->run({});  // nothing will come to the other node
    return {grad};
  })[0];
}

void HookedCall::fail() noexcept {
  for (; ran_ < hooks_.forward.size(); ++ran_) {
    if (!hooks_.forward[ran_].always_call) continue;
    try {
      hooks_.forward[ran_].call(module_, input_, {});
    } catch (...) {
    }
  }
}

}  // namespace lamina::nn

// Hooks on tensors: functions that see, and may replace, a gradient on its way, and gradients kept for tensors in the middle.
//   HookHandle h = register_hook(y, [](const Tensor& g) { return g * 2; });   // y's gradient is doubled
//   retain_grad(y);  loss.backward();  y.grad();  h.remove();
// They stand in tables of their own: few tensors have one, and the others shall carry nothing for it. Names and order of
// calls are PyTorch's: hooks in the order of registration, then the retained gradient, then on.
#pragma once
#include <functional>

#include "lamina/graph/node.h"

namespace lamina {

/// Gets a gradient; an undefined result leaves it as it is, another takes its place.
using GradientHook = std::function<Tensor(const Tensor& gradient)>;
/// Gets a leaf whose .grad is complete for this backward.
using AccumulatedHook = std::function<void(const Tensor& leaf)>;

/// Takes its hook out again. A copy means the same hook; destroying it leaves the hook.
class HookHandle {
 public:
  HookHandle() = default;
  explicit HookHandle(uint64_t id) : id_(id) {}
  void remove();

 private:
  uint64_t id_ = 0;
};

/// Error for a tensor that needs no gradient.
HookHandle register_hook(const Tensor& t, GradientHook hook);
/// Error unless t is a leaf that asks for a gradient.
HookHandle register_post_accumulate_grad_hook(const Tensor& leaf, AccumulatedHook hook);
/// From now on a backward sets .grad of t too, which is no leaf. Nothing for a leaf that asks for a gradient.
void retain_grad(const Tensor& t);
bool retains_grad(const Tensor& t);

// ---- for the engine -------------------------------------------------------------------------------------------------
/// Whether there is any hook or retained gradient at all; the functions below need not be called otherwise.
bool hooks_exist();
/// The gradient after the hooks of output `index` of `node`.
Tensor after_hooks(Node* node, uint32_t index, Tensor gradient);
/// The gradient after the hooks of a leaf.
Tensor after_hooks(const Tensor& leaf, Tensor gradient);
bool has_hooks(const Tensor& leaf);
void run_accumulated_hooks(const Tensor& leaf);
/// The tensors with a retained gradient that `node` made, each with its output's index.
std::vector<std::pair<Tensor, uint32_t>> retaining(const Node* node);
/// A node is about to be freed.
void forget_hooks(const Node* node) noexcept;

}  // namespace lamina

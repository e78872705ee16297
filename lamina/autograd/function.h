// One's own differentiable function, forward and backward written by hand.
//   struct Cube : Function<Cube> {
//     static Tensor forward(FunctionContext& ctx, const Tensor& x) {
//       ctx.save_for_backward({x});
//       return x * x * x;
//     }
//     static Tensors backward(FunctionContext& ctx, const Tensors& grads) { return {grads[0] * 3 * ctx.saved(0) * ctx.saved(0)}; }
//   };
//   Tensor y = Cube::apply(x);
// forward is not recorded. backward returns a gradient for every argument of forward, undefined for those that need none or
// are no tensors; one that is built of operations can be differentiated again. Source: torch.autograd.Function.
#pragma once
#include <type_traits>
#include <vector>

#include "lamina/graph/node.h"

namespace lamina {

/// What forward leaves for backward, and what it says about its results.
class FunctionContext {
 public:
  /// Inputs and results that backward will read; a change in place in between is noticed. Undefined tensors may be among them.
  void save_for_backward(Tensors tensors) { to_save_ = std::move(tensors); }
  /// These inputs were changed in place and are among the results.
  void mark_dirty(Tensors tensors) { dirty_ = std::move(tensors); }
  /// These results have no gradient.
  void mark_non_differentiable(Tensors tensors) { not_differentiable_ = std::move(tensors); }
  /// Whether backward gets zeros where no gradient came, instead of undefined tensors. Default: it does.
  void set_materialize_grads(bool on) { materialize_ = on; }

  /// What was saved. Error after a backward that did not retain the graph, or when a tensor has changed since.
  Tensors saved() const;
  Tensor saved(size_t i) const;
  /// Whether argument i of forward needs a gradient.
  bool needs_input_grad(size_t i) const { return i < needs_.size() && needs_[i]; }
  const std::vector<bool>& needs() const { return needs_; }
  /// For each argument of forward, whether it needs a gradient: set before forward runs.
  void set_needs(std::vector<bool> needs) { needs_ = std::move(needs); }

 private:
  friend class CustomNode;
  friend Tensors with_history(const NodeRef&, FunctionContext&, const Tensors&, Tensors);
  Tensors to_save_, dirty_, not_differentiable_;
  bool materialize_ = true, released_ = false;
  std::vector<bool> needs_;
  struct Value {
    Saved saved;
    bool is_output;
  };
  std::vector<Value> saved_;
  const Backward* running_ = nullptr;
};

/// The node of a function written by hand. Function and the Python binding derive from it.
class CustomNode : public Node {
 public:
  /// `inputs`: one for each argument of forward, undefined for those that are no tensors. `outputs`: what forward returned.
  CustomNode(const char* name, const Tensors& inputs, const Tensors& outputs);

  virtual FunctionContext& context() = 0;
  /// backward as it was written: one gradient for each argument.
  virtual Tensors run(const Tensors& grads) = 0;

  Tensors backward(const Backward& g) override;
  void release_saved() override;

 private:
  struct Size {
    Shape shape;
    DType dtype = DType::Float32;
    bool defined = false;  // a tensor at all
  };
  Tensor fitting(size_t i, Tensor gradient) const;
  std::vector<Size> input_sizes_, output_sizes_;
};

/// The results of a function that nothing is recorded of: an input that was returned as it is becomes another tensor.
Tensors without_history(const Tensors& inputs, Tensors outputs);
/// The results with `node`, which was made for them, as their history.
Tensors with_history(const NodeRef& node, FunctionContext& context, const Tensors& inputs, Tensors outputs);

namespace detail {
template <class T>
Tensor tensor_or_none(const T& argument) {
  if constexpr (std::is_same_v<T, Tensor>) return argument;
  else return {};
}
}  // namespace detail

/// Base of a function written by hand; Derived has static forward(FunctionContext&, …) → Tensor or Tensors, and
/// static backward(FunctionContext&, const Tensors&) → Tensors.
template <class Derived>
class Function {
  class DerivedNode final : public CustomNode {
   public:
    DerivedNode(FunctionContext context, const Tensors& inputs, const Tensors& outputs)
        : CustomNode("CppFunctionBackward", inputs, outputs), context_(std::move(context)) {}
    FunctionContext& context() override { return context_; }
    Tensors run(const Tensors& grads) override { return Derived::backward(context_, grads); }

   private:
    FunctionContext context_;
  };

 public:
  template <class... Arguments>
  static auto apply(const Arguments&... arguments) {
    const Tensors inputs{detail::tensor_or_none(arguments)...};
    FunctionContext context;
    std::vector<bool> needs;
    for (const Tensor& t : inputs) needs.push_back(t.defined() && t.requires_grad());
    context.set_needs(std::move(needs));
    auto result = [&] {
      const NoGradGuard guard;
      return Derived::forward(context, arguments...);
    }();
    constexpr bool single = std::is_same_v<decltype(result), Tensor>;
    Tensors outputs = [&]() -> Tensors {
      if constexpr (single) return {std::move(result)};
      else return std::move(result);
    }();
    if (needs_grad(inputs)) {
      auto* node = new DerivedNode(std::move(context), inputs, outputs);
      outputs = with_history(NodeRef(node), node->context(), inputs, std::move(outputs));
    } else {
      outputs = without_history(inputs, std::move(outputs));
    }
    if constexpr (single) return Tensor(outputs[0]);
    else return outputs;
  }
};

}  // namespace lamina

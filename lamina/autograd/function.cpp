#include "lamina/autograd/function.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"

namespace lamina {

namespace {

bool holds(const Tensors& tensors, const Tensor& t) {
  for (const Tensor& other : tensors)
    if (other.defined() && other.is(t)) return true;
  return false;
}

// The same values as another tensor that shares no history.
Tensor stand_in(const Tensor& t) { return alias(t, t.shape(), t.strides()); }

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.rank() < to.rank()) return false;
  for (int d = 1; d <= to.rank(); ++d)
    if (to[-d] != from[-d] && to[-d] != 1) return false;
  return true;
}

}  // namespace

Tensors FunctionContext::saved() const {
  if (released_)
    throw Error(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed).",
        "Specify retain_graph=True if you need to backward through the graph a second time");
  Tensors values;
  for (const Value& v : saved_) values.push_back(running_ && v.is_output ? v.saved.get(*running_) : v.saved.get());
  return values;
}

Tensor FunctionContext::saved(size_t i) const {
  if (i >= saved_.size())
    throw IndexError(str("saved(", i, "): save_for_backward was given ", saved_.size(), " tensors"));
  return saved()[i];
}

CustomNode::CustomNode(const char* name, const Tensors& inputs, const Tensors& outputs)
    : Node(name, uint32_t(outputs.size())) {
  edges.reserve(inputs.size());
  for (const Tensor& t : inputs) {
    edges.push_back(gradient_edge(t));
    input_sizes_.push_back(t.defined() ? Size{t.shape(), t.dtype(), true} : Size{});
  }
  for (const Tensor& t : outputs) output_sizes_.push_back(t.defined() ? Size{t.shape(), t.dtype(), true} : Size{});
}

Tensor CustomNode::fitting(size_t i, Tensor gradient) const {
  const Size& expected = input_sizes_[i];
  if (gradient.shape() != expected.shape) {
    if (!broadcasts_to(gradient.shape(), expected.shape))
      throw ShapeError(str("Function ", name(), " returned an invalid gradient at index ", i, " - got ",
                           gradient.shape().list_text(), " but expected shape compatible with ",
                           expected.shape.list_text()));
    gradient = ops::sum_to(gradient, expected.shape);
  }
  return gradient.dtype() == expected.dtype ? gradient : ops::to(gradient, expected.dtype);
}

Tensors CustomNode::backward(const Backward& g) {
  FunctionContext& ctx = context();
  Tensors grads = g.grads;
  if (ctx.materialize_)
    for (size_t i = 0; i < grads.size(); ++i)
      if (!grads[i].defined() && output_sizes_[i].defined)
        grads[i] = ops::zeros(output_sizes_[i].shape, output_sizes_[i].dtype);
  struct Running {
    FunctionContext& ctx;
    ~Running() { ctx.running_ = nullptr; }
  } running{ctx};
  ctx.running_ = &g;
  Tensors gradients = run(grads);
  while (gradients.size() > edges.size() && !gradients.back().defined()) gradients.pop_back();
  if (gradients.size() != edges.size())
    throw Error(str("function ", name(), " returned an incorrect number of gradients (expected ", edges.size(),
                    ", got ", gradients.size(), ")"),
                "backward returns one gradient for each argument of forward");
  for (size_t i = 0; i < edges.size(); ++i)
    if (gradients[i].defined() && !input_sizes_[i].defined)
      throw Error(str("function ", name(), " returned a gradient different from None at position ", i + 1,
                      ", but the corresponding forward input was not a Variable"));
    else if (gradients[i].defined() && edges[i].wanted()) gradients[i] = fitting(i, std::move(gradients[i]));
  return gradients;
}

void CustomNode::release_saved() {
  context().saved_.clear();
  context().released_ = true;
}

Tensors without_history(const Tensors& inputs, Tensors outputs) {
  for (Tensor& y : outputs)
    if (y.defined() && holds(inputs, y)) y = stand_in(y);
  return outputs;
}

Tensors with_history(const NodeRef& node, FunctionContext& ctx, const Tensors& inputs, Tensors outputs) {
  for (const Tensor& t : ctx.dirty_) check_inplace(t, "a function that marks it dirty");
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor& y = outputs[i];
    if (!y.defined()) continue;
    const bool dirty = holds(ctx.dirty_, y), without = holds(ctx.not_differentiable_, y) || !y.is_floating_point();
    if (dirty && !holds(inputs, y)) throw Error("mark_dirty: a tensor that was marked is no argument of forward");
    if (!dirty && (y->base.defined() || y.requires_grad() || holds(inputs, y))) {
      const Tensor before = y;
      y = stand_in(y);
      for (Tensor& saved : ctx.to_save_)
        if (saved.defined() && saved.is(before) && !holds(inputs, saved)) saved = y;
    }
    if (!without) set_history(y, node, uint16_t(i));
  }
  for (const Tensor& t : ctx.to_save_) {
    const bool is_output = t.defined() && t->node == node && holds(outputs, t);
    ctx.saved_.push_back({is_output ? Saved::output(t) : Saved(t), is_output});
  }
  ctx.to_save_.clear();
  ctx.dirty_.clear();
  ctx.not_differentiable_.clear();
  return outputs;
}

}  // namespace lamina

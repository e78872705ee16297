#include "lamina/graph/node.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/hooks.h"
#include "lamina/graph/view_history.h"

namespace lamina {

namespace {
std::atomic<uint64_t> next_sequence{1};

// A chain of a million nodes is destroyed one by one, not by a recursion as deep as the chain.
struct Graveyard {
  PooledVector<Node*> nodes;
  bool digging = false;
};
thread_local Graveyard graveyard;
}  // namespace

Node::Node(const char* name, uint32_t outputs)
    : outputs(outputs), name_(name), sequence_(next_sequence.fetch_add(1, std::memory_order_relaxed)) {}

void retain(Node* node) noexcept { node->count_.fetch_add(1, std::memory_order_relaxed); }

void release(Node* node) noexcept {
  if (node->count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  forget_hooks(node);
  Graveyard& yard = graveyard;
  if (yard.digging) return yard.nodes.push_back(node);
  yard.digging = true;
  delete node;
  while (!yard.nodes.empty()) {
    Node* next = yard.nodes.back();
    yard.nodes.pop_back();
    delete next;
  }
  yard.digging = false;
}

Edge gradient_edge(const Tensor& t) {
  if (!t.defined()) return {};
  refresh_history(t);
  if (t->node) return {t->node, {}, t->output_index};
  if (t->requires_grad) return {{}, t, 0};
  return {};
}

bool needs_grad(const Tensors& inputs) {
  if (!is_grad_enabled()) return false;
  for (const Tensor& t : inputs)
    if (t.defined() && t.requires_grad()) return true;
  return false;
}

void share_history(const Tensor& view, const Tensor& x) {
  if (!x.is_floating_point() || is_inference_mode_enabled()) return;
  if (!is_grad_enabled() && !x.requires_grad()) return;  // nobody can ask for its history
  view->base = x->base.defined() && !x->requires_grad ? x->base : x;
  view->view_version = view->base->history_version;
  view->made_without_grad = !is_grad_enabled();
}

void refresh_history(const Tensor& view) {
  if (!view->base.defined() || view->view_version == view->base->history_version) return;
  if (view->made_without_grad || view->requires_grad) return;  // it has none, or is a leaf of its own
  view->view_version = view->base->history_version;
  view->node = node_from_base(view);
  view->output_index = 0;
}

bool Tensor::has_history() const {
  refresh_history(*this);
  return bool(p_->node);
}

void set_history(const Tensor& y, const NodeRef& node, uint16_t index) {
  if (!y->base.defined()) {
    y->node = node;
    y->output_index = index;
    ++y->history_version;
    return;
  }
  if (y->made_without_grad)
    throw Error("A view was created in no_grad mode and is being modified inplace with grad mode enabled.",
                "Make the view, or change it, in the other mode");
  set_history(y->base, copy_slices(y, node), 0);
  refresh_history(y);
}

Saved::Saved(const Tensor& value) {
  if (!value.defined()) return;
  if (value->is_inference)
    throw Error("Inference tensors cannot be saved for backward",
                "Call .clone() outside inference_mode to get a normal one");
  version_ = value.version();
  if (value->requires_grad || value->extras) {
    value_ = value;
    return;
  }
  // Not the tensor itself: a later in-place operation may make it own the node that saves it, and neither would ever go.
  refresh_history(value);
  value_ = alias(value, value.shape(), value.strides());
  value_->node = value->node;
  value_->output_index = value->output_index;
}

Saved Saved::output(const Tensor& value) {
  Saved saved;
  if (!value.defined()) return saved;
  saved.value_ = alias(value, value.shape(), value.strides());
  saved.version_ = value.version();
  saved.output_index_ = value->output_index;
  return saved;
}

const Tensor& Saved::get() const {
  if (value_.defined() && value_.version() != version_)
    throw Error(
        str("one of the variables needed for gradient computation has been modified by an inplace operation: a ",
            name(value_.dtype()), " tensor of shape ", value_.shape(), " is at version ", value_.version(),
            "; expected version ", version_),
        "Use the operation that makes a new tensor, or clone() before changing it");
  return value_;
}

Tensor Saved::get(const Backward& g) const {
  const Tensor& value = get();
  if (!g.create_graph || !value.defined()) return value;
  Tensor attached = alias(value, value.shape(), value.strides());
  attached->node = NodeRef(&g.node);
  attached->output_index = output_index_;
  return attached;
}

Tensor Tensor::detach() const {
  Tensor t = alias(*this, shape(), strides());
  if (p_->extras && p_->extras->own_version) {
    // .data keeps its own count: so does what is detached from it
    t->extras = std::make_unique<TensorExtras>();
    t->extras->own_version = new std::atomic<uint32_t>(version());
  }
  return t;
}

NodeRef Tensor::grad_fn() const {
  refresh_history(*this);
  return p_->node;
}

Tensor& Tensor::requires_grad_(bool on) {
  if (on && !lamina::is_floating_point(dtype()))
    throw DTypeError(str("only Tensors of floating point dtype can require gradients, got ", lamina::name(dtype())));
  if (p_->node) {
    if (on) return *this;
    throw Error("you can only change requires_grad flags of leaf variables",
                "Use detach() for a tensor without history");
  }
  if (on && p_->is_inference)
    throw Error("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
  p_->requires_grad = on;
  return *this;
}

void check_inplace(const Tensor& self, const char* operation) {
  if (is_grad_enabled() && self.is_leaf() && self.requires_grad())
    throw Error("a leaf Variable that requires grad is being used in an in-place operation.",
                str("Wrap ", operation, " in no_grad()"));
  if (is_grad_enabled() && self->base.defined() && self->base->requires_grad)
    throw Error("a view of a leaf Variable that requires grad is being used in an in-place operation.",
                str("Wrap ", operation, " in no_grad()"));
  if (self.overlaps_itself())
    throw Error(str("unsupported operation: more than one element of the written-to tensor refers to a single memory "
                    "location (",
                    operation, " on a tensor of shape ", self.shape(), " and strides ", self.strides(), ")"),
                "Please clone() the tensor before performing the operation");
  if (!self->storage->writable)
    throw Error(str(operation, ": this tensor's memory is read-only"), "Use clone() for a copy of its own");
  if (self->is_inference && !is_inference_mode_enabled() && is_grad_enabled() && self.requires_grad())
    throw Error("Inplace update to inference tensor outside InferenceMode is not allowed.");
}

}  // namespace lamina

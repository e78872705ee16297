#include "lamina/autograd/backward.h"

#include <algorithm>
#include <unordered_map>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/hooks.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/row_sparse.h"

namespace lamina {

namespace {

// Only we hold this tensor and its memory, so it may be changed or kept without a copy.
bool is_ours_alone(const Tensor& t) {
  return t->count.load(std::memory_order_acquire) == 1 && t->storage->count.load(std::memory_order_acquire) == 1 &&
         (!t->storage->release || sparse_rows(t));
}

void add_to(Tensor& sum, Tensor&& gradient, bool create_graph) {
  if (!sum.defined()) {
    sum = std::move(gradient);
  } else if (Tensor both = ops::add_sparse(sum, gradient); both.defined() && !create_graph) {
    sum = std::move(both);
  } else if (!create_graph && is_ours_alone(sum) && sum.is_contiguous() && sum.dtype() == gradient.dtype() &&
             sum.shape() == gradient.shape()) {
    ops::add_(sum, gradient);
  } else {
    sum = ops::add(sum, gradient);
  }
}

void accumulate(const Tensor& leaf, Tensor&& gradient, bool create_graph) {
  if (gradient.shape() != leaf.shape())
    throw Error(
        str("backward computed a gradient of shape ", gradient.shape(), " for a tensor of shape ", leaf.shape()));
  if (!leaf.grad().defined()) {
    if (create_graph || (is_ours_alone(gradient) && gradient.is_contiguous())) leaf.set_grad(std::move(gradient));
    else if (sparse_rows(gradient)) leaf.set_grad(ops::clone_sparse(gradient));
    else leaf.set_grad(ops::clone(gradient));
  } else if (create_graph) {
    leaf.set_grad(ops::add(leaf.grad(), gradient));
  } else if (Tensor both = ops::add_sparse(leaf.grad(), gradient); both.defined()) {
    leaf.set_grad(std::move(both));
  } else {
    ops::add_(leaf.grad(), gradient);
  }
}

// A node with the gradients of its outputs that have arrived so far.
struct Pending {
  NodeRef node;
  Tensors gradients;
};

// Runs nodes from the newest to the oldest. A node's inputs are always older than itself, so when a node's turn comes,
// all its gradients have arrived; no count of dependencies is needed.
class Run {
 public:
  Run(bool retain_graph, bool create_graph) : retain_(retain_graph), create_(create_graph) {}

  /// Restricts the run to what leads to `inputs`, whose gradients are kept apart.
  void only(const Tensors& inputs, const Tensors& roots) {
    restricted_ = true;
    for (const Tensor& t : inputs) {
      const Edge edge = gradient_edge(t);
      (edge.node ? wanted_nodes_[edge.node.get()] : wanted_leaves_[t.impl()]) = true;
    }
    PooledVector<Node*> stack;
    for (const Tensor& t : roots)
      if (const Edge edge = gradient_edge(t); edge.node) stack.push_back(edge.node.get());
    // depth first: a node leads to an input when it is one or one of its edges does
    while (!stack.empty()) {
      Node* node = stack.back();
      auto [known, fresh] = leads_.try_emplace(node, false);
      if (fresh) {
        for (const Edge& e : node->edges)
          if (e.node && !leads_.contains(e.node.get())) stack.push_back(e.node.get());
        continue;
      }
      stack.pop_back();
      bool leads = wanted_nodes_.contains(node);
      for (const Edge& e : node->edges) leads |= e.node ? leads_[e.node.get()] : wanted_leaves_.contains(e.leaf.impl());
      leads_[node] = leads;
    }
  }

  void send(const Edge& edge, Tensor&& gradient) {
    if (edge.node) {
      Node* node = edge.node.get();
      if (restricted_ && !leads_[node] && !wanted_nodes_.contains(node)) return;
      const auto [at, fresh] = slots_.try_emplace(node, pending_.size());
      if (fresh) {
        pending_.push_back({edge.node, Tensors(node->outputs)});
        ready_.push_back(at->second);
        std::push_heap(ready_.begin(), ready_.end(), older_);
      }
      add_to(pending_[at->second].gradients[edge.index], std::move(gradient), create_);
    } else if (edge.leaf.defined()) {
      const auto hooked = hooked_.find(edge.leaf.impl());
      if (hooked != hooked_.end()) add_to(hooked->second.gradient, std::move(gradient), create_);
      else if (!restricted_) accumulate(edge.leaf, std::move(gradient), create_);
      else if (wanted_leaves_.contains(edge.leaf.impl()))
        add_to(leaf_gradients_[edge.leaf.impl()], std::move(gradient), create_);
    }
  }

  /// Finds the leaves with hooks, whose gradients go on only when they are complete.
  void find_hooks(const Tensors& roots) {
    std::unordered_map<Node*, bool> seen;
    PooledVector<Node*> stack;
    const auto follow = [&](const Edge& e) {
      if (e.node && (!restricted_ || leads_[e.node.get()] || wanted_nodes_.contains(e.node.get()))) {
        if (seen.try_emplace(e.node.get(), true).second) stack.push_back(e.node.get());
      } else if (e.leaf.defined() && (!restricted_ || wanted_leaves_.contains(e.leaf.impl())) && has_hooks(e.leaf)) {
        HookedLeaf& leaf = hooked_[e.leaf.impl()];
        leaf.leaf = e.leaf;
        ++leaf.awaited;
      }
    };
    for (const Tensor& t : roots) follow(gradient_edge(t));
    while (!stack.empty()) {
      Node* node = stack.back();
      stack.pop_back();
      for (const Edge& e : node->edges) follow(e);
    }
  }

  void finish() {
    const AutoGradMode mode(create_);
    for (auto& [impl, leaf] : hooked_) arrived_at(leaf, 0);  // a root that is a leaf
    while (!ready_.empty()) {
      std::pop_heap(ready_.begin(), ready_.end(), older_);
      const size_t slot = ready_.back();
      ready_.pop_back();
      step(slot);
    }
    for (auto& [impl, leaf] : hooked_) arrived_at(leaf, leaf.awaited);  // what no gradient reached
  }

  /// A root's own gradient was sent.
  void root_sent(const Edge& edge) {
    const auto hooked = hooked_.find(edge.leaf.impl());
    if (hooked != hooked_.end()) --hooked->second.awaited;
  }

  Tensor result(const Tensor& input) {
    if (!input->node) return leaf_gradients_[input.impl()];
    const auto at = slots_.find(input->node.get());
    return at == slots_.end() ? Tensor() : pending_[at->second].gradients[input->output_index];
  }

 private:
  // A leaf with hooks: its gradients so far and how many edges have yet to bring theirs.
  struct HookedLeaf {
    Tensor leaf, gradient;
    size_t awaited = 0;
    bool done = false;
  };

  // `count` edges have brought their gradient, or will bring none.
  void arrived_at(HookedLeaf& at, size_t count) {
    at.awaited -= count;
    if (at.awaited || at.done) return;
    at.done = true;
    if (!at.gradient.defined()) return;
    Tensor gradient = after_hooks(at.leaf, std::move(at.gradient));
    if (restricted_) {
      leaf_gradients_[at.leaf.impl()] = std::move(gradient);
      return;
    }
    accumulate(at.leaf, std::move(gradient), create_);
    run_accumulated_hooks(at.leaf);
  }

  void run_node_hooks(Node* node, Tensors& gradients) {
    for (size_t i = 0; i < gradients.size(); ++i)
      if (gradients[i].defined()) gradients[i] = after_hooks(node, uint32_t(i), std::move(gradients[i]));
    for (const auto& [tensor, index] : retaining(node)) {
      const Tensor& gradient = gradients[index];
      if (!gradient.defined()) continue;
      const Tensor& before = tensor.grad();
      if (create_) tensor.set_grad(before.defined() ? ops::add(before, gradient) : gradient);
      else tensor.set_grad(before.defined() ? ops::add(before, gradient) : ops::clone(gradient));
    }
  }

  void step(size_t slot) {
    const NodeRef node = pending_[slot].node;
    const bool wanted = wanted_nodes_.contains(node.get()), further = !restricted_ || leads_further(*node);
    Tensors arrived = wanted && further ? pending_[slot].gradients : std::move(pending_[slot].gradients);
    if (hooks_exist()) run_node_hooks(node.get(), arrived);
    if (!further) {  // a gradient that grad() returns has passed the hooks, as PyTorch's, only where it goes no further
      pending_[slot].gradients = std::move(arrived);
      return;
    }
    if (node->released)
      throw Error(
          "Trying to backward through the graph a second time (or directly access saved tensors after they have "
          "already been freed).",
          "Specify retain_graph=True if you need to backward through the graph a second time");
    Tensors gradients = node->backward({arrived, *node, create_});
    arrived.clear();
    if (!retain_) {
      node->released = true;
      node->release_saved();
    }
    for (size_t i = 0; i < gradients.size() && i < node->edges.size(); ++i)
      if (gradients[i].defined() && node->edges[i].wanted()) send(node->edges[i], std::move(gradients[i]));
    if (hooked_.empty()) return;
    for (const Edge& e : node->edges)
      if (const auto leaf = hooked_.find(e.leaf.impl()); !e.node && leaf != hooked_.end()) arrived_at(leaf->second, 1);
  }

  bool leads_further(const Node& node) {
    for (const Edge& e : node.edges)
      if (e.node ? leads_[e.node.get()] : wanted_leaves_.contains(e.leaf.impl())) return true;
    return false;
  }

  // Puts the newest node on top of the heap.
  struct Older {
    const std::vector<Pending>& pending;
    bool operator()(size_t a, size_t b) const { return pending[a].node->sequence() < pending[b].node->sequence(); }
  };

  const bool retain_, create_;
  bool restricted_ = false;
  std::vector<Pending> pending_;
  std::vector<size_t> ready_;  // a heap of slots
  const Older older_{pending_};
  std::unordered_map<Node*, size_t> slots_;
  std::unordered_map<Node*, bool> leads_, wanted_nodes_;
  std::unordered_map<TensorImpl*, bool> wanted_leaves_;
  std::unordered_map<TensorImpl*, Tensor> leaf_gradients_;
  std::unordered_map<TensorImpl*, HookedLeaf> hooked_;
};

void start(Run& run, const Tensors& outputs, const Tensors& gradients) {
  if (!gradients.empty() && gradients.size() != outputs.size())
    throw Error(str("got ", outputs.size(), " tensors and ", gradients.size(), " gradients"));
  if (hooks_exist()) run.find_hooks(outputs);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& y = outputs[i];
    if (!y.defined() || !y.requires_grad())
      throw Error(str("element ", i, " of tensors does not require grad and does not have a grad_fn"),
                  "Was it computed under no_grad(), or detached?");
    Tensor gradient = gradients.empty() ? Tensor() : gradients[i];
    if (!gradient.defined()) {
      if (y.numel() != 1)
        throw Error(str("grad can be implicitly created only for scalar outputs, got shape ", y.shape()),
                    "Call backward on a loss of one element, or pass a gradient of the output's shape");
      gradient = ops::ones(y.shape(), y.dtype());
    } else if (gradient.shape() != y.shape()) {
      throw ShapeError(str("Mismatch in shape: grad_output[", i, "] has a shape of ", gradient.shape(), " and output[",
                           i, "] has a shape of ", y.shape()));
    }
    const Edge edge = gradient_edge(y);
    run.send(edge, std::move(gradient));
    run.root_sent(edge);
  }
}

}  // namespace

void backward(const Tensors& outputs, const Tensors& gradients, BackwardOptions options) {
  Run run(options.retain_graph || options.create_graph, options.create_graph);
  start(run, outputs, gradients);
  run.finish();
}

Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients, GradOptions options) {
  for (const Tensor& t : inputs)
    if (!t.defined() || !t.requires_grad())
      throw Error("One of the differentiated Tensors does not require grad",
                  "Set requires_grad=True before the computation");
  Run run(options.retain_graph || options.create_graph, options.create_graph);
  run.only(inputs, outputs);
  start(run, outputs, gradients);
  run.finish();
  Tensors results;
  for (const Tensor& t : inputs) {
    Tensor g = run.result(t);
    if (!g.defined() && options.materialize_grads) g = ops::zeros(t.shape(), t.dtype());
    if (!g.defined() && !options.allow_unused)
      throw Error("One of the differentiated Tensors appears to not have been used in the graph.",
                  "Set allow_unused=True if this is the desired behavior");
    results.push_back(std::move(g));
  }
  return results;
}

void Tensor::backward(const Tensor& grad, bool retain_graph, bool create_graph) const {
  lamina::backward({*this}, grad.defined() ? Tensors{grad} : Tensors{}, {retain_graph, create_graph});
}

}  // namespace lamina

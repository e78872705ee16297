// The autograd graph: what an operation needs to record itself.
//   Tensor mul(const Tensor& a, const Tensor& b) {
//     Tensor y = …;
//     if (needs_grad(a, b))
//       record("MulBackward0", y, {&a, &b}, [a = Saved(a), b = Saved(b)](const Backward& g) -> Tensors {
//         return {g.needs(0) ? mul(g.dy(), b.get()) : Tensor(), g.needs(1) ? mul(g.dy(), a.get()) : Tensor()};
//       });
//     return y;
//   }
// The function is built of operations, so it can itself be differentiated; one that calls a kernel hands
// create_graph to its plain formula (see differentiate in graph/plain.h).
#pragma once
#include <initializer_list>
#include <optional>

#include "lamina/core/tensor.h"
#include "lamina/graph/grad_mode.h"

namespace lamina {

/// Where a gradient goes: an output of an older node, or a leaf; neither when nobody asked.
struct Edge {
  NodeRef node;
  Tensor leaf;
  uint32_t index = 0;
  bool wanted() const { return node || leaf.defined(); }
};

/// The edge through which a gradient of `t` flows; not wanted when t needs none.
Edge gradient_edge(const Tensor& t);

/// What a node's backward is given.
struct Backward {
  const Tensors& grads;  // of the node's outputs; undefined where no gradient came
  Node& node;
  bool create_graph;  // the gradients will be differentiated again
  const Tensor& dy() const { return grads[0]; }
  inline bool needs(size_t input) const;
};

class Node : public Pooled<Node> {
 public:
  Node(const char* name, uint32_t outputs);
  virtual ~Node() = default;
  static void operator delete(void* block, size_t bytes) noexcept { deallocate(block, bytes); }

  /// The gradients of the inputs, in the order of `edges`; undefined where not needed.
  virtual Tensors backward(const Backward& g) = 0;
  /// Drops the saved values after a backward that does not retain the graph.
  virtual void release_saved() = 0;

  const char* name() const { return name_; }
  /// A node is always newer, so larger, than those its edges lead to.
  uint64_t sequence() const { return sequence_; }

  PooledVector<Edge> edges;
  const uint32_t outputs;
  bool released = false;

 private:
  friend void retain(Node*) noexcept;
  friend void release(Node*) noexcept;
  std::atomic<uint32_t> count_{0};
  const char* name_;
  uint64_t sequence_;
};

inline bool Backward::needs(size_t input) const { return node.edges[input].wanted(); }

/// A value kept for the backward. get() throws when an in-place operation has changed it since.
class Saved {
 public:
  Saved() = default;
  /// Of an input of the operation, or a value made on the way.
  explicit Saved(const Tensor& value);
  /// Of an output: kept without its history, or node and output would own one another.
  static Saved output(const Tensor& value);

  /// The value; undefined when an undefined tensor was saved.
  const Tensor& get() const;
  /// The value of a saved output, with its history again when the gradients will be differentiated.
  Tensor get(const Backward& g) const;

 private:
  Tensor value_;
  uint32_t version_ = 0;
  uint16_t output_index_ = 0;
};

/// Whether an operation on these must record itself.
template <class... T>
bool needs_grad(const T&... inputs) {
  return is_grad_enabled() && ((inputs.defined() && inputs.requires_grad()) || ...);
}
bool needs_grad(const Tensors& inputs);

template <class F>
class FunctionNode final : public Node {
 public:
  FunctionNode(const char* name, uint32_t outputs, F f) : Node(name, outputs), f_(std::move(f)) {}
  Tensors backward(const Backward& g) override { return (*f_)(g); }
  void release_saved() override { f_.reset(); }

 private:
  std::optional<F> f_;
};

/// Makes `view`, already recorded, share the history of x, whose memory it shares: an in-place operation on one is one on
/// the other from now on.
void share_history(const Tensor& view, const Tensor& x);
/// Gives a view whose base was written into since its history as a part of what the base is now.
void refresh_history(const Tensor& view);

/// Makes `y` output `index` of `node`. An in-place operation on a view changes the history of the view's base too.
void set_history(const Tensor& y, const NodeRef& node, uint16_t index);

/// Records `y` as the result of an operation on `inputs`, whose gradients `backward` returns in the same order.
/// Call only when needs_grad(inputs…). An in-place operation names its own `self` both as y and among the inputs.
template <class F>
void record(const char* name, const Tensor& y, std::initializer_list<const Tensor*> inputs, F backward) {
  const NodeRef node(new FunctionNode<F>(name, 1, std::move(backward)));
  node->edges.reserve(inputs.size());
  for (const Tensor* t : inputs) node->edges.push_back(gradient_edge(*t));
  set_history(y, node, 0);
}

/// The same for any number of inputs and outputs.
template <class F>
void record(const char* name, std::initializer_list<const Tensor*> outputs, const Tensors& inputs, F backward) {
  const NodeRef node(new FunctionNode<F>(name, uint32_t(outputs.size()), std::move(backward)));
  node->edges.reserve(inputs.size());
  for (const Tensor& t : inputs) node->edges.push_back(gradient_edge(t));
  uint16_t index = 0;
  for (const Tensor* y : outputs) set_history(*y, node, index++);
}

/// An in-place operation calls this before it writes: refuses a leaf that asks for a gradient, a tensor whose elements
/// overlap, and memory that may not be written.
void check_inplace(const Tensor& self, const char* operation);

}  // namespace lamina

#include "lamina/graph/hooks.h"

#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/core/watch.h"

namespace lamina {

namespace {

struct NodeHook {
  uint64_t id;
  uint32_t index;
  std::shared_ptr<GradientHook> call;
};
struct LeafHook {
  uint64_t id;
  std::shared_ptr<GradientHook> call;  // one of both
  std::shared_ptr<AccumulatedHook> complete;
};

// Everything under one lock, which is never held while a hook runs or is destroyed.
struct Tables {
  std::mutex lock;
  uint64_t last_id = 0;
  std::unordered_map<const Node*, std::vector<NodeHook>> nodes;
  std::unordered_map<const TensorImpl*, std::vector<LeafHook>> leaves;
  std::unordered_set<TensorImpl*> retaining;
};

Tables& tables() {
  static Tables* const kept = new Tables;  // outlives the tensors that die after main()
  return *kept;
}

std::atomic<bool> in_use{false};

template <class Map, class Key>
void take_out(Map& map, Key key) noexcept {
  typename Map::node_type gone;  // destroyed after the lock is released: a hook may own tensors and nodes
  const std::lock_guard hold(tables().lock);
  gone = map.extract(key);
}

void forget_tensor(TensorImpl* t) noexcept {
  take_out(tables().leaves, t);
  const std::lock_guard hold(tables().lock);
  tables().retaining.erase(t);
}

void start_watching() {
  in_use.store(true, std::memory_order_relaxed);
  tensor_watcher.store(forget_tensor, std::memory_order_relaxed);
}

void check_gradient(const Tensor& replaced, const Tensor& gradient) {
  if (replaced.shape() != gradient.shape())
    throw ShapeError(str("hook '<hook>' has changed the size of value: got ", replaced.shape(),
                         " for a gradient of shape ", gradient.shape()));
  if (replaced.dtype() != gradient.dtype())
    throw DTypeError(str("hook '<hook>' has changed the type of value (was ", name(gradient.dtype()), " got ",
                         name(replaced.dtype()), ")"));
}

Tensor called(const GradientHook& hook, Tensor gradient) {
  Tensor replaced = hook(gradient);
  if (!replaced.defined()) return gradient;
  check_gradient(replaced, gradient);
  return replaced;
}

}  // namespace

HookHandle register_hook(const Tensor& t, GradientHook hook) {
  const Edge edge = gradient_edge(t);
  if (!edge.wanted())
    throw Error("cannot register a hook on a tensor that doesn't require gradient", "Set requires_grad=True first");
  auto kept = std::make_shared<GradientHook>(std::move(hook));
  start_watching();
  const std::lock_guard hold(tables().lock);
  const uint64_t id = ++tables().last_id;
  if (edge.node) tables().nodes[edge.node.get()].push_back({id, edge.index, std::move(kept)});
  else tables().leaves[t.impl()].push_back({id, std::move(kept), nullptr});
  return HookHandle(id);
}

HookHandle register_post_accumulate_grad_hook(const Tensor& leaf, AccumulatedHook hook) {
  if (!leaf.requires_grad())
    throw Error("cannot register a hook on a tensor that doesn't require gradient", "Set requires_grad=True first");
  if (!leaf.is_leaf())
    throw Error("post accumulate grad hooks cannot be registered on non-leaf tensors", "Use register_hook");
  auto kept = std::make_shared<AccumulatedHook>(std::move(hook));
  start_watching();
  const std::lock_guard hold(tables().lock);
  const uint64_t id = ++tables().last_id;
  tables().leaves[leaf.impl()].push_back({id, nullptr, std::move(kept)});
  return HookHandle(id);
}

void HookHandle::remove() {
  std::vector<std::shared_ptr<void>> gone;  // destroyed after the lock is released
  const std::lock_guard hold(tables().lock);
  for (auto& [node, hooks] : tables().nodes)
    std::erase_if(hooks, [&](NodeHook& h) { return h.id == id_ && (gone.push_back(std::move(h.call)), true); });
  for (auto& [leaf, hooks] : tables().leaves)
    std::erase_if(hooks, [&](LeafHook& h) {
      return h.id == id_ && (gone.push_back(std::move(h.call)), gone.push_back(std::move(h.complete)), true);
    });
}

void retain_grad(const Tensor& t) {
  if (!t.requires_grad()) throw Error("can't retain_grad on Tensor that has requires_grad=False");
  if (t.is_leaf()) return;
  start_watching();
  const std::lock_guard hold(tables().lock);
  tables().retaining.insert(t.impl());
}

bool retains_grad(const Tensor& t) {
  if (!hooks_exist() || t.is_leaf()) return false;
  const std::lock_guard hold(tables().lock);
  return tables().retaining.contains(t.impl());
}

bool hooks_exist() { return in_use.load(std::memory_order_relaxed); }

Tensor after_hooks(Node* node, uint32_t index, Tensor gradient) {
  std::vector<NodeHook> hooks;
  {
    const std::lock_guard hold(tables().lock);
    const auto at = tables().nodes.find(node);
    if (at == tables().nodes.end()) return gradient;
    hooks = at->second;
  }
  for (const NodeHook& hook : hooks)
    if (hook.index == index) gradient = called(*hook.call, std::move(gradient));
  return gradient;
}

namespace {
std::vector<LeafHook> hooks_of(const Tensor& leaf) {
  const std::lock_guard hold(tables().lock);
  const auto at = tables().leaves.find(leaf.impl());
  return at == tables().leaves.end() ? std::vector<LeafHook>() : at->second;
}
}  // namespace

Tensor after_hooks(const Tensor& leaf, Tensor gradient) {
  for (const LeafHook& hook : hooks_of(leaf))
    if (hook.call) gradient = called(*hook.call, std::move(gradient));
  return gradient;
}

bool has_hooks(const Tensor& leaf) { return !hooks_of(leaf).empty(); }

void run_accumulated_hooks(const Tensor& leaf) {
  for (const LeafHook& hook : hooks_of(leaf))
    if (hook.complete) (*hook.complete)(leaf);
}

std::vector<std::pair<Tensor, uint32_t>> retaining(const Node* node) {
  Tensors all;
  {
    const std::lock_guard hold(tables().lock);
    for (TensorImpl* t : tables().retaining) {
      retain(t);
      all.push_back(Tensor(t));
    }
  }
  std::vector<std::pair<Tensor, uint32_t>> found;
  for (const Tensor& t : all)
    if (const Edge edge = gradient_edge(t); edge.node.get() == node) found.emplace_back(t, edge.index);
  return found;
}

void forget_hooks(const Node* node) noexcept {
  if (hooks_exist()) take_out(tables().nodes, node);
}

}  // namespace lamina

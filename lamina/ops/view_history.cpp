#include "lamina/graph/view_history.h"

#include "lamina/ops/creation.h"
#include "lamina/ops/placed.h"

namespace lamina {

namespace {

ops::Placed place_in_base(const Tensor& view) {
  return {view->base, view.shape(), view.strides(), view.storage_offset()};
}

// d(base after) → d(base before), d(the operation's other inputs): the operation's own backward gets the view's part of the
// gradient, and what it returns for the view takes that part's place.
class CopySlices final : public Node {
 public:
  CopySlices(NodeRef operation, ops::Placed at)
      : Node("CopySlices", 1), operation_(std::move(operation)), at_(std::move(at)) {}

  Tensors backward(const Backward& g) override {
    const Tensors arrived{ops::taken(g.dy(), at_)};
    Tensors gradients = operation_->backward({arrived, *operation_, g.create_graph});
    if (gradients.empty()) gradients.resize(1);
    if (g.needs(0)) {
      const Tensor own = gradients[0].defined() ? gradients[0] : ops::zeros(at_.view_shape, g.dy().dtype());
      gradients[0] = ops::replaced(g.dy(), own, at_);
    }
    return gradients;
  }
  void release_saved() override {
    operation_->release_saved();
    operation_->released = true;
  }

 private:
  const NodeRef operation_;
  const ops::Placed at_;
};

}  // namespace

NodeRef node_from_base(const Tensor& view) {
  auto backward = [at = place_in_base(view)](const Backward& g) -> Tensors { return {ops::spread(g.dy(), at)}; };
  const NodeRef node(new FunctionNode<decltype(backward)>("AsStridedBackward0", 1, std::move(backward)));
  node->edges.push_back(gradient_edge(view->base));
  return node;
}

NodeRef copy_slices(const Tensor& view, const NodeRef& operation) {
  const NodeRef node(new CopySlices(operation, place_in_base(view)));
  node->edges.push_back(gradient_edge(view->base));
  for (size_t i = 1; i < operation->edges.size(); ++i) node->edges.push_back(operation->edges[i]);
  return node;
}

}  // namespace lamina

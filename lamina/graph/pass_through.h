// A node of the graph that lets values through as they are and sees their gradients: what hooks of modules stand on.
#pragma once
#include "lamina/graph/node.h"

namespace lamina {

/// New handles to the same values, whose gradients go through `backward`: Tensors(const Backward&), one for each.
template <class F>
Tensors pass_through(const char* name, const Tensors& tensors, F backward) {
  Tensors out;
  const NodeRef node(new FunctionNode<F>(name, uint32_t(tensors.size()), std::move(backward)));
  for (const Tensor& t : tensors) node->edges.push_back(gradient_edge(t));
  for (size_t i = 0; i < tensors.size(); ++i) {
    out.push_back(alias(tensors[i], tensors[i].shape(), tensors[i].strides()));
    if (tensors[i].is_floating_point()) set_history(out.back(), node, uint16_t(i));
  }
  return out;
}

}  // namespace lamina

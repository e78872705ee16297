// Second derivatives of operations whose backward is a kernel: their plain formula is run again, recorded, and
// differentiated.
//   if (g.create_graph) return differentiate(g, {x, w}, [&](const Tensors& in) { return layer_norm_plain(in[0], in[1], eps); });
#pragma once
#include <functional>

#include "lamina/graph/node.h"

namespace lamina {

/// The gradients of plain(inputs)·g.dy() for the inputs that g needs, built of recorded operations.
Tensors differentiate(const Backward& g, const Tensors& inputs, const std::function<Tensor(const Tensors&)>& plain);
/// The same for a node of several outputs, all of which plain returns in their order.
Tensors differentiate(const Backward& g, const Tensors& inputs, const std::function<Tensors(const Tensors&)>& plain);

}  // namespace lamina

// The history of views that share memory with a tensor that is written into, after PyTorch's CopySlices: what an in-place
// operation does to a view, it does to the view's base, and every other view of the base gets its history anew when it is
// next asked for. Both need operations, so ops/view_history.cpp defines them.
#pragma once
#include "lamina/graph/node.h"

namespace lamina {

/// The node that makes `view` from its base as the base is now.
NodeRef node_from_base(const Tensor& view);

/// The node of view's base after an in-place operation whose own node, with the view as its first input, is `operation`.
NodeRef copy_slices(const Tensor& view, const NodeRef& operation);

}  // namespace lamina

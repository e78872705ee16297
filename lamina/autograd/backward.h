// Gradients of recorded operations.
//   backward({loss});                              // into .grad of every leaf
//   Tensors g = grad({loss}, {w, b});              // returned, .grad untouched
#pragma once
#include "lamina/core/tensor.h"

namespace lamina {

struct BackwardOptions {
  bool retain_graph = false;  // keep saved values, so that backward can run again
  bool create_graph = false;  // record the gradients' own computation (second derivatives); implies retain_graph
};

/// Adds to .grad of every leaf below `outputs` the gradient of Σ outputs·gradients. A gradient may be undefined for an
/// output of one element (it is 1). Source: torch.autograd.backward.
void backward(const Tensors& outputs, const Tensors& gradients = {}, BackwardOptions options = {});

struct GradOptions {
  bool retain_graph = false;
  bool create_graph = false;
  bool allow_unused = false;       // undefined for an input that the outputs do not depend on, instead of an Error
  bool materialize_grads = false;  // zeros for those
};

/// The gradients of Σ outputs·gradients with respect to `inputs`, leaves or not. Source: torch.autograd.grad.
Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients = {}, GradOptions options = {});

}  // namespace lamina

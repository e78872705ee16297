// gradcheck: a function's recorded gradients against finite differences.
#pragma once
#include <functional>

#include "lamina/core/tensor.h"

namespace lamina {

using TensorsFunction = std::function<Tensors(const Tensors&)>;

struct GradcheckOptions {
  double eps = 1e-6, atol = 1e-5, rtol = 1e-3;
  bool raise_exception = true;  // false: return false instead
};

/// Compares every element of the Jacobian of f with central differences. The inputs that are checked ask for a gradient
/// and are float64; f must give the same values each time. Source: torch.autograd.gradcheck (its slow mode).
bool gradcheck(const TensorsFunction& f, const Tensors& inputs, GradcheckOptions options = {});

/// The same for the gradients of f as functions of inputs and of random cotangents: second derivatives.
/// Source: torch.autograd.gradgradcheck.
bool gradgradcheck(const TensorsFunction& f, const Tensors& inputs, GradcheckOptions options = {});

}  // namespace lamina

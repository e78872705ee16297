// Full backward hooks: two nodes in the graph, one before and one behind the module's forward, catch its gradients.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

class BackwardHooks {
 public:
  /// Whether a call of `self` has any to run.
  static bool wanted(PyObject* self);
  /// The hooks that `self` has now.
  explicit BackwardHooks(PyObject* self);
  /// The arguments, tensors among them passed through the node that will run the hooks.
  nb::object input(nb::object args);
  /// The result, passed through the node that catches its gradient.
  nb::object output(nb::object result);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lamina::python

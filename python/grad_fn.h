// x.grad_fn: a node of the autograd graph as a Python object, for looking at.
#pragma once
#include <Python.h>

#include "lamina/core/tensor.h"

namespace lamina::python {

/// A new reference, None without a node. Two objects of one node are equal.
PyObject* new_grad_fn(const NodeRef& node);

}  // namespace lamina::python

// What functions that make tensors share: how their size is given, and what happens to the tensor in the end.
#pragma once
#include "python/casters.h"

namespace lamina::python {

/// The size from name(2, 3), name((2, 3)) or name(size=(2, 3)).
Shape size_argument(const char* name, const nb::args& size, const nb::object& sizes);
/// Copies into `out` where one is given, and asks for a gradient.
Tensor finish(Tensor made, const nb::object& out, bool requires_grad);

}  // namespace lamina::python

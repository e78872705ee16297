// The check that a layer still has a tensor that it cannot do without.
#pragma once
#include "lamina/core/error.h"
#include "lamina/core/tensor.h"
#include "lamina/core/text.h"

namespace lamina::ops {

/// Error unless `t` is there: a script may have deleted it from the layer, or set it to None.
inline void check_defined(const char* what, const Tensor& t) {
  if (!t.defined()) throw Error(str(what, " is missing"), "It was deleted from the layer or set to None");
}

}  // namespace lamina::ops

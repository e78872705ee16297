// The list of all layers that have a declaration: bindings, docs and tools walk it.
#pragma once
#include <vector>

#include "lamina/nn/declaration.h"

namespace lamina::nn {

const std::vector<const Declaration*>& layers();

}  // namespace lamina::nn

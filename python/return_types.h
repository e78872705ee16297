// What operations with several named results return: a tuple whose items have names, torch.return_types.max.
#pragma once
#include <initializer_list>
#include <utility>

#include "python/casters.h"

namespace lamina::python {

/// A new torch.return_types.<name>; the names of the results are the same for every call with this name.
nb::object return_type(const char* name, std::initializer_list<std::pair<const char*, Tensor>> results);

}  // namespace lamina::python

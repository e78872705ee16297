// The path of the module in which an exception arose, told to the exception while it unwinds.
#pragma once
#include "python/module_type.h"

namespace lamina::python {

/// With a Python error set: it has passed through `module`. A lamina.Error gets the path in its message, any other
/// Exception one note: "in encoder.0 (MyBlock) of Net".
void note_failure(nn::Module& module) noexcept;

/// Inside a catch block: the same for a Python exception on its way through C++ (Module::foreign_failed).
void note_foreign_failure(nn::Module& module);

}  // namespace lamina::python

// The constants that PyTorch calls layouts and memory formats: torch.strided, torch.contiguous_format, …
// Lamina's tensors are strided, and new ones contiguous.
#pragma once
#include <Python.h>

namespace lamina::python {

PyObject* strided_layout();  // a new reference
PyObject* sparse_layout();   // the same
/// None, torch.contiguous_format or torch.preserve_format; NotImplementedError for a channels-last format.
void check_memory_format(PyObject* o);

}  // namespace lamina::python

// Tensors from Python data: numbers, nested lists, NumPy arrays, other tensors.
#pragma once
#include <Python.h>

#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::python {

/// A new tensor with a copy of `data`, as torch.tensor makes it. Without a dtype: bool < int64 < the default float type, the
/// type of NumPy scalars and tensors where there are some. ShapeError for lists of unequal length, TypeError for what is no
/// number, OptionError for a number that the type cannot hold.
Tensor tensor_from(PyObject* data, std::optional<DType> dtype);

/// The same, but a tensor or NumPy array of that type is shared, as torch.as_tensor does.
Tensor as_tensor(PyObject* data, std::optional<DType> dtype);

}  // namespace lamina::python

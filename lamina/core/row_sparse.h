// Tensors of which only some rows (along the first dimension) are not zero: the gradient of a table's few used rows.
// To every operation such a tensor is dense, and right. Its memory are pages that the system gives only where something was
// written, so a table of a million rows costs what its used rows cost; optimizers ask for the rows and touch no others.
// Any change in place by something that does not know of the rows makes it an ordinary dense tensor.
#pragma once
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina {

/// Zeros of `shape`. The caller writes into `rows` (sorted, each once) and into nothing else.
Tensor make_row_sparse(const Shape& shape, DType dtype, std::vector<int64_t> rows);
/// The rows that may hold anything but zeros; null for a dense tensor. Valid while `t` lives and is not changed.
const std::vector<int64_t>* sparse_rows(const Tensor& t);
/// After a change in place that has left zeros zero: the tensor stays sparse.
void keep_sparse_rows(const Tensor& t);
/// After a change that the storage's version does not count (through x.data): the tensor is dense from now on.
void forget_sparse_rows(const Tensor& t);

}  // namespace lamina

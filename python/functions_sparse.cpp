// The methods by which scripts look at sparse gradients.
#include "lamina/ops/creation.h"
#include "lamina/ops/row_sparse.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

bool is_sparse(const Tensor& t) { return sparse_rows(t) != nullptr; }

Tensor coalesce(const Tensor& t) {
  ops::sparse_indices(t);  // an error for a dense tensor
  return t;
}

int64_t dense_dim(const Tensor& t) { return is_sparse(t) ? t.rank() - 1 : t.rank(); }

}  // namespace

void bind_sparse(nb::module_& m) {
  const Op op{m};
  for (const char* name : {"indices", "_indices"})
    op.method(name, ops::sparse_indices, "Of a sparse gradient: the numbers of its rows (1, n), sorted.");
  for (const char* name : {"values", "_values"})
    op.method(name, ops::sparse_values, "Of a sparse gradient: its rows (n, *).");
  op.method(
      "_nnz", [](const Tensor& t) { return ops::sparse_indices(t).numel(); },
      "Of a sparse gradient: how many rows it has.");
  op.method("coalesce", coalesce, "A sparse gradient itself: no row comes twice.");
  op.method("is_coalesced", is_sparse, "True for a sparse gradient.");
  op.method(
      "to_dense", [](const Tensor& t) { return is_sparse(t) ? ops::clone(t) : t; },
      "A sparse gradient as a dense tensor; a dense tensor itself.");
  op.method(
      "sparse_dim", [](const Tensor& t) { return int64_t(is_sparse(t)); },
      "1 for a sparse gradient, whose rows are counted; 0 otherwise.");
  op.method("dense_dim", dense_dim, "The dimensions that are not sparse.");
}

}  // namespace lamina::python

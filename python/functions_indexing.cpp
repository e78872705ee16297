// Elements by number or mask, and matrix products, as functions and methods: x.gather, x.scatter_, lamina.matmul, …
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"
#include "python/bind.h"
#include "python/out.h"

namespace lamina::python {

namespace {

void bind_gathering(const OutOp& op) {
  op("index_select", &ops::index_select, "The slices along dim that index names.", "input"_a, "dim"_a, "index"_a);
  op(
      "gather",
      [](const Tensor& input, int64_t dim, const Tensor& index, bool) { return ops::gather(input, dim, index); },
      "The elements along dim that index names.", "input"_a, "dim"_a, "index"_a, nb::kw_only(),
      "sparse_grad"_a = false);
  op("take_along_dim", &ops::take_along_dim, "gather after broadcasting.", "input"_a, "indices"_a,
     "dim"_a = nb::none());
  op("masked_select", &ops::masked_select, "The elements where mask holds.", "input"_a, "mask"_a);
  op(
      "nonzero",
      [](const Tensor& input, bool as_tuple) -> nb::object {
        const Tensor found = ops::nonzero(input);
        if (!as_tuple) return nb::cast(found);
        return nb::cast(ops::unbind(input.rank() ? found : ops::nonzero(ops::reshape(input, {1})), 1));
      },
      "The places of elements that are not zero.", "input"_a, nb::kw_only(), "as_tuple"_a = false);
  op("nonzero_static", &ops::nonzero_static, "The first `size` places of elements that are not zero.", "input"_a,
     nb::kw_only(), "size"_a, "fill_value"_a = -1);
  op.function("unravel_index", &ops::unravel_index, "The indices into a tensor of shape of numbers into its elements.",
              "indices"_a, "shape"_a);
  op.function(
      "where",
      [](const Tensor& condition) {
        return ops::unbind(ops::nonzero(condition.rank() ? condition : ops::reshape(condition, {1})), 1);
      },
      "The places where condition holds, one tensor a dimension.", "condition"_a);
}

// The older scatter with reduce="add" or "multiply".
Tensor scatter_with(const Tensor& x, int64_t dim, const Tensor& index, const Operand& src, const std::string& reduce) {
  if (reduce != "add" && reduce != "multiply")
    throw OptionError("reduce argument must be either add or multiply, got " + reduce);
  const Tensor values = src.tensor ? *src.tensor : ops::full(index.shape(), src.scalar, x.dtype());
  return ops::scatter_reduce(x, dim, index, values, reduce == "add" ? "sum" : "prod");
}

// A tensor without dimensions as the value has its gradient, which counts each slice once.
Tensor index_fill_(const Tensor& self, int64_t dim, const Tensor& index, const Operand& value) {
  if (!value.tensor) return ops::index_fill_(self, dim, index, value.scalar);
  if (value.tensor->rank() != 0)
    throw ShapeError(str("index_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
                         value.tensor->rank(), " dimension(s)."));
  Shape shape = self.shape();
  const int64_t d = wrap_dim(dim, self.rank()), size = self.rank() ? shape[d] : 1;
  const Tensor each = ops::unique(ops::where(ops::lt(index, 0), ops::add(index, size), index)).values;
  if (self.rank()) shape[d] = each.numel();
  return ops::index_copy_(self, dim, each, ops::expand(ops::to(*value.tensor, self.dtype()), shape));
}
Tensor index_fill(const Tensor& input, int64_t dim, const Tensor& index, const Operand& value) {
  return index_fill_(ops::clone(input), dim, index, value);
}

void bind_scattering(const OutOp& op) {
  op(
      "scatter",
      [](const Tensor& input, int64_t dim, const Tensor& index, const Operand& src) {
        return src.tensor ? ops::scatter(input, dim, index, *src.tensor) : ops::scatter(input, dim, index, src.scalar);
      },
      "input with src in the places that index names.", "input"_a, "dim"_a, "index"_a, "src"_a);
  op("scatter", scatter_with, "input with src added or multiplied into the places that index names.", "input"_a,
     "dim"_a, "index"_a, "src"_a, nb::kw_only(), "reduce"_a);
  op.method(
      "scatter_",
      [](const Tensor& self, int64_t dim, const Tensor& index, const Operand& src,
         const std::string& reduce) -> Tensor {
        return ops::inplace(self, "scatter_",
                            [&](const Tensor& before) { return scatter_with(before, dim, index, src, reduce); });
      },
      "src added or multiplied into the places that index names.", "dim"_a, "index"_a, "src"_a, nb::kw_only(),
      "reduce"_a);
  op(
      "scatter",
      [](const Tensor& input, int64_t dim, const Tensor& index, Scalar value, const std::string& reduce) {
        return scatter_with(input, dim, index, {nullptr, value}, reduce);
      },
      "input with a number added or multiplied into the places that index names.", "input"_a, "dim"_a, "index"_a,
      "value"_a, nb::kw_only(), "reduce"_a);
  op.method(
      "scatter_",
      [](const Tensor& self, int64_t dim, const Tensor& index, Scalar value, const std::string& reduce) -> Tensor {
        return ops::inplace(self, "scatter_", [&](const Tensor& before) {
          return scatter_with(before, dim, index, {nullptr, value}, reduce);
        });
      },
      "A number added or multiplied into the places that index names.", "dim"_a, "index"_a, "value"_a, nb::kw_only(),
      "reduce"_a);
  op.method(
      "scatter_",
      [](const Tensor& self, int64_t dim, const Tensor& index, const Operand& src) -> Tensor {
        return src.tensor ? ops::scatter_(self, dim, index, *src.tensor) : ops::scatter_(self, dim, index, src.scalar);
      },
      "src into the places that index names.", "dim"_a, "index"_a, "src"_a);
  op(
      "scatter",
      [](const Tensor& input, int64_t dim, const Tensor& index, Scalar value) {
        return ops::scatter(input, dim, index, value);
      },
      "input with a number in the places that index names.", "input"_a, "dim"_a, "index"_a, "value"_a);
  op.method(
      "scatter_",
      [](const Tensor& self, int64_t dim, const Tensor& index, Scalar value) -> Tensor {
        return ops::scatter_(self, dim, index, value);
      },
      "A number into the places that index names.", "dim"_a, "index"_a, "value"_a);
  op("scatter_add", &ops::scatter_add, "input with src added in the places that index names.", "input"_a, "dim"_a,
     "index"_a, "src"_a);
  op.method("scatter_add_", &ops::scatter_add_, "Adds src in the places that index names.", "dim"_a, "index"_a,
            "src"_a);
  op("index_add", &ops::index_add, "input with source added to the slices that index names.", "input"_a, "dim"_a,
     "index"_a, "source"_a, nb::kw_only(), "alpha"_a = 1);
  op.method("index_add_", &ops::index_add_, "Adds source to the slices that index names.", "dim"_a, "index"_a,
            "source"_a, nb::kw_only(), "alpha"_a = 1);
  op("index_copy", &ops::index_copy, "input with source in the slices that index names.", "input"_a, "dim"_a, "index"_a,
     "source"_a);
  op.method("index_copy_", &ops::index_copy_, "source into the slices that index names.", "dim"_a, "index"_a,
            "source"_a);
  op("index_fill", index_fill, "input with value in the slices that index names.", "input"_a, "dim"_a, "index"_a,
     "value"_a);
  op.method("index_fill_", index_fill_, "value into the slices that index names.", "dim"_a, "index"_a, "value"_a);
  op.method(
      "index_put_",
      [](const Tensor& self, const Tensors& indices, const Tensor& values, bool accumulate) -> Tensor {
        return ops::index_put_(self, ops::Indices(indices.begin(), indices.end()), values, accumulate);
      },
      "self[indices] = values", "indices"_a, "values"_a, "accumulate"_a = false);
}

void bind_products(const OutOp& op) {
  op("matmul", &ops::matmul, "The matrix product.", "input"_a, "other"_a);
  op("mm", &ops::mm, "The product of two matrices.", "input"_a, "mat2"_a);
  op("bmm", &ops::bmm, "The products of matrices in a batch.", "input"_a, "mat2"_a);
  op("mv", &ops::mv, "A matrix times a vector.", "input"_a, "vec"_a);
  op("dot", &ops::dot, "The product of two vectors.", "input"_a, "tensor"_a);
  for (const char* name : {"outer", "ger"})
    op(name, &ops::outer, "The products of every element with every other.", "input"_a, "vec2"_a);
  op("addmm", &ops::addmm, "beta·input + alpha·(mat1 @ mat2)", "input"_a, "mat1"_a, "mat2"_a, nb::kw_only(),
     "beta"_a = 1, "alpha"_a = 1);
  op("baddbmm", &ops::baddbmm, "beta·input + alpha·(batch1 @ batch2)", "input"_a, "batch1"_a, "batch2"_a, nb::kw_only(),
     "beta"_a = 1, "alpha"_a = 1);
  op("addmv", &ops::addmv, "beta·input + alpha·(mat @ vec)", "input"_a, "mat"_a, "vec"_a, nb::kw_only(), "beta"_a = 1,
     "alpha"_a = 1);
}

}  // namespace

void bind_indexing(nb::module_& m) {
  const OutOp op{m};
  bind_gathering(op);
  bind_scattering(op);
  bind_products(op);
}

}  // namespace lamina::python

// Parts, combinations and products as functions and methods: x.tensor_split, lamina.kron, x.addmm_, …
#include "lamina/ops/rearrange.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/out.h"

namespace lamina::python {

namespace {

// Tensors one by one, or as one sequence.
Tensors listed(nb::args given) {
  const bool sequence = PyTuple_GET_SIZE(given.ptr()) == 1 && !is_tensor(PyTuple_GET_ITEM(given.ptr(), 0));
  return nb::cast<Tensors>(sequence ? nb::handle(PyTuple_GET_ITEM(given.ptr(), 0)) : nb::handle(given));
}

Tensors split_of(const Tensor& x, nb::handle sections, int64_t dim) {
  if (is_tensor(sections.ptr())) return split_of(x, nb::object(sections.attr("tolist")()), dim);
  if (!PyTuple_Check(sections.ptr()) && !PyList_Check(sections.ptr()))
    return ops::tensor_split(x, nb::cast<int64_t>(sections), dim);
  Shape indices;
  for (nb::handle i : sections) indices.push_back(nb::cast<int64_t>(i));
  return ops::tensor_split(x, indices, dim);
}

void bind_parts(const OutOp& op) {
  for (const char* keyword : {"indices_or_sections", "sections", "indices"})
    op("tensor_split", split_of, "Parts along dim: a number of them, or cut before each index.", "input"_a,
       nb::arg(keyword), "dim"_a = 0);
  op(
      "hsplit",
      [](const Tensor& input, nb::object sections) { return split_of(input, sections, input.rank() == 1 ? 0 : 1); },
      "Parts side by side.", "input"_a, "indices_or_sections"_a);
  op(
      "vsplit", [](const Tensor& input, nb::object sections) { return split_of(input, sections, 0); },
      "Parts one below another.", "input"_a, "indices_or_sections"_a);
  op(
      "dsplit", [](const Tensor& input, nb::object sections) { return split_of(input, sections, 2); },
      "Parts along the third dimension.", "input"_a, "indices_or_sections"_a);
  op("unsafe_chunk", &ops::chunk, "At most so many parts along dim.", "input"_a, "chunks"_a, "dim"_a = 0);
  op.function("dstack", &ops::dstack, "The tensors along the third dimension.", "tensors"_a);
  op.function("column_stack", &ops::column_stack, "The vectors as columns.", "tensors"_a);
  op.function("row_stack", &ops::vstack, "The tensors one below another.", "tensors"_a);
  op.function(
      "block_diag", [](nb::args tensors) { return ops::block_diag(listed(tensors)); },
      "The matrices along the diagonal of one.", "tensors"_a);
  op("rot90", &ops::rot90, "Turned k times by 90° in the plane of dims.", "input"_a, "k"_a = 1,
     "dims"_a = nb::make_tuple(0, 1));
  op("take", &ops::take, "The elements of the flattened tensor that index names.", "input"_a, "index"_a);
  op.method("put_", &ops::put_, "source into the places of the flattened tensor that index names.", "index"_a,
            "source"_a, "accumulate"_a = false);
  op(
      "put",
      [](const Tensor& input, const Tensor& index, const Tensor& source, bool accumulate) -> Tensor {
        return ops::put_(ops::clone(input), index, source, accumulate);
      },
      "input with source in the places of the flattened tensor that index names.", "input"_a, "index"_a, "source"_a,
      "accumulate"_a = false);
  op("argwhere", &ops::nonzero, "The places of elements that are not zero.", "input"_a);
}

void bind_overwriting(const OutOp& op) {
  op("select_scatter", &ops::select_scatter, "input with src as element index of dim.", "input"_a, "src"_a, "dim"_a,
     "index"_a);
  op("slice_scatter", &ops::slice_scatter, "input with src as a slice of dim.", "input"_a, "src"_a, "dim"_a = 0,
     "start"_a = nb::none(), "end"_a = nb::none(), "step"_a = 1);
  op("as_strided_scatter", &ops::as_strided_scatter, "input with src in a view of its memory.", "input"_a, "src"_a,
     "size"_a, "stride"_a, "storage_offset"_a = nb::none());
  op("diagonal_scatter", &ops::diagonal_scatter, "input with src as a diagonal.", "input"_a, "src"_a, "offset"_a = 0,
     "dim1"_a = 0, "dim2"_a = 1);
  op(
      "index_put",
      [](const Tensor& input, const Tensors& indices, const Tensor& values, bool accumulate) -> Tensor {
        return ops::index_put_(ops::clone(input), ops::Indices(indices.begin(), indices.end()), values, accumulate);
      },
      "input with input[indices] = values", "input"_a, "indices"_a, "values"_a, "accumulate"_a = false);
  op.method(
      "scatter_reduce_",
      [](const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src, std::string reduce,
         bool include_self) -> Tensor {
        return ops::inplace(self, "scatter_reduce_", [&](const Tensor& before) {
          return ops::scatter_reduce(before, dim, index, src, reduce, include_self);
        });
      },
      "src joined into the places that index names.", "dim"_a, "index"_a, "src"_a, "reduce"_a, nb::kw_only(),
      "include_self"_a = true);
}

void bind_choices(const OutOp& op) {
  const auto triangle = [&](const char* name, auto f) {
    op.function(
        name,
        [f](int64_t row, int64_t col, int64_t offset, std::optional<DType> dtype, DeviceArgument device,
            nb::object layout) {
          device.check();
          return ops::to(f(row, col, offset), dtype.value_or(kInt64));
        },
        "The places of a triangle of a matrix.", "row"_a, "col"_a, "offset"_a = 0, nb::kw_only(),
        "dtype"_a = nb::none(), "device"_a = nb::none(), "layout"_a = nb::none());
  };
  triangle("tril_indices", &ops::tril_indices);
  triangle("triu_indices", &ops::triu_indices);
  op.function(
      "cartesian_prod", [](nb::args tensors) { return ops::cartesian_prod(listed(tensors)); },
      "Every choice of one element of each vector.", "tensors"_a);
  op.function("combinations", &ops::combinations, "Every choice of r elements.", "input"_a, "r"_a = 2,
              "with_replacement"_a = false);
  op.function("vander", &ops::vander, "The powers of each element.", "x"_a, "N"_a = nb::none(), "increasing"_a = false);
  op(
      "diagflat", [](const Tensor& input, int64_t offset) { return ops::diag(ops::reshape(input, {-1}), offset); },
      "All elements on the diagonal of a matrix.", "input"_a, "offset"_a = 0);
}

Tensor chain_matmul(nb::args matrices) {
  const Tensors list = listed(matrices);
  if (list.empty()) throw OptionError("chain_matmul(): Expected one or more matrices");
  Tensor product = list[0];
  for (size_t i = 1; i < list.size(); ++i) product = ops::mm(product, list[i]);
  return product;
}

Tensor cross(const Tensor& input, const Tensor& other, std::optional<int64_t> dim) {
  int64_t d = dim.value_or(-1);
  if (!dim)
    for (int64_t k = input.rank() - 1; k >= 0; --k)
      if (input.shape()[k] == 3) d = k;  // the first of size 3
  return ops::cross(input, other, d);
}

void bind_products(const OutOp& op) {
  op("inner", &ops::inner, "Σ over the last dimension of both.", "input"_a, "other"_a);
  op("vdot", &ops::dot, "The product of two vectors.", "input"_a, "other"_a);
  op("kron", &ops::kron, "The products of all elements with all others, as blocks.", "input"_a, "other"_a);
  op("cross", cross, "The vector product.", "input"_a, "other"_a, "dim"_a = nb::none());
  op("addr", &ops::addr, "beta·input + alpha·(vec1 ⊗ vec2)", "input"_a, "vec1"_a, "vec2"_a, nb::kw_only(), "beta"_a = 1,
     "alpha"_a = 1);
  op("addbmm", &ops::addbmm, "beta·input + alpha·Σ(batch1 @ batch2)", "input"_a, "batch1"_a, "batch2"_a, nb::kw_only(),
     "beta"_a = 1, "alpha"_a = 1);
  op("matrix_power", &ops::matrix_power, "The n-th power of square matrices.", "input"_a, "n"_a);
  op.function("chain_matmul", chain_matmul, "The product of all matrices.", "matrices"_a);
}

using Product = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, Scalar, Scalar);
template <Product f>
void product_inplace(const OutOp& op, const char* name, const char* first, const char* second) {
  op.method(
      name,
      [name](const Tensor& self, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) -> Tensor {
        return ops::inplace(self, name, [&](const Tensor& before) { return f(before, a, b, beta, alpha); });
      },
      "The same in place.", nb::arg(first), nb::arg(second), nb::kw_only(), "beta"_a = 1, "alpha"_a = 1);
}

void bind_products_inplace(const OutOp& op) {
  product_inplace<ops::addmm>(op, "addmm_", "mat1", "mat2");
  product_inplace<ops::addmv>(op, "addmv_", "mat", "vec");
  product_inplace<ops::addr>(op, "addr_", "vec1", "vec2");
  product_inplace<ops::baddbmm>(op, "baddbmm_", "batch1", "batch2");
  product_inplace<ops::addbmm>(op, "addbmm_", "batch1", "batch2");
  for (const bool lower : {true, false})
    op.method(
        lower ? "tril_" : "triu_",
        [lower](const Tensor& self, int64_t diagonal) -> Tensor {
          return ops::inplace(self, lower ? "tril_" : "triu_", [&](const Tensor& before) {
            return lower ? ops::tril(before, diagonal) : ops::triu(before, diagonal);
          });
        },
        "Zeros on the other side of the diagonal.", "diagonal"_a = 0);
  for (const bool product : {true, false})
    op.method(
        product ? "cumprod_" : "cumsum_",
        [product](const Tensor& self, int64_t dim, std::optional<DType>) -> Tensor {  // self keeps its type
          return ops::inplace(self, product ? "cumprod_" : "cumsum_", [&](const Tensor& before) {
            return product ? ops::cumprod(before, dim) : ops::cumsum(before, dim);
          });
        },
        "The running total in place.", "dim"_a, nb::kw_only(), "dtype"_a = nb::none());
}

Tensor sum_to_size(const Tensor& self, nb::args size) {
  const Shape shape = shape_of_arguments(&PyTuple_GET_ITEM(size.ptr(), 0), PyTuple_GET_SIZE(size.ptr()), "sum_to_size");
  if (broadcast(self.shape(), shape) != self.shape())
    throw ShapeError(str("size ", shape, " is not expandable to size ", self.shape()));
  if (shape == self.shape() && shape.rank()) return self;
  return ops::sum_to(self.dtype() == kBool ? ops::to(self, kInt64) : self, shape);
}

}  // namespace

void bind_rearrange(nb::module_& m) {
  const OutOp op{m};
  bind_parts(op);
  bind_overwriting(op);
  bind_choices(op);
  bind_products(op);
  bind_products_inplace(op);
  op.method("sum_to_size", sum_to_size, "Summed over the dimensions in which size is 1 or missing.", "size"_a);
}

}  // namespace lamina::python

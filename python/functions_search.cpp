// Sums of products over named dimensions, quantiles, places among sorted values: lamina.einsum, x.quantile, …
#include <algorithm>
#include <functional>

#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/einsum.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/search.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/out.h"

namespace lamina::python {

namespace {

Shape dims_from(nb::handle dims) {
  if (PyLong_Check(dims.ptr())) return {nb::cast<int64_t>(dims)};
  return nb::cast<Shape>(dims);
}

void check_compute_mode(const std::string& mode) {
  for (const char* known :
       {"use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"})
    if (mode == known) return;
  throw OptionError(mode + " is not a valid value for compute_mode");
}

void bind_contractions(const OutOp& op) {
  op.function(
      "einsum",
      [](const std::string& equation, nb::args operands) {
        const bool listed = nb::len(operands) == 1 && !is_tensor(PyTuple_GET_ITEM(operands.ptr(), 0));
        return ops::einsum(equation, nb::cast<Tensors>(listed ? nb::object(operands[0]) : nb::object(operands)));
      },
      "Sums of products over the dimensions that letters name.", "equation"_a, "operands"_a);
  op.function(
      "tensordot",
      [](const Tensor& a, const Tensor& b, nb::object dims) {
        if (PyLong_Check(dims.ptr())) return ops::tensordot(a, b, nb::cast<int64_t>(dims));
        return ops::tensordot(a, b, dims_from(dims[0]), dims_from(dims[1]));
      },
      "The sum of products over pairs of dimensions.", "a"_a, "b"_a, "dims"_a = 2);
  op.function(
      "cdist",
      [](const Tensor& x1, const Tensor& x2, double p, const std::string& compute_mode) {
        check_compute_mode(compute_mode);
        return ops::cdist(x1, x2, p);
      },
      "The p-norm of the difference of every pair of rows; compute_mode is accepted, there is one way.", "x1"_a, "x2"_a,
      "p"_a = 2.0, "compute_mode"_a = "use_mm_for_euclid_dist_if_necessary");
  op("diag_embed", &ops::diag_embed, "The last dimension on the diagonal of two new ones.", "input"_a, "offset"_a = 0,
     "dim1"_a = -2, "dim2"_a = -1);
  op("trace", &ops::trace, "The sum of a matrix's diagonal.", "input"_a);
}

// A number as a tensor without dimensions, of the type that it has beside the other operand.
Tensor tensor_like(const Operand& o, const Tensor& beside) {
  return o.tensor ? *o.tensor : ops::full({}, o.scalar, ops::result_type(beside, o.scalar));
}

void bind_places(const OutOp& op) {
  op.function(
      "searchsorted",
      [](const Tensor& sorted_sequence, const Operand& input, bool out_int32, bool right,
         std::optional<std::string> side, const Tensor& sorter) {
        if (side && *side != "left" && *side != "right")
          throw OptionError("torch.searchsorted(): side can only be 'left' or 'right' but got " + *side);
        if (right && side == "left")
          throw OptionError(
              "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True");
        if (sorter.defined() && sorter.shape() != sorted_sequence.shape())
          throw ShapeError("torch.searchsorted(): boundary and sorter must have the same size");
        const Tensor sorted = sorter.defined() ? ops::gather(sorted_sequence, -1, sorter) : sorted_sequence;
        const Tensor places = ops::searchsorted(sorted, tensor_like(input, sorted), side ? *side == "right" : right);
        return out_int32 ? ops::to(places, kInt32) : places;
      },
      "The first place whose value is not below (right: is above) the value.", "sorted_sequence"_a, "input"_a,
      nb::kw_only(), "out_int32"_a = false, "right"_a = false, "side"_a = nb::none(), "sorter"_a.none() = nb::none());
  op.function(
      "bucketize",
      [](const Operand& input, const Tensor& boundaries, bool out_int32, bool right) {
        const Tensor places = ops::bucketize(tensor_like(input, boundaries), boundaries, right);
        return out_int32 ? ops::to(places, kInt32) : places;
      },
      "searchsorted with one row of boundaries.", "input"_a, "boundaries"_a, nb::kw_only(), "out_int32"_a = false,
      "right"_a = false);
  op.function(
      "isin",
      [](const Operand& elements, const Operand& test_elements, bool assume_unique, bool invert) {
        if (!elements.tensor && !test_elements.tensor) throw DTypeError("isin: one of the operands must be a Tensor");
        const Tensor& beside = elements.tensor ? *elements.tensor : *test_elements.tensor;
        return ops::isin(tensor_like(elements, beside), tensor_like(test_elements, beside), invert);
      },
      "Whether each element is among test_elements.", "elements"_a, "test_elements"_a, nb::kw_only(),
      "assume_unique"_a = false, "invert"_a = false);
  op(
      "quantile",
      [](const Tensor& input, const Operand& q, std::optional<int64_t> dim, bool keepdim, std::string interpolation) {
        return ops::quantile(input, q.tensor ? *q.tensor : ops::full({}, q.scalar, input.dtype()), dim, keepdim,
                             interpolation);
      },
      "The values that a share q of each row lies below.", "input"_a, "q"_a, "dim"_a = nb::none(), "keepdim"_a = false,
      nb::kw_only(), "interpolation"_a = "linear");
  op(
      "nanquantile",
      [](const Tensor& input, const Operand& q, std::optional<int64_t> dim, bool keepdim, std::string interpolation) {
        return ops::nanquantile(input, q.tensor ? *q.tensor : ops::full({}, q.scalar, input.dtype()), dim, keepdim,
                                interpolation);
      },
      "The same of what is not NaN.", "input"_a, "q"_a, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(),
      "interpolation"_a = "linear");
}

void bind_joining(const OutOp& op) {
  op("scatter_reduce", &ops::scatter_reduce, "input with src joined into the places that index names.", "input"_a,
     "dim"_a, "index"_a, "src"_a, "reduce"_a, nb::kw_only(), "include_self"_a = true);
  op("index_reduce", &ops::index_reduce, "input with source joined into the slices that index names.", "input"_a,
     "dim"_a, "index"_a, "source"_a, "reduce"_a, nb::kw_only(), "include_self"_a = true);
  op.method(
      "index_reduce_",
      [](const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source, const std::string& reduce,
         bool include_self) -> Tensor {
        return ops::inplace(self, "index_reduce_", [&](const Tensor& before) {
          return ops::index_reduce(before, dim, index, source, reduce, include_self);
        });
      },
      "The same in place.", "dim"_a, "index"_a, "source"_a, "reduce"_a, nb::kw_only(), "include_self"_a = true);
  op("masked_scatter", &ops::masked_scatter, "input with source's elements where mask holds.", "input"_a, "mask"_a,
     "source"_a);
  op.method("masked_scatter_", &ops::masked_scatter_, "source's elements where mask holds.", "mask"_a, "source"_a);
  op.method("fill_diagonal_", &ops::fill_diagonal_, "The diagonal of a matrix filled.", "fill_value"_a);
}

void bind_views_in_place(const OutOp& op) {
  op.method("squeeze_", [](const Tensor& self) -> Tensor { return ops::squeeze_(self); }, "squeeze in place.");
  op.method(
      "squeeze_",
      [](const Tensor& self, const Shape& dims) -> Tensor {
        Shape sorted;
        for (const int64_t d : dims) sorted.push_back(wrap_dim(d, self.rank()));
        std::sort(sorted.begin(), sorted.end(), std::greater<>());  // from the last: the others keep their places
        for (const int64_t d : sorted) ops::squeeze_(self, d);
        return self;
      },
      "squeeze of these dimensions in place.", "dim"_a);
  op.method("unsqueeze_", &ops::unsqueeze_, "unsqueeze in place.", "dim"_a);
  for (const char* name : {"transpose_", "swapaxes_", "swapdims_"})
    op.method(name, &ops::transpose_, "transpose in place.", "dim0"_a, "dim1"_a);
  op.method("t_", &ops::t_, "t in place.");
}

}  // namespace

void bind_search(nb::module_& m) {
  const OutOp op{m};
  bind_contractions(op);
  bind_places(op);
  bind_joining(op);
  bind_views_in_place(op);
}

}  // namespace lamina::python

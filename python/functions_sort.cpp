// Order and equality as functions and methods: lamina.sort, x.topk, lamina.unique, lamina.allclose, …
#include "lamina/core/error.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/out.h"
#include "python/return_types.h"

namespace lamina::python {

namespace {

nb::object named(const char* name, const ops::ValuesAndIndices& found) {
  return return_type(name, {{"values", found.values}, {"indices", found.indices}});
}

void bind_order(const OutOp& op) {
  op(
      "sort",
      [](const Tensor& input, int64_t dim, bool descending, bool stable) {
        return named("sort", ops::sort(input, dim, descending));
      },
      "The elements in order, and where they stood.", "input"_a, "dim"_a = -1, "descending"_a = false,
      "stable"_a = false);
  op(
      "argsort",
      [](const Tensor& input, int64_t dim, bool descending, bool stable) {
        return ops::argsort(input, dim, descending);
      },
      "Where the elements of the sorted tensor stand.", "input"_a, "dim"_a = -1, "descending"_a = false,
      "stable"_a = false);
  op(
      "topk",
      [](const Tensor& input, int64_t k, int64_t dim, bool largest, bool sorted) {
        return named("topk", ops::topk(input, k, dim, largest));
      },
      "The k largest, in order, and where they stood.", "input"_a, "k"_a, "dim"_a = -1, "largest"_a = true,
      "sorted"_a = true);
  op(
      "kthvalue",
      [](const Tensor& input, int64_t k, int64_t dim, bool keepdim) {
        return named("kthvalue", ops::kthvalue(input, k, dim, keepdim));
      },
      "The k-th smallest, and where it stood.", "input"_a, "k"_a, "dim"_a = -1, "keepdim"_a = false);
  op(
      "median", [](const Tensor& input) { return ops::median(input); }, "The lower of the two in the middle.",
      "input"_a);
  op(
      "median",
      [](const Tensor& input, int64_t dim, bool keepdim) { return named("median", ops::median(input, dim, keepdim)); },
      "The same along dim, and where it stood.", "input"_a, "dim"_a, "keepdim"_a = false);
  op(
      "bincount",
      [](const Tensor& input, const Tensor& weights, int64_t minlength) {
        return ops::bincount(input, minlength, weights);
      },
      "How often each number occurs.", "input"_a, "weights"_a.none() = nb::none(), "minlength"_a = 0);
}

// The values, with what was asked for beside them.
nb::object found(const ops::Unique& y, bool return_inverse, bool return_counts) {
  if (!return_inverse && !return_counts) return nb::cast(y.values);
  if (!return_counts) return nb::make_tuple(y.values, y.inverse);
  if (!return_inverse) return nb::make_tuple(y.values, y.counts);
  return nb::make_tuple(y.values, y.inverse, y.counts);
}

void bind_unique(const OutOp& op) {
  op(
      "unique",
      [](const Tensor& input, bool sorted, bool return_inverse, bool return_counts, std::optional<int64_t> dim) {
        return found(ops::unique(input, dim), return_inverse, return_counts);
      },
      "The values, or the slices along dim, each once.", "input"_a, "sorted"_a = true, "return_inverse"_a = false,
      "return_counts"_a = false, "dim"_a = nb::none());
  op(
      "unique_consecutive",
      [](const Tensor& input, bool return_inverse, bool return_counts, std::optional<int64_t> dim) {
        return found(ops::unique_consecutive(input, dim), return_inverse, return_counts);
      },
      "Of equal neighbours one.", "input"_a, "return_inverse"_a = false, "return_counts"_a = false,
      "dim"_a = nb::none());
}

bool all_true(const Tensor& t) { return ops::item(ops::all(t)).to<bool>(); }

void bind_equality(const OutOp& op) {
  op("isclose", &ops::isclose, "Whether |input − other| ≤ atol + rtol·|other|, elementwise.", "input"_a, "other"_a,
     "rtol"_a = 1e-5, "atol"_a = 1e-8, "equal_nan"_a = false);
  op("allclose", &ops::allclose, "Whether |input − other| ≤ atol + rtol·|other| everywhere.", "input"_a, "other"_a,
     "rtol"_a = 1e-5, "atol"_a = 1e-8, "equal_nan"_a = false);
  op(
      "equal",
      [](const Tensor& input, const Tensor& other) {
        const NoGradGuard guard;
        return input.shape() == other.shape() && all_true(ops::eq(input, other));
      },
      "Whether both have the same shape and elements.", "input"_a, "other"_a);
}

}  // namespace

void bind_sort(nb::module_& m) {
  const OutOp op{m};
  bind_order(op);
  bind_unique(op);
  bind_equality(op);
}

}  // namespace lamina::python

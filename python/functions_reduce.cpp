// Reductions as functions and methods: lamina.sum, x.mean(dim), x.max(dim), …
#include <limits>

#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linalg.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"
#include "python/bind.h"
#include "python/out.h"
#include "python/return_types.h"

namespace lamina::python {

namespace {

using MaybeDims = std::optional<Shape>;
using MaybeDim = std::optional<int64_t>;
using MaybeType = std::optional<DType>;

Shape dims_of(const MaybeDims& dims) { return dims.value_or(Shape{}); }

template <Tensor (*f)(const Tensor&, const Shape&, bool, MaybeType)>
void with_dtype(const OutOp& op, const char* name, const char* doc) {
  op(
      name,
      [](const Tensor& input, const MaybeDims& dim, bool keepdim, MaybeType dtype) {
        return f(input, dims_of(dim), keepdim, dtype);
      },
      doc, "input"_a, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "dtype"_a = nb::none());
}

template <Tensor (*f)(const Tensor&, const Shape&, bool)>
void over_dims(const OutOp& op, const char* name, const char* doc) {
  op(
      name, [](const Tensor& input, const MaybeDims& dim, bool keepdim) { return f(input, dims_of(dim), keepdim); },
      doc, "input"_a, "dim"_a = nb::none(), "keepdim"_a = false);
}

// NaNs count as nothing.
Tensor without_nan(const Tensor& x) { return x.is_floating_point() ? ops::where(ops::isnan(x), Scalar(0), x) : x; }

void bind_sums(const OutOp& op) {
  with_dtype<ops::sum>(op, "sum", "The sum over all elements or over dim.");
  with_dtype<ops::mean>(op, "mean", "The mean over all elements or over dim.");
  with_dtype<ops::prod>(op, "prod", "The product over all elements or over dim.");
  op(
      "nansum",
      [](const Tensor& input, const MaybeDims& dim, bool keepdim, MaybeType dtype) {
        return ops::sum(without_nan(input), dims_of(dim), keepdim, dtype);
      },
      "The sum of what is not NaN.", "input"_a, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(),
      "dtype"_a = nb::none());
  op(
      "count_nonzero",
      [](const Tensor& input, const MaybeDims& dim) { return ops::count_nonzero(input, dims_of(dim)); },
      "How many elements are not zero.", "input"_a, "dim"_a = nb::none());
  op("cumsum", &ops::cumsum, "The running sum along dim.", "input"_a, "dim"_a, nb::kw_only(), "dtype"_a = nb::none());
  op("cumprod", &ops::cumprod, "The running product along dim.", "input"_a, "dim"_a, nb::kw_only(),
     "dtype"_a = nb::none());
}

template <Tensor (*whole)(const Tensor&), ops::ValuesAndIndices (*along)(const Tensor&, int64_t, bool),
          Tensor (*of_two)(const Tensor&, const Tensor&)>
void extreme(const OutOp& op, const char* name, const char* doc) {
  op(name, [](const Tensor& input) { return whole(input); }, doc, "input"_a);
  op(
      name,
      [name](const Tensor& input, int64_t dim, bool keepdim) {
        const ops::ValuesAndIndices found = along(input, dim, keepdim);
        return return_type(name, {{"values", found.values}, {"indices", found.indices}});
      },
      "The same along dim, with the places: (values, indices).", "input"_a, "dim"_a, "keepdim"_a = false);
  op(
      name, [](const Tensor& input, const Tensor& other) { return of_two(input, other); },
      "The same of two tensors, elementwise.", "input"_a, "other"_a);
}

void bind_extremes(const OutOp& op) {
  extreme<ops::max, ops::max, ops::maximum>(op, "max", "The largest element.");
  extreme<ops::min, ops::min, ops::minimum>(op, "min", "The smallest element.");
  over_dims<ops::amax>(op, "amax", "The largest elements over dim; the gradient is shared by equal ones.");
  over_dims<ops::amin>(op, "amin", "The smallest elements over dim; the gradient is shared by equal ones.");
  over_dims<ops::any>(op, "any", "Whether any element is not zero.");
  over_dims<ops::all>(op, "all", "Whether all elements are not zero.");
  op(
      "argmax", [](const Tensor& input, MaybeDim dim, bool keepdim) { return ops::argmax(input, dim, keepdim); },
      "The place of the largest element.", "input"_a, "dim"_a = nb::none(), "keepdim"_a = false);
  op(
      "argmin", [](const Tensor& input, MaybeDim dim, bool keepdim) { return ops::argmin(input, dim, keepdim); },
      "The place of the smallest element.", "input"_a, "dim"_a = nb::none(), "keepdim"_a = false);
  op(
      "aminmax",
      [](const Tensor& input, MaybeDim dim, bool keepdim) {
        const Shape dims = dim ? Shape{*dim} : Shape{};
        return return_type("aminmax",
                           {{"min", ops::amin(input, dims, keepdim)}, {"max", ops::amax(input, dims, keepdim)}});
      },
      "The smallest and the largest element: (min, max).", "input"_a, nb::kw_only(), "dim"_a = nb::none(),
      "keepdim"_a = false);
}

// var(x, dim, *, correction=1, keepdim), and the older var(x, dim, unbiased, keepdim) and var(x, unbiased).
template <Tensor (*f)(const Tensor&, const Shape&, double, bool)>
void moment(const OutOp& op, const char* name, const char* doc) {
  op(
      name, [](const Tensor& input, bool unbiased) { return f(input, {}, unbiased ? 1 : 0, false); }, doc, "input"_a,
      "unbiased"_a.noconvert());
  op(
      name,
      [](const Tensor& input, const MaybeDims& dim, std::optional<bool> unbiased, bool keepdim,
         std::optional<double> correction) {
        return f(input, dims_of(dim), correction.value_or(unbiased.value_or(true) ? 1 : 0), keepdim);
      },
      doc, "input"_a, "dim"_a = nb::none(), "unbiased"_a = nb::none(), "keepdim"_a = false, nb::kw_only(),
      "correction"_a = nb::none());
}

template <Tensor (*f)(const Tensor&, const Shape&, double, bool)>
void moment_and_mean(const OutOp& op, const char* name, const char* doc) {
  op.function(
      name,
      [](const Tensor& input, bool unbiased) {
        return nb::make_tuple(f(input, {}, unbiased ? 1 : 0, false), ops::mean(input));
      },
      doc, "input"_a, "unbiased"_a.noconvert());
  op.function(
      name,
      [](const Tensor& input, const MaybeDims& dim, std::optional<bool> unbiased, bool keepdim,
         std::optional<double> correction) {
        return nb::make_tuple(f(input, dims_of(dim), correction.value_or(unbiased.value_or(true) ? 1 : 0), keepdim),
                              ops::mean(input, dims_of(dim), keepdim));
      },
      doc, "input"_a, "dim"_a = nb::none(), "unbiased"_a = nb::none(), "keepdim"_a = false, nb::kw_only(),
      "correction"_a = nb::none());
}

bool is_nuclear(nb::handle p) { return PyUnicode_Check(p.ptr()) && std::string(nb::str(p).c_str()) == "nuc"; }

// p is a number or "fro" (2).
double norm_order(nb::handle p) {
  if (PyUnicode_Check(p.ptr())) {
    if (std::string(nb::str(p).c_str()) == "fro") return 2;
    throw OptionError(std::string("norm: p must be a number, \"fro\" or \"nuc\", got ") + nb::str(p).c_str());
  }
  return p.is_none() ? 2 : scalar_of(p.ptr(), "p").to_double();
}

void bind_moments(const OutOp& op) {
  moment<ops::var>(op, "var", "The variance, unbiased unless correction=0.");
  moment<ops::std>(op, "std", "The standard deviation, unbiased unless correction=0.");
  moment_and_mean<ops::var>(op, "var_mean", "Variance and mean.");
  moment_and_mean<ops::std>(op, "std_mean", "Standard deviation and mean.");
  op(
      "norm",
      [](const Tensor& input, nb::object p, const MaybeDims& dim, bool keepdim, MaybeType dtype) {
        if (is_nuclear(p)) return ops::linalg::matrix_norm(input, "nuc", dim.value_or(Shape{-2, -1}), keepdim, dtype);
        return ops::norm(dtype ? ops::to(input, *dtype) : input, norm_order(p), dims_of(dim), keepdim);
      },
      "The p-norm of the elements.", "input"_a, "p"_a = 2, "dim"_a = nb::none(), "keepdim"_a = false,
      "dtype"_a = nb::none());
  op(
      "logsumexp",
      [](const Tensor& input, const Shape& dim, bool keepdim) { return ops::logsumexp(input, dim, keepdim); },
      "log Σ exp(input) over dim.", "input"_a, "dim"_a, "keepdim"_a = false);
  op(
      "dist", [](const Tensor& input, const Tensor& other, double p) { return ops::norm(ops::sub(input, other), p); },
      "The p-norm of input − other.", "input"_a, "other"_a, "p"_a = 2.0);
}

}  // namespace

void bind_reduce(nb::module_& m) {
  const OutOp op{m};
  bind_sums(op);
  bind_extremes(op);
  bind_moments(op);
}

}  // namespace lamina::python

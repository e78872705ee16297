// Special functions, statistics and running extremes as functions and methods: lamina.lgamma, x.cummax, lamina.cov, …
#include "lamina/ops/special.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/statistics.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/out.h"
#include "python/return_types.h"

namespace lamina::python {

namespace {

using OfOne = Tensor (*)(const Tensor&);
using OfTwo = Tensor (*)(const Tensor&, const Tensor&);

// The function, the method and the form in place.
template <OfOne f>
void one(const OutOp& op, const char* name, const char* doc, bool in_place = true) {
  op(name, f, doc, "input"_a);
  if (!in_place) return;
  const char* const own = kept(std::string(name) + "_");
  op(
      own,
      [own](const Tensor& input) -> Tensor {
        return ops::inplace(input, own, [](const Tensor& before) { return f(before); });
      },
      "The same in place.", "input"_a);
}

Tensor tensor_like(const Operand& o, const Tensor& beside) {
  return o.tensor ? *o.tensor : ops::full({}, o.scalar, ops::result_type(beside, o.scalar));
}

template <OfTwo f>
void two(const OutOp& op, const char* name, const char* doc, bool in_place = true) {
  op(
      name, [](const Tensor& input, const Operand& other) { return f(input, tensor_like(other, input)); }, doc,
      "input"_a, "other"_a);
  if (!in_place) return;
  const char* const own = kept(std::string(name) + "_");
  op.method(
      own,
      [own](const Tensor& self, const Operand& other) -> Tensor {
        return ops::inplace(self, own, [&](const Tensor& before) { return f(before, tensor_like(other, self)); });
      },
      "The same in place.", "other"_a);
}

nb::object named(const char* name, const ops::ValuesAndIndices& found) {
  return return_type(name, {{"values", found.values}, {"indices", found.indices}});
}

void bind_of_one(const OutOp& op) {
  one<ops::erfinv>(op, "erfinv", "The inverse of erf.");
  one<ops::lgamma>(op, "lgamma", "log |Γ(input)|");
  one<ops::digamma>(op, "digamma", "The derivative of lgamma.");
  one<ops::sinc>(op, "sinc", "sin(π·input) / (π·input), 1 at 0.");
  one<ops::deg2rad>(op, "deg2rad", "Degrees as radians.");
  one<ops::rad2deg>(op, "rad2deg", "Radians as degrees.");
  one<ops::signbit>(op, "signbit", "Whether the sign is −.", false);
  one<ops::isposinf>(op, "isposinf", "Whether it is +∞.", false);
  one<ops::isneginf>(op, "isneginf", "Whether it is −∞.", false);
  op("logit", &ops::logit, "log(input / (1 − input)), input first cut to [eps, 1 − eps].", "input"_a,
     "eps"_a = nb::none());
  op.method(
      "logit_",
      [](const Tensor& self, std::optional<double> eps) -> Tensor {
        return ops::inplace(self, "logit_", [&](const Tensor& before) { return ops::logit(before, eps); });
      },
      "The same in place.", "eps"_a = nb::none());
  op.function("polygamma", &ops::polygamma, "The n-th derivative of digamma.", "n"_a, "input"_a);
  op.method(
      "polygamma", [](const Tensor& self, int64_t n) { return ops::polygamma(n, self); },
      "The n-th derivative of digamma.", "n"_a);
}

void bind_of_two(const OutOp& op) {
  two<ops::copysign>(op, "copysign", "|input| with other's sign.");
  two<ops::heaviside>(op, "heaviside", "0 below 0, 1 above, other at 0.");
  two<ops::nextafter>(op, "nextafter", "The next number from input towards other.");
  two<ops::fmax>(op, "fmax", "The larger of two; a NaN counts less than any number.", false);
  two<ops::fmin>(op, "fmin", "The smaller of two; a NaN counts less than any number.", false);
  two<ops::logaddexp2>(op, "logaddexp2", "log₂(2^input + 2^other)", false);
  two<ops::ldexp>(op, "ldexp", "input·2^other");
  two<ops::gcd>(op, "gcd", "The greatest common divisor of integers.");
  two<ops::lcm>(op, "lcm", "The least common multiple of integers.");
  op(
      "float_power",
      [](const Operand& input, const Operand& exponent) {
        if (!input.tensor && !exponent.tensor) throw DTypeError("float_power: one of the operands must be a Tensor");
        const Tensor a = input.tensor ? *input.tensor : ops::full({}, input.scalar, kFloat64);
        return ops::float_power(a, exponent.tensor ? *exponent.tensor : ops::full({}, exponent.scalar, kFloat64));
      },
      "input to the power of exponent, in float64.", "input"_a, "exponent"_a);
}

nb::object gradient(const Tensor& input, nb::handle spacing, const std::optional<Shape>& dim, int64_t edge_order) {
  Shape dims = dim.value_or(Shape{});
  if (!dim)
    for (int64_t d = 0; d < input.rank(); ++d) dims.push_back(d);
  std::vector<ops::Spacing> steps;
  const auto add = [&](nb::handle item) {
    if (is_tensor(item.ptr()) && tensor_of(item.ptr()).rank() > 0) steps.push_back({1, tensor_of(item.ptr())});
    else steps.push_back({scalar_of(item.ptr(), "spacing").to_double(), {}});
  };
  if (PyTuple_Check(spacing.ptr()) || PyList_Check(spacing.ptr()))
    for (const nb::handle item : spacing) add(item);
  else
    for (int i = 0; i < dims.rank(); ++i)
      if (spacing.is_none()) steps.emplace_back();
      else add(spacing);
  return nb::list(nb::cast(ops::gradient(input, steps, dims, edge_order)));
}

void bind_differences(const OutOp& op) {
  op.function("gradient", gradient, "The slope along each dimension by differences of neighbours.", "input"_a,
              nb::kw_only(), "spacing"_a.none() = nb::none(), "dim"_a = nb::none(), "edge_order"_a = 1);
  op(
      "frexp",
      [](const Tensor& input) {
        const ops::Parts y = ops::frexp(input);
        return return_type("frexp", {{"mantissa", y.mantissa}, {"exponent", y.exponent}});
      },
      "input = mantissa·2^exponent", "input"_a);
}

nb::object histogram(const Tensor& input, nb::handle bins, std::optional<std::pair<double, double>> range,
                     const Tensor& weight, bool density) {
  const Tensor flat = ops::reshape(input, {-1, 1});
  const Tensor weights = weight.defined() ? ops::reshape(weight, {-1}) : weight;
  if (weight.defined() && weight.shape() != input.shape())
    throw ShapeError("torch.histogram(): weight must have the shape of input");
  const Tensor edges =
      is_tensor(bins.ptr())
          ? tensor_of(bins.ptr())
          : ops::histogram_edges(flat, nb::cast<int64_t>(bins), range ? std::optional(range->first) : std::nullopt,
                                 range ? std::optional(range->second) : std::nullopt);
  const ops::Histogram y = ops::histogram(flat, {edges}, weights, density);
  return return_type("histogram", {{"hist", y.counts}, {"bin_edges", edges}});
}

nb::object histogramdd(const Tensor& input, nb::handle bins, std::optional<std::vector<double>> range,
                       const Tensor& weight, bool density) {
  if (input.rank() < 2) throw ShapeError("torch.histogramdd: input tensor should have at least 2 dimensions");
  const int64_t dims = input.size(-1);
  const Tensor points = ops::reshape(input, {-1, dims});
  const bool listed = PyTuple_Check(bins.ptr()) || PyList_Check(bins.ptr());
  if (listed && int64_t(nb::len(bins)) != dims)
    throw ShapeError("histogramdd: The size of bins must be equal to the innermost dimension of the input.");
  if (range && int64_t(range->size()) != 2 * dims)
    throw ShapeError("torch.histogramdd(): range should have two numbers for each dimension");
  Tensors edges;
  for (int64_t d = 0; d < dims; ++d) {
    const nb::object own = listed ? nb::object(bins[size_t(d)]) : nb::borrow(bins);
    if (is_tensor(own.ptr())) edges.push_back(tensor_of(own.ptr()));
    else
      edges.push_back(ops::histogram_edges(ops::select(points, 1, d), nb::cast<int64_t>(own),
                                           range ? std::optional((*range)[size_t(2 * d)]) : std::nullopt,
                                           range ? std::optional((*range)[size_t(2 * d + 1)]) : std::nullopt));
  }
  const ops::Histogram y =
      ops::histogram(points, edges, weight.defined() ? ops::reshape(weight, {-1}) : weight, density);
  return nb::make_tuple(y.counts, nb::cast(y.edges));
}

void bind_histograms(const OutOp& op) {
  op("histogram", histogram, "How many elements fall into each bin, and the bins' edges.", "input"_a, "bins"_a,
     nb::kw_only(), "range"_a = nb::none(), "weight"_a.none() = nb::none(), "density"_a = false);
  op.function("histogramdd", histogramdd, "How many points fall into each cell of a grid, and the edges.", "input"_a,
              "bins"_a, "range"_a = nb::none(), "weight"_a.none() = nb::none(), "density"_a = false);
}

void bind_running(const OutOp& op) {
  op(
      "cummax", [](const Tensor& input, int64_t dim) { return named("cummax", ops::cummax(input, dim)); },
      "The largest element so far along dim, and where it stands.", "input"_a, "dim"_a);
  op(
      "cummin", [](const Tensor& input, int64_t dim) { return named("cummin", ops::cummin(input, dim)); },
      "The smallest element so far along dim, and where it stands.", "input"_a, "dim"_a);
  op("logcumsumexp", &ops::logcumsumexp, "log of the running sum of exp(input).", "input"_a, "dim"_a);
  op("diff", &ops::diff, "Differences of neighbours along dim, n times.", "input"_a, "n"_a = 1, "dim"_a = -1,
     "prepend"_a.none() = nb::none(), "append"_a.none() = nb::none());
  for (const char* name : {"trapezoid", "trapz"})
    op.function(
        name,
        [](const Tensor& y, const Tensor& x, double dx, int64_t dim) {
          return x.defined() ? ops::trapezoid(y, x, dim) : ops::trapezoid(y, dx, dim);
        },
        "The integral along dim by the trapezoidal rule.", "y"_a, "x"_a.none() = nb::none(), nb::kw_only(),
        "dx"_a = 1.0, "dim"_a = -1);
  op.function(
      "cumulative_trapezoid",
      [](const Tensor& y, const Tensor& x, double dx, int64_t dim) {
        return x.defined() ? ops::cumulative_trapezoid(y, x, dim) : ops::cumulative_trapezoid(y, dx, dim);
      },
      "The running integral along dim.", "y"_a, "x"_a.none() = nb::none(), nb::kw_only(), "dx"_a = 1.0, "dim"_a = -1);
}

void bind_samples(const OutOp& op) {
  op(
      "mode",
      [](const Tensor& input, int64_t dim, bool keepdim) { return named("mode", ops::mode(input, dim, keepdim)); },
      "The most frequent element along dim, and where it stands.", "input"_a, "dim"_a = -1, "keepdim"_a = false);
  op(
      "nanmedian", [](const Tensor& input) { return ops::nanmedian(input); }, "The lower median of what is not NaN.",
      "input"_a);
  op(
      "nanmedian",
      [](const Tensor& input, int64_t dim, bool keepdim) {
        return named("nanmedian", ops::nanmedian(input, dim, keepdim));
      },
      "The same along dim, and where it stands.", "input"_a, "dim"_a, "keepdim"_a = false);
  op(
      "nanmean",
      [](const Tensor& input, std::optional<Shape> dim, bool keepdim, std::optional<DType> dtype) {
        return ops::nanmean(dtype ? ops::to(input, *dtype) : input, dim.value_or(Shape{}), keepdim);
      },
      "The mean of what is not NaN.", "input"_a, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(),
      "dtype"_a = nb::none());
  op("histc", &ops::histc, "How many elements fall into each of equal parts of [min, max].", "input"_a, "bins"_a = 100,
     "min"_a = 0.0, "max"_a = 0.0);
  op("cov", &ops::cov, "The covariances of the rows.", "input"_a, nb::kw_only(), "correction"_a = 1,
     "fweights"_a.none() = nb::none(), "aweights"_a.none() = nb::none());
  op("corrcoef", &ops::corrcoef, "The correlations of the rows.", "input"_a);
  op("renorm", &ops::renorm, "Slices along dim scaled down to a p-norm of maxnorm.", "input"_a, "p"_a, "dim"_a,
     "maxnorm"_a);
  op.method(
      "renorm_",
      [](const Tensor& self, double p, int64_t dim, double maxnorm) -> Tensor {
        return ops::inplace(self, "renorm_", [&](const Tensor& x) { return ops::renorm(x, p, dim, maxnorm); });
      },
      "The same in place.", "p"_a, "dim"_a, "maxnorm"_a);
}

}  // namespace

void bind_special(nb::module_& m) {
  const OutOp op{m};
  bind_of_one(op);
  bind_of_two(op);
  bind_differences(op);
  bind_histograms(op);
  bind_running(op);
  bind_samples(op);
}

}  // namespace lamina::python

// Special functions, statistics and running extremes as functions and methods: lamina.lgamma, x.cummax, lamina.cov, …
#include "lamina/ops/special.h"

#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/statistics.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/return_types.h"

namespace lamina::python {

namespace {

using OfOne = Tensor (*)(const Tensor&);
using OfTwo = Tensor (*)(const Tensor&, const Tensor&);

// The function, the method and the form in place.
template <OfOne f>
void one(const Op& op, const char* name, const char* doc, bool in_place = true) {
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
void two(const Op& op, const char* name, const char* doc, bool in_place = true) {
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

void bind_of_one(const Op& op) {
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

void bind_of_two(const Op& op) {
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

void bind_running(const Op& op) {
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

void bind_samples(const Op& op) {
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
  const Op op{m};
  bind_of_one(op);
  bind_of_two(op);
  bind_running(op);
  bind_samples(op);
}

}  // namespace lamina::python

#include "lamina/ops/activation_piecewise.h"

#include <limits>

#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/curve.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

constexpr Curve kLeakyRelu{
    .name = "leaky_relu",
    .node = "LeakyReluBackward0",
    .run = curve_loop<decltype([](auto x, auto n) { return x > 0 ? x : x * n.a; })>,
    .run_backward = slope_loop<decltype([](auto dy, auto x, auto n) { return x > 0 ? dy : dy * n.a; })>,
    .plain = [](const Tensor& dy, const Tensor& x,
                const Numbers& n) { return where(gt(x.detach(), 0), dy, mul(dy, n.a)); },
    .kept_by_output = [](const Numbers& n) { return n.a >= 0; }};

constexpr Curve kHardtanh{
    .name = "hardtanh",
    .node = "HardtanhBackward0",
    .run = exact_curve_loop<decltype([](auto x, auto n) { return x < n.a   ? n.a
                                                                 : x > n.b ? n.b
                                                                           : x; })>,
    .run_backward =
        slope_loop<decltype([](auto dy, auto x, auto n) { return x > n.a && x < n.b ? dy : decltype(dy)(0); })>,
    .plain = [](const Tensor& dy, const Tensor& x,
                const Numbers& n) { return where(logical_and(gt(x.detach(), n.a), lt(x.detach(), n.b)), dy, 0); },
    .takes_integers = true,
    .kept_by_output = [](const Numbers&) { return true; }};

constexpr Curve kHardsigmoid{
    .name = "hardsigmoid",
    .node = "HardsigmoidBackward0",
    .run = curve_loop<decltype([](auto x, auto) {
      using T = decltype(x);
      const T v = x + T(3);
      return (v < T(0) ? T(0) : v > T(6) ? T(6) : v) / T(6);
    })>,
    .run_backward =
        slope_loop<decltype([](auto dy, auto x, auto) { return x > -3 && x < 3 ? dy / 6 : decltype(dy)(0); })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers&) {
      return where(logical_and(gt(x.detach(), -3), lt(x.detach(), 3)), div(dy, 6), 0);
    }};

constexpr Curve kHardswish{.name = "hardswish",
                           .node = "HardswishBackward0",
                           .run = curve_loop<decltype([](auto x, auto) {
                             using T = decltype(x);
                             return x <= T(-3) ? T(-0.0) : x >= T(3) ? x : x * (x + T(3)) / T(6);
                           })>,
                           .run_backward = slope_loop<decltype([](auto dy, auto x, auto) {
                             using T = decltype(x);
                             return x <= T(-3) ? T(0) : x >= T(3) ? dy : dy * (T(2) * x + T(3)) / T(6);
                           })>,
                           .plain = [](const Tensor& dy, const Tensor& x, const Numbers&) {
                             const Tensor slope = div(add(mul(x, 2), 3), 6);
                             return where(le(x.detach(), -3), 0, where(ge(x.detach(), 3), dy, mul(dy, slope)));
                           }};

constexpr Curve kHardshrink{
    .name = "hardshrink",
    .node = "HardshrinkBackward0",
    .run = curve_loop<decltype([](auto x, auto n) { return x >= -n.a && x <= n.a ? decltype(x)(0) : x; })>,
    .run_backward =
        slope_loop<decltype([](auto dy, auto x, auto n) { return x >= -n.a && x <= n.a ? decltype(dy)(0) : dy; })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers& n) {
      return where(logical_and(ge(x.detach(), -n.a), le(x.detach(), n.a)), 0, dy);
    }};

constexpr Curve kSoftshrink{
    .name = "softshrink",
    .node = "SoftshrinkBackward0",
    .run = curve_loop<decltype([](auto x, auto n) { return x > n.a    ? x - n.a
                                                           : x < -n.a ? x + n.a
                                                                      : x * 0; })>,
    .run_backward = kHardshrink.run_backward,
    .plain = kHardshrink.plain};

constexpr Curve kThreshold{
    .name = "threshold",
    .node = "ThresholdBackward0",
    .run = exact_curve_loop<decltype([](auto x, auto n) { return x <= n.a ? n.b : x; })>,
    .run_backward = slope_loop<decltype([](auto dy, auto x, auto n) { return x <= n.a ? decltype(dy)(0) : dy; })>,
    .plain = [](const Tensor& dy, const Tensor& x, const Numbers& n) { return where(le(x.detach(), n.a), 0, dy); },
    .takes_integers = true,
    .kept_by_output = [](const Numbers& n) { return n.b <= n.a; }};

constexpr BinaryOp kPrelu{
    .name = "prelu",
    .node = "PreluKernelBackward0",
    .run = real<decltype([](auto x, auto weight) { return x > 0 ? x : weight * x; })>,
    .uses = kAUsesA | kAUsesB | kBUsesA,
    .gradient_a = [](const Operands& o) { return where(gt(o.a.detach(), 0), o.dy, mul(o.b, o.dy)); },
    .gradient_b = [](const Operands& o) { return where(gt(o.a.detach(), 0), 0, mul(o.a, o.dy)); }};

Numbers hardtanh_bounds(double min_val, double max_val) {
  check_option("min_val", min_val);
  check_option("max_val", max_val);
  if (min_val > max_val)
    throw OptionError(str("min_val cannot be greater than max_val, got ", min_val, " and ", max_val));
  return {min_val, max_val};
}

Numbers threshold_numbers(double threshold, double value) {
  check_option("threshold", threshold);
  check_option("value", value);
  return {threshold, value};
}

Numbers slope(double negative_slope) {
  check_option("negative_slope", negative_slope);
  return {negative_slope};
}

}  // namespace

Tensor leaky_relu(const Tensor& input, double negative_slope) {
  return curve(kLeakyRelu, input, slope(negative_slope));
}
const Tensor& leaky_relu_(const Tensor& self, double negative_slope) {
  return curve_(kLeakyRelu, self, slope(negative_slope));
}

Tensor hardtanh(const Tensor& input, double min_val, double max_val) {
  return curve(kHardtanh, input, hardtanh_bounds(min_val, max_val));
}
const Tensor& hardtanh_(const Tensor& self, double min_val, double max_val) {
  return curve_(kHardtanh, self, hardtanh_bounds(min_val, max_val));
}
Tensor relu6(const Tensor& input) { return hardtanh(input, 0, 6); }
const Tensor& relu6_(const Tensor& self) { return hardtanh_(self, 0, 6); }

Tensor hardsigmoid(const Tensor& input) { return curve(kHardsigmoid, input); }
const Tensor& hardsigmoid_(const Tensor& self) { return curve_(kHardsigmoid, self); }
Tensor hardswish(const Tensor& input) { return curve(kHardswish, input); }
const Tensor& hardswish_(const Tensor& self) { return curve_(kHardswish, self); }

Tensor hardshrink(const Tensor& input, double lambd) {
  check_option("lambd", lambd);
  return curve(kHardshrink, input, {lambd});
}

Tensor softshrink(const Tensor& input, double lambd) {
  const double largest =
      input.dtype() == kFloat64 ? std::numeric_limits<double>::max() : double(std::numeric_limits<float>::max());
  if (!(lambd >= 0 && lambd <= largest))
    throw OptionError(str("lambd must be in the range [0, ", largest, "], got ", lambd));
  return curve(kSoftshrink, input, {lambd});
}

Tensor threshold(const Tensor& input, double threshold, double value) {
  return curve(kThreshold, input, threshold_numbers(threshold, value));
}
const Tensor& threshold_(const Tensor& self, double threshold, double value) {
  return curve_(kThreshold, self, threshold_numbers(threshold, value));
}

// ---- slopes that are tensors ---------------------------------------------------------------------------------------

Tensor prelu(const Tensor& input, const Tensor& weight) {
  if (input.dtype() != weight.dtype())
    throw DTypeError(str("input is ", name(input.dtype()), " and weight ", name(weight.dtype())),
                     "Convert one of them, as by weight.to(input.dtype)");
  if (!input.is_floating_point()) throw_unsupported("prelu", input.dtype());
  if (weight.rank() > 1) throw ShapeError(str("weight ", weight.shape(), " must have one dimension or none"));
  if (weight.numel() == 1) return binary(kPrelu, input, reshape(weight, {}));
  const int64_t channels = input.rank() > 1 ? input.size(1) : 1;
  if (weight.numel() != channels)
    throw ShapeError(str("weight ", weight.shape(), " must hold one number or one for each channel of input ",
                         input.shape(), ", which has ", channels),
                     str("Did you mean PReLU(num_parameters=", channels, ")?"));
  Shape shape = Shape::filled(input.rank(), 1);
  shape[1] = channels;
  return binary(kPrelu, input, reshape(weight, shape));
}

namespace {

void check_bounds(double lower, double upper) {
  check_option("lower", lower);
  check_option("upper", upper);
  if (!(lower <= upper) || std::isinf(lower) || std::isinf(upper))
    throw OptionError(str("lower must be at most upper and both finite, got ", lower, " and ", upper));
}

// A slope for every element: 1 above 0, drawn elsewhere, in PyTorch's order
Tensor drawn_slopes(const Tensor& input, double lower, double upper, const GeneratorRef& asked) {
  const Tensor x = contiguous(input.detach()), slopes = empty(x.shape(), x.dtype());
  const GeneratorRef generator = asked ? asked : default_generator();
  const auto lock = generator->lock();
  dispatch_floating(x.dtype(), "rrelu", [&]<class T>() {
    const T *from = x.data<T>(), *end = from + x.numel();
    for (T* slope = slopes.data<T>(); from != end; ++from, ++slope)
      *slope = *from <= T(0) ? T(compute_t<T>(generator->uniform<double>() * (upper - lower) + lower)) : T(1);
  });
  return slopes;
}

}  // namespace

Tensor rrelu(const Tensor& input, double lower, double upper, bool training, const GeneratorRef& generator) {
  check_bounds(lower, upper);
  if (!training) return leaky_relu(input, (lower + upper) / 2);
  if (!input.is_floating_point()) throw_unsupported("rrelu", input.dtype());
  return mul(input, drawn_slopes(input, lower, upper, generator));
}
const Tensor& rrelu_(const Tensor& self, double lower, double upper, bool training, const GeneratorRef& generator) {
  check_bounds(lower, upper);
  if (!training) return leaky_relu_(self, (lower + upper) / 2);
  if (!self.is_floating_point()) throw_unsupported("rrelu", self.dtype());
  return mul_(self, drawn_slopes(self, lower, upper, generator));
}

}  // namespace lamina::ops

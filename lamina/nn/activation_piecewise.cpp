#include "lamina/nn/activation_piecewise.h"

#include "lamina/core/text.h"
#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

Tensor LeakyReLUImpl::forward(const Tensor& input) {
  return options.inplace ? ops::leaky_relu_(input, options.negative_slope.to_double())
                         : ops::leaky_relu(input, options.negative_slope.to_double());
}
const Declaration& LeakyReLUImpl::declared() {
  static const Declaration d = declare_activation<LeakyReLUImpl>(
      "LeakyReLU", "y = x above 0, negative_slope·x elsewhere", "torch.nn.LeakyReLU",
      {{"negative_slope", &Options::negative_slope, "slope below 0"}, inplace_option<LeakyReLUImpl>()});
  return d;
}

HardtanhImpl::HardtanhImpl(HardtanhOptions given) : Activation(given) {
  options.min_val = given.min_value.value_or(given.min_val);
  options.max_val = given.max_value.value_or(given.max_val);
  if (!(options.max_val.to_double() > options.min_val.to_double()))
    throw OptionError(str("max_val (", options.max_val, ") must be greater than min_val (", options.min_val, ")"));
}
Tensor HardtanhImpl::forward(const Tensor& input) {
  const double min = options.min_val.to_double(), max = options.max_val.to_double();
  return options.inplace ? ops::hardtanh_(input, min, max) : ops::hardtanh(input, min, max);
}
const Declaration& HardtanhImpl::declared() {
  static const Declaration d =
      declare_activation<HardtanhImpl>("Hardtanh", "y = x cut to [min_val, max_val]", "torch.nn.Hardtanh",
                                       {{"min_val", &Options::min_val, "the smallest result"},
                                        {"max_val", &Options::max_val, "the largest result"},
                                        inplace_option<HardtanhImpl>(),
                                        {"min_value", &Options::min_value, "an older name of min_val", Show::Never},
                                        {"max_value", &Options::max_value, "an older name of max_val", Show::Never}});
  return d;
}

ReLU6Impl::ReLU6Impl(ReLU6Options options)
    : HardtanhImpl({.min_val = 0.0, .max_val = 6.0, .inplace = options.inplace}) {}
const Declaration& ReLU6Impl::declared() {
  static const Declaration d = Declare<ReLU6Impl, HardtanhOptions>{
      .name = "ReLU6",
      .formula = "y = min(max(x, 0), 6)",
      .shape = "(*) → same, any shape",
      .source = "arXiv:1704.04861; torch.nn.ReLU6",
      .notes = "",
      .required = {},
      .options = {{"inplace", &HardtanhOptions::inplace, "overwrite the input", Show::IfNotDefault}},
      .construct = [](const Arguments&, const HardtanhOptions& o) { return new ReLU6Impl({.inplace = o.inplace}); }};
  return d;
}

Tensor HardsigmoidImpl::forward(const Tensor& input) {
  return options.inplace ? ops::hardsigmoid_(input) : ops::hardsigmoid(input);
}
const Declaration& HardsigmoidImpl::declared() {
  static const Declaration d = declare_activation<HardsigmoidImpl>("Hardsigmoid", "y = min(max(x + 3, 0), 6) / 6",
                                                                   "arXiv:1905.02244; torch.nn.Hardsigmoid",
                                                                   {inplace_option<HardsigmoidImpl>(Show::Never)});
  return d;
}

Tensor HardswishImpl::forward(const Tensor& input) {
  return options.inplace ? ops::hardswish_(input) : ops::hardswish(input);
}
const Declaration& HardswishImpl::declared() {
  static const Declaration d = declare_activation<HardswishImpl>("Hardswish", "y = x·min(max(x + 3, 0), 6) / 6",
                                                                 "arXiv:1905.02244; torch.nn.Hardswish",
                                                                 {inplace_option<HardswishImpl>(Show::Never)});
  return d;
}

Tensor HardshrinkImpl::forward(const Tensor& input) { return ops::hardshrink(input, options.lambd.to_double()); }
const Declaration& HardshrinkImpl::declared() {
  static const Declaration d = declare_activation<HardshrinkImpl>(
      "Hardshrink", "y = 0 within [−lambd, lambd], x elsewhere", "torch.nn.Hardshrink",
      {{"lambd", &Options::lambd, "half the width of the flat part", Show::Positional}});
  return d;
}

Tensor SoftshrinkImpl::forward(const Tensor& input) { return ops::softshrink(input, options.lambd.to_double()); }
const Declaration& SoftshrinkImpl::declared() {
  static const Declaration d = declare_activation<SoftshrinkImpl>(
      "Softshrink", "y = x − lambd above lambd, x + lambd below −lambd, 0 between", "torch.nn.Softshrink",
      {{"lambd", &Options::lambd, "half the width of the flat part, not negative", Show::Positional}});
  return d;
}

Tensor ThresholdImpl::forward(const Tensor& input) {
  const double at = threshold.to_double(), below = value.to_double();
  return options.inplace ? ops::threshold_(input, at, below) : ops::threshold(input, at, below);
}
const Declaration& ThresholdImpl::declared() {
  using L = ThresholdImpl;
  static const Declaration d =
      Declare<L, ThresholdOptions>{.name = "Threshold",
                                   .formula = "y = x above threshold, value elsewhere",
                                   .shape = "(*) → same, any shape",
                                   .source = "torch.nn.Threshold",
                                   .notes = "",
                                   .required = {{"threshold", &L::threshold, "what x must be larger than"},
                                                {"value", &L::value, "what takes the place of other x"}},
                                   .options = {inplace_option<L>()},
                                   .construct = [](const Arguments& a, const ThresholdOptions& o) {
                                     return new L(a.get<Scalar>(0), a.get<Scalar>(1), o);
                                   }};
  return d;
}

Tensor RReLUImpl::forward(const Tensor& input) {
  const double lower = options.lower.to_double(), upper = options.upper.to_double();
  return options.inplace ? ops::rrelu_(input, lower, upper, training) : ops::rrelu(input, lower, upper, training);
}
const Declaration& RReLUImpl::declared() {
  static const Declaration d =
      declare_activation<RReLUImpl>("RReLU", "y = x above 0, r·x elsewhere", "arXiv:1505.00853; torch.nn.RReLU",
                                    {{"lower", &Options::lower, "smallest slope"},
                                     {"upper", &Options::upper, "largest slope"},
                                     inplace_option<RReLUImpl>()},
                                    "In training r is drawn from [lower, upper) for each element that is not above 0; "
                                    "in eval mode it is the mean of the two.");
  return d;
}

PReLUImpl::PReLUImpl(PReLUOptions given) : Activation(given) {
  bind_parameter("weight", weight, empty({options.num_parameters}, options.dtype.value_or(default_dtype())));
  initialize();
}
void PReLUImpl::reset_parameters() { init::constant_(weight, options.init.to_double()); }
Tensor PReLUImpl::forward(const Tensor& input) { return ops::prelu(input, weight); }
const Declaration& PReLUImpl::declared() {
  static const Declaration d = declare_activation<PReLUImpl>(
      "PReLU", "y = x above 0, weight·x elsewhere", "arXiv:1502.01852; torch.nn.PReLU",
      {{"num_parameters", &Options::num_parameters, "1, or one slope for each channel of dimension 1"},
       {"init", &Options::init, "what the slopes start from", Show::Never},
       {"device", &Options::device, "where the parameters live", Show::Never},
       {"dtype", &Options::dtype, "type of the parameters", Show::Never}},
      "weight (num_parameters) starts as init.", "(*) → same, any shape; (N, C, …) for num_parameters = C > 1");
  return d;
}

}  // namespace lamina::nn

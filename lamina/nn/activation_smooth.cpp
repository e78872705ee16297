#include "lamina/nn/activation_smooth.h"

namespace lamina::nn {

Tensor ELUImpl::forward(const Tensor& input) {
  return options.inplace ? ops::elu_(input, options.alpha.to_double()) : ops::elu(input, options.alpha.to_double());
}
const Declaration& ELUImpl::declared() {
  static const Declaration d = declare_activation<ELUImpl>(
      "ELU", "y = x above 0, alpha·(exp(x) − 1) elsewhere", "arXiv:1511.07289; torch.nn.ELU",
      {{"alpha", &Options::alpha, "the limit below 0 is −alpha"}, inplace_option<ELUImpl>()});
  return d;
}

Tensor CELUImpl::forward(const Tensor& input) {
  return options.inplace ? ops::celu_(input, options.alpha.to_double()) : ops::celu(input, options.alpha.to_double());
}
const Declaration& CELUImpl::declared() {
  static const Declaration d = declare_activation<CELUImpl>(
      "CELU", "y = x above 0, alpha·(exp(x / alpha) − 1) elsewhere", "arXiv:1704.07483; torch.nn.CELU",
      {{"alpha", &Options::alpha, "the limit below 0 is −alpha; not 0"}, inplace_option<CELUImpl>()});
  return d;
}

Tensor SELUImpl::forward(const Tensor& input) { return options.inplace ? ops::selu_(input) : ops::selu(input); }
const Declaration& SELUImpl::declared() {
  static const Declaration d = declare_activation<SELUImpl>(
      "SELU", "y = scale·(x above 0, alpha·(exp(x) − 1) elsewhere)", "arXiv:1706.02515; torch.nn.SELU",
      {inplace_option<SELUImpl>()}, "scale = 1.0507009873554805, alpha = 1.6732632423543772");
  return d;
}

Tensor SoftplusImpl::forward(const Tensor& input) {
  return ops::softplus(input, options.beta.to_double(), options.threshold.to_double());
}
const Declaration& SoftplusImpl::declared() {
  static const Declaration d = declare_activation<SoftplusImpl>(
      "Softplus", "y = log(1 + exp(beta·x)) / beta", "torch.nn.Softplus",
      {{"beta", &Options::beta, "steepness"}, {"threshold", &Options::threshold, "where beta·x is larger, y = x"}});
  return d;
}

Tensor LogSigmoidImpl::forward(const Tensor& input) { return ops::logsigmoid(input); }
const Declaration& LogSigmoidImpl::declared() {
  static const Declaration d =
      declare_activation<LogSigmoidImpl>("LogSigmoid", "y = log(1 / (1 + exp(−x)))", "torch.nn.LogSigmoid");
  return d;
}

Tensor MishImpl::forward(const Tensor& input) { return options.inplace ? ops::mish_(input) : ops::mish(input); }
const Declaration& MishImpl::declared() {
  static const Declaration d = declare_activation<MishImpl>(
      "Mish", "y = x·tanh(log(1 + exp(x)))", "arXiv:1908.08681; torch.nn.Mish", {inplace_option<MishImpl>()});
  return d;
}

Tensor SoftsignImpl::forward(const Tensor& input) { return ops::softsign(input); }
const Declaration& SoftsignImpl::declared() {
  static const Declaration d = declare_activation<SoftsignImpl>("Softsign", "y = x / (1 + |x|)", "torch.nn.Softsign");
  return d;
}

Tensor TanhshrinkImpl::forward(const Tensor& input) { return ops::tanhshrink(input); }
const Declaration& TanhshrinkImpl::declared() {
  static const Declaration d =
      declare_activation<TanhshrinkImpl>("Tanhshrink", "y = x − tanh(x)", "torch.nn.Tanhshrink");
  return d;
}

}  // namespace lamina::nn

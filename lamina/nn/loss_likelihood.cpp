#include "lamina/nn/loss_likelihood.h"

#include "lamina/nn/loss_parts.h"

namespace lamina::nn {

namespace {
// "batchmean" is a reduction here, and only here.
KLDivLossOptions settled_divergence(KLDivLossOptions options) {
  const bool batchmean = options.reduction == "batchmean" && !options.size_average && !options.reduce;
  if (batchmean) options.reduction = "mean";
  options = settled(std::move(options));
  if (batchmean) options.reduction = "batchmean";
  return options;
}
}  // namespace

KLDivLossImpl::KLDivLossImpl(KLDivLossOptions given) : options(settled_divergence(std::move(given))) {}

Tensor KLDivLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::kl_div(input, target, options.reduction, options.log_target);
}

const Declaration& KLDivLossImpl::declared() {
  using L = KLDivLossImpl;
  using O = KLDivLossOptions;
  static const Declaration d = Declare<L, O>{
      .name = "KLDivLoss",
      .formula = "loss = t·(log t − x), x the logarithm of a probability",
      .shape = kSameShapes,
      .source = "Kullback, Leibler 1951; torch.nn.KLDivLoss",
      .notes =
          "reduction=\"mean\" divides by all elements; the divergence of a batch is \"batchmean\". What has no "
          "probability in the target adds nothing.",
      .required = {},
      .options = {{"size_average", &O::size_average, kOlder, Show::Never},
                  {"reduce", &O::reduce, kOlder, Show::Never},
                  {"reduction", &O::reduction, "\"mean\", \"batchmean\", \"sum\" or \"none\"", Show::Never},
                  {"log_target", &O::log_target, "the target holds logarithms too", Show::Never}},
      .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

PoissonNLLLossImpl::PoissonNLLLossImpl(PoissonNLLLossOptions given) : options(settled(std::move(given))) {}

Tensor PoissonNLLLossImpl::forward(const Tensor& log_input, const Tensor& target) {
  return ops::poisson_nll_loss(log_input, target, options.log_input, options.full, options.eps.to_double(),
                               ops::reduction_of(options.reduction));
}

const Declaration& PoissonNLLLossImpl::declared() {
  using L = PoissonNLLLossImpl;
  using O = PoissonNLLLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "PoissonNLLLoss",
                    .formula = "loss = exp(x) − t·x; without log_input x − t·log(x + eps)",
                    .shape = kSameShapes,
                    .source = "torch.nn.PoissonNLLLoss",
                    .notes = "With full Stirling's t·log t − t + ½·log(2πt) is added where t > 1.",
                    .required = {},
                    .options = {{"log_input", &O::log_input, "the input is the logarithm of the mean", Show::Never},
                                {"full", &O::full, "add what the input does not change", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"eps", &O::eps, "added to the input before its logarithm", Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

GaussianNLLLossImpl::GaussianNLLLossImpl(GaussianNLLLossOptions given) : options(settled(std::move(given))) {}

Tensor GaussianNLLLossImpl::forward(const Tensor& input, const Tensor& target, const Tensor& var) {
  return ops::gaussian_nll_loss(input, target, var, options.full, options.eps.to_double(),
                                ops::reduction_of(options.reduction));
}

Tensor GaussianNLLLossImpl::forward(const Tensor& input, const Tensor& target, double var) {
  return ops::gaussian_nll_loss(input, target, var, options.full, options.eps.to_double(),
                                ops::reduction_of(options.reduction));
}

const Declaration& GaussianNLLLossImpl::declared() {
  using L = GaussianNLLLossImpl;
  using O = GaussianNLLLossOptions;
  static const Declaration d = Declare<L, O>{.name = "GaussianNLLLoss",
                                             .formula = "loss = ½·(log v + (x − t)²/v), v = max(var, eps)",
                                             .shape =
                                                 "input (*), target (*), var (*), or with 1 in one dimension, or "
                                                 "without the last → () or, with reduction=\"none\", (*)",
                                             .source = "Nix, Weigend 1994; torch.nn.GaussianNLLLoss",
                                             .notes = "A negative variance is an OptionError.",
                                             .required = {},
                                             .options = {{"full", &O::full, "add ½·log(2π)", Show::Never},
                                                         {"eps", &O::eps, "least variance", Show::Never},
                                                         {"reduction", &O::reduction, kReduction, Show::Never}},
                                             .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

}  // namespace lamina::nn

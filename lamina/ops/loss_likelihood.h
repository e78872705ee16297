// Losses that are the negative logarithm of a likelihood, and the divergence between distributions.
// Operands that broadcast must broadcast to the shape of one of them: ShapeError otherwise.
#pragma once
#include "lamina/ops/loss.h"

namespace lamina::ops {

/// t·(log t − x), x the logarithm of a probability; with log_target t is one too: exp(t)·(t − x). What has no probability
/// in the target adds nothing, whatever the input says. The mean is over all elements, not over the batch.
/// Source: Kullback, Leibler 1951; torch.nn.functional.kl_div.
Tensor kl_div(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean,
              bool log_target = false);
/// kl_div by the reduction's name, which may be "batchmean": the sum over the size of dimension 0.
Tensor kl_div(const Tensor& input, const Tensor& target, const std::string& reduction, bool log_target = false);

/// exp(x) − t·x, x the logarithm of a Poisson distribution's mean; without log_input x is the mean itself:
/// x − t·log(x + eps). With `full` Stirling's t·log t − t + ½·log(2πt) is added where t > 1.
/// Source: torch.nn.functional.poisson_nll_loss.
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, bool log_input = true, bool full = false,
                        double eps = 1e-8, Reduction reduction = Reduction::Mean);

/// ½·(log v + (x − t)²/v), v the variance, at least eps (its gradient is that of v itself); with `full` plus ½·log(2π).
///   var of input's shape, or with 1 in one dimension, or without the last. OptionError for a negative one.
/// Source: Nix, Weigend 1994; torch.nn.functional.gaussian_nll_loss.
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var, bool full = false,
                         double eps = 1e-6, Reduction reduction = Reduction::Mean);
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, double var, bool full = false, double eps = 1e-6,
                         Reduction reduction = Reduction::Mean);

}  // namespace lamina::ops

// Activations made of exponentials (gelu, silu and softmax are in ops/activation.h, sigmoid and tanh in ops/unary.h). f_ is f in
// place. Formulas and names are PyTorch's (torch.nn.functional); computed in float64 inside, at ±∞ the limits; a NaN stays.
// Errors: DTypeError for types without fractions but where integers are named, OptionError for an option that is NaN.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// x above 0, alpha·(eˣ − 1) elsewhere. Source: arXiv:1511.07289.
Tensor elu(const Tensor& input, double alpha = 1);
const Tensor& elu_(const Tensor& self, double alpha = 1);
/// scale·elu(x, alpha) with the two numbers that keep mean 0 and variance 1. Source: arXiv:1706.02515.
Tensor selu(const Tensor& input);
const Tensor& selu_(const Tensor& self);
/// x above 0, alpha·(exp(x / alpha) − 1) elsewhere. OptionError for alpha = 0. Source: arXiv:1704.07483.
Tensor celu(const Tensor& input, double alpha = 1);
const Tensor& celu_(const Tensor& self, double alpha = 1);

/// log(1 + exp(beta·x)) / beta, and x itself where beta·x > threshold.
Tensor softplus(const Tensor& input, double beta = 1, double threshold = 20);
/// log(1 / (1 + e⁻ˣ)).
Tensor logsigmoid(const Tensor& input);
/// x·tanh(softplus(x)). Source: arXiv:1908.08681.
Tensor mish(const Tensor& input);
const Tensor& mish_(const Tensor& self);
/// x / (1 + |x|); integers give floats.
Tensor softsign(const Tensor& input);
/// x − tanh(x), exact near 0; integers give floats.
Tensor tanhshrink(const Tensor& input);

/// The two numbers of selu.
constexpr double kSeluAlpha = 1.6732632423543772848170429916717, kSeluScale = 1.0507009873554804934193349852946;

}  // namespace lamina::ops

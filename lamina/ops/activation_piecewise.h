// Activations made of straight pieces (relu is in ops/activation.h). f_ is f in place. Formulas and names are PyTorch's
// (torch.nn.functional); a NaN stays; a DTypeError for types without fractions but where integers are named; an OptionError
// for an option that is NaN.
#pragma once
#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// x above 0, negative_slope·x elsewhere.
Tensor leaky_relu(const Tensor& input, double negative_slope = 0.01);
const Tensor& leaky_relu_(const Tensor& self, double negative_slope = 0.01);

/// x cut to [min_val, max_val]; integers too. The gradient passes between the two, not at them. OptionError for min_val > max_val.
Tensor hardtanh(const Tensor& input, double min_val = -1, double max_val = 1);
const Tensor& hardtanh_(const Tensor& self, double min_val = -1, double max_val = 1);
/// hardtanh between 0 and 6; integers too. Source: arXiv:1704.04861.
Tensor relu6(const Tensor& input);
const Tensor& relu6_(const Tensor& self);

/// relu6(x + 3) / 6. Source: arXiv:1905.02244.
Tensor hardsigmoid(const Tensor& input);
const Tensor& hardsigmoid_(const Tensor& self);
/// x·relu6(x + 3) / 6, 0 at −∞. Source: arXiv:1905.02244.
Tensor hardswish(const Tensor& input);
const Tensor& hardswish_(const Tensor& self);

/// 0 within [−lambd, lambd], x elsewhere.
Tensor hardshrink(const Tensor& input, double lambd = 0.5);
/// x moved by lambd ≥ 0 towards 0, which it does not cross.
Tensor softshrink(const Tensor& input, double lambd = 0.5);

/// x where it is larger than `threshold`, `value` elsewhere; integers too.
Tensor threshold(const Tensor& input, double threshold, double value);
const Tensor& threshold_(const Tensor& self, double threshold, double value);

/// x above 0, weight·x elsewhere.
///   input (N, C, …) or any shape;  weight (1) or (), or (C), one for each channel of dimension 1
/// Errors: ShapeError, DTypeError for two types. Source: arXiv:1502.01852.
Tensor prelu(const Tensor& input, const Tensor& weight);

/// x above 0, r·x elsewhere: r uniform in [lower, upper) for each element in training, (lower + upper) / 2 otherwise. The numbers
/// are PyTorch's, one drawn for each element that is not above 0, in order. Source: arXiv:1505.00853.
Tensor rrelu(const Tensor& input, double lower = 1.0 / 8, double upper = 1.0 / 3, bool training = false,
             const GeneratorRef& generator = {});
const Tensor& rrelu_(const Tensor& self, double lower = 1.0 / 8, double upper = 1.0 / 3, bool training = false,
                     const GeneratorRef& generator = {});

}  // namespace lamina::ops

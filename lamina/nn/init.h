// Initial values of parameters, as torch.nn.init: each fills `tensor` in place, without history, and returns it. With the
// same seed the values are PyTorch's to the bit.
//   nn::init::kaiming_uniform_(conv->weight, 0, "fan_out", "relu");
#pragma once
#include <optional>
#include <string_view>
#include <utility>

#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::nn::init {

/// What a layer before this nonlinearity is scaled by to keep the variance: 1 for "linear", "conv1d" … and "sigmoid",
/// 5/3 for "tanh", √2 for "relu", √(2 / (1 + param²)) for "leaky_relu" (param 0.01 when left out), 3/4 for "selu".
/// OptionError for any other name.
double calculate_gain(std::string_view nonlinearity, std::optional<double> param = {});

/// (size(1)·receptive field, size(0)·receptive field); OptionError for fewer than two dimensions.
std::pair<int64_t, int64_t> calculate_fan_in_and_fan_out(const Tensor& tensor);

/// Uniform in [a, b).
const Tensor& uniform_(const Tensor& tensor, double a = 0, double b = 1, const GeneratorRef& generator = {});
const Tensor& normal_(const Tensor& tensor, double mean = 0, double std = 1, const GeneratorRef& generator = {});
/// Normal, what falls outside [a, b] drawn again; std > 0. Best when a ≤ mean ≤ b.
const Tensor& trunc_normal_(const Tensor& tensor, double mean = 0, double std = 1, double a = -2, double b = 2,
                            const GeneratorRef& generator = {});
const Tensor& constant_(const Tensor& tensor, double value);
const Tensor& ones_(const Tensor& tensor);
const Tensor& zeros_(const Tensor& tensor);

/// The identity matrix, in two dimensions.
const Tensor& eye_(const Tensor& tensor);
/// The convolution (out, in / groups, …) of three to five dimensions that hands on as many channels of each group as it can.
const Tensor& dirac_(const Tensor& tensor, int64_t groups = 1);
/// gain times a random matrix of orthonormal rows or columns, whichever there are fewer of; dimensions after the first count
/// as one. Equal to PyTorch's within rounding, because its QR decomposition is another. Source: Saxe et al. 2013 (arXiv:1312.6120).
const Tensor& orthogonal_(const Tensor& tensor, double gain = 1, const GeneratorRef& generator = {});
/// Normal with standard deviation std, then in each column a random part `sparsity` of the rows set to zero; two
/// dimensions. The rows are drawn from the default generator whatever `generator` is, as in PyTorch.
const Tensor& sparse_(const Tensor& tensor, double sparsity, double std = 0.01, const GeneratorRef& generator = {});

/// Uniform in ±√3·gain/√fan, gain of (nonlinearity, a), fan of mode "fan_in" or "fan_out". A tensor without elements is
/// left alone. Source: He et al. 2015 (arXiv:1502.01852).
const Tensor& kaiming_uniform_(const Tensor& tensor, double a = 0, std::string_view mode = "fan_in",
                               std::string_view nonlinearity = "leaky_relu", const GeneratorRef& generator = {});
/// Normal with standard deviation gain/√fan.
const Tensor& kaiming_normal_(const Tensor& tensor, double a = 0, std::string_view mode = "fan_in",
                              std::string_view nonlinearity = "leaky_relu", const GeneratorRef& generator = {});
/// Uniform in ±√3·s, s = gain·√(2 / (fan_in + fan_out)). Source: Glorot, Bengio 2010.
const Tensor& xavier_uniform_(const Tensor& tensor, double gain = 1, const GeneratorRef& generator = {});
/// Normal with standard deviation gain·√(2 / (fan_in + fan_out)).
const Tensor& xavier_normal_(const Tensor& tensor, double gain = 1, const GeneratorRef& generator = {});

}  // namespace lamina::nn::init

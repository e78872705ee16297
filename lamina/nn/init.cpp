#include "lamina/nn/init.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/random.h"

namespace lamina::nn::init {

namespace {
int64_t fan_of(const Tensor& tensor, std::string_view mode) {
  std::string lower(mode);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  if (lower != "fan_in" && lower != "fan_out")
    throw OptionError(str("Mode ", lower, " not supported, please use one of ['fan_in', 'fan_out']"));
  const auto [fan_in, fan_out] = calculate_fan_in_and_fan_out(tensor);
  return lower == "fan_in" ? fan_in : fan_out;
}

double xavier_std(const Tensor& tensor, double gain) {
  const auto [fan_in, fan_out] = calculate_fan_in_and_fan_out(tensor);
  return gain * std::sqrt(2.0 / double(fan_in + fan_out));
}
}  // namespace

double calculate_gain(std::string_view nonlinearity, std::optional<double> param) {
  static constexpr std::array<std::string_view, 8> linear = {"linear",           "conv1d",           "conv2d",           "conv3d",
                                                             "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid"};
  if (std::find(linear.begin(), linear.end(), nonlinearity) != linear.end()) return 1;
  if (nonlinearity == "tanh") return 5.0 / 3;
  if (nonlinearity == "relu") return std::sqrt(2.0);
  if (nonlinearity == "leaky_relu") {
    const double slope = param.value_or(0.01);
    return std::sqrt(2.0 / (1 + slope * slope));
  }
  if (nonlinearity == "selu") return 3.0 / 4;
  throw OptionError(str("Unsupported nonlinearity ", nonlinearity),
                    "Use linear, conv1d … conv3d, conv_transpose1d … 3d, sigmoid, tanh, relu, leaky_relu or selu");
}

std::pair<int64_t, int64_t> calculate_fan_in_and_fan_out(const Tensor& tensor) {
  if (tensor.rank() < 2)
    throw OptionError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
                      str("This one has shape ", tensor.shape()));
  const int64_t receptive_field = tensor.shape().slice(2).numel();
  return {tensor.size(1) * receptive_field, tensor.size(0) * receptive_field};
}

const Tensor& uniform_(const Tensor& tensor, double a, double b, const GeneratorRef& generator) {
  const NoGradGuard guard;
  return ops::uniform_(tensor, a, b, generator);
}

const Tensor& normal_(const Tensor& tensor, double mean, double std, const GeneratorRef& generator) {
  const NoGradGuard guard;
  return ops::normal_(tensor, mean, std, generator);
}

const Tensor& constant_(const Tensor& tensor, double value) {
  const NoGradGuard guard;
  check_inplace(tensor, "constant_");
  ops::fill_values(tensor, value);
  tensor.bump_version();
  return tensor;
}

const Tensor& ones_(const Tensor& tensor) { return constant_(tensor, 1); }
const Tensor& zeros_(const Tensor& tensor) { return constant_(tensor, 0); }

const Tensor& kaiming_uniform_(const Tensor& tensor, double a, std::string_view mode, std::string_view nonlinearity,
                               const GeneratorRef& generator) {
  if (tensor.numel() == 0) return tensor;
  const double fan = double(fan_of(tensor, mode)), std = calculate_gain(nonlinearity, a) / std::sqrt(fan);
  const double bound = std::sqrt(3.0) * std;
  return uniform_(tensor, -bound, bound, generator);
}

const Tensor& kaiming_normal_(const Tensor& tensor, double a, std::string_view mode, std::string_view nonlinearity,
                              const GeneratorRef& generator) {
  if (tensor.numel() == 0) return tensor;
  const double fan = double(fan_of(tensor, mode));
  return normal_(tensor, 0, calculate_gain(nonlinearity, a) / std::sqrt(fan), generator);
}

const Tensor& xavier_uniform_(const Tensor& tensor, double gain, const GeneratorRef& generator) {
  const double bound = std::sqrt(3.0) * xavier_std(tensor, gain);
  return uniform_(tensor, -bound, bound, generator);
}

const Tensor& xavier_normal_(const Tensor& tensor, double gain, const GeneratorRef& generator) {
  return normal_(tensor, 0, xavier_std(tensor, gain), generator);
}

}  // namespace lamina::nn::init

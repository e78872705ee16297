#include "lamina/nn/init.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/iterate.h"
#include "lamina/ops/orthogonal.h"
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
  static constexpr std::array<std::string_view, 8> linear = {
      "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid"};
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

namespace {
// Draws `tensor` from the normal distribution until every element lies in [a, b], keeping those that do.
template <class T>
void redraw_outside(const Tensor& tensor, double mean, double std, double a, double b, const GeneratorRef& generator) {
  const auto low = compute_t<T>(T(compute_t<T>(a))), high = compute_t<T>(T(compute_t<T>(b)));
  const auto outside = [low, high](compute_t<T> v) { return v < low || v > high; };
  const auto any_outside = [&] {
    bool any = false;
    kernels::each_row(ops::strided<1>(tensor.shape(), {&tensor}), 0, tensor.numel(),
                      [&](const auto& p, const auto& step, int64_t n) {
                        for (int64_t i = 0; i < n && !any; ++i)
                          any = outside(*reinterpret_cast<const T*>(p[0] + i * step[0]));
                      });
    return any;
  };
  ops::normal_(tensor, mean, std, generator);
  while (any_outside()) {
    const Tensor fresh = ops::empty_in_layout_of(tensor);
    ops::normal_(fresh, mean, std, generator);
    ops::map<T, T, T>(tensor, [=](T old, T other) { return outside(compute_t<T>(old)) ? other : old; }, tensor, fresh);
  }
}

// For [a, b] in the tail, where most normal numbers would be drawn in vain: uniform numbers, each accepted with the
// probability of its density over the largest one in [a, b].
template <class T>
void accept_by_density(const Tensor& tensor, double mean, double std, double a, double b,
                       const GeneratorRef& generator) {
  using C = compute_t<T>;
  const double peak = (std::max(a, std::min(mean, b)) - mean) / std, log_peak = -0.5 * (peak * peak);
  const auto round = [](C v) { return C(T(v)); };  // as PyTorch, which stores each step in the type
  const auto rejected = [=](T candidate, T u) {
    const C z = round(round(C(candidate) - round(C(mean))) / C(std));
    const C log_density = round(round(round(z * z) * C(-0.5)) - round(C(log_peak)));
    return round(std::log(C(u))) > log_density;
  };
  const Tensor candidates = ops::empty_in_layout_of(tensor), uniform = ops::empty_in_layout_of(tensor);
  const Tensor pending = empty(tensor.shape(), DType::Bool);
  ops::uniform_(tensor, a, b, generator);
  ops::uniform_(uniform, 0, 1, generator);
  ops::map<bool, T, T>(pending, rejected, tensor, uniform);
  const bool* first = pending.data<bool>();
  while (std::find(first, first + pending.numel(), true) != first + pending.numel()) {
    ops::uniform_(candidates, a, b, generator);
    ops::uniform_(uniform, 0, 1, generator);
    ops::map<T, T, T, bool>(
        tensor, [](T old, T other, bool take) { return take ? other : old; }, tensor, candidates, pending);
    ops::map<bool, bool, T, T>(
        pending, [=](bool still, T candidate, T u) { return still && rejected(candidate, u); }, pending, candidates,
        uniform);
  }
}
}  // namespace

const Tensor& trunc_normal_(const Tensor& tensor, double mean, double std, double a, double b,
                            const GeneratorRef& generator) {
  if (!std::isfinite(mean) || !std::isfinite(std) || !(std > 0) || !(a <= b))
    throw OptionError(str("trunc_normal_ expects a finite mean, std > 0 and a <= b, but got mean=", mean, ", std=", std,
                          ", a=", a, ", b=", b));
  const NoGradGuard guard;
  check_inplace(tensor, "trunc_normal_");
  if (!tensor.is_floating_point()) throw_unsupported("trunc_normal_", tensor.dtype());
  const auto below = [&](double x) { return (1.0 + std::erf((x - mean) / std / std::sqrt(2.0))) / 2.0; };
  const bool mostly_inside = below(b) - below(a) > 0.3;
  dispatch_floating(tensor.dtype(), "trunc_normal_", [&]<class T>() {
    if (mostly_inside) redraw_outside<T>(tensor, mean, std, a, b, generator);
    else accept_by_density<T>(tensor, mean, std, a, b, generator);
  });
  tensor.bump_version();
  return tensor;
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

const Tensor& eye_(const Tensor& tensor) {
  if (tensor.rank() != 2)
    throw OptionError(str("Only tensors with 2 dimensions are supported, but got shape ", tensor.shape()));
  zeros_(tensor);
  const int64_t ones = std::min(tensor.size(0), tensor.size(1));
  const NoGradGuard guard;
  ops::fill_values(alias(tensor, {ones}, {tensor.strides()[0] + tensor.strides()[1]}), 1);
  return tensor;
}

const Tensor& dirac_(const Tensor& tensor, int64_t groups) {
  if (tensor.rank() < 3 || tensor.rank() > 5)
    throw OptionError(str("Only tensors with 3, 4, or 5 dimensions are supported, but got shape ", tensor.shape()));
  if (groups < 1) throw OptionError(str("groups must be positive, but got ", groups));
  if (tensor.size(0) % groups != 0)
    throw OptionError(str("dim 0 must be divisible by groups, but got shape ", tensor.shape(), " and groups=", groups));
  zeros_(tensor);
  if (tensor.numel() == 0) return tensor;
  const NoGradGuard guard;
  int64_t centre = 0;
  for (int d = 2; d < tensor.rank(); ++d) centre += tensor.size(d) / 2 * tensor.strides()[d];
  const int64_t out_channels = tensor.size(0) / groups, row = tensor.strides()[0], column = tensor.strides()[1];
  ops::fill_values(
      alias(tensor, {groups, std::min(out_channels, tensor.size(1))}, {out_channels * row, row + column}, centre), 1);
  return tensor;
}

const Tensor& orthogonal_(const Tensor& tensor, double gain, const GeneratorRef& generator) {
  if (tensor.rank() < 2)
    throw OptionError(str("Only tensors with 2 or more dimensions are supported, but got shape ", tensor.shape()));
  if (tensor.numel() == 0) return tensor;
  const NoGradGuard guard;
  check_inplace(tensor, "orthogonal_");
  const Shape flat{tensor.size(0), tensor.numel() / tensor.size(0)};
  const Tensor q = ops::orthogonal_factor(ops::normal_(empty(flat, tensor.dtype()), 0, 1, generator));
  const Tensor shaped = alias(q, tensor.shape(), contiguous_strides(tensor.shape()));
  dispatch_real(tensor.dtype(), "orthogonal_",
                [&]<class T>() { ops::map<T, T>(tensor, [factor = T(gain)](T v) { return v * factor; }, shaped); });
  tensor.bump_version();
  return tensor;
}

const Tensor& sparse_(const Tensor& tensor, double sparsity, double std, const GeneratorRef& generator) {
  if (tensor.rank() != 2)
    throw OptionError(str("Only tensors with 2 dimensions are supported, but got shape ", tensor.shape()));
  if (!(sparsity >= 0 && sparsity <= 1)) throw OptionError(str("sparsity must be in [0, 1], but got ", sparsity));
  const int64_t rows = tensor.size(0), zeros = int64_t(std::ceil(sparsity * double(rows)));
  normal_(tensor, 0, std, generator);
  const NoGradGuard guard;
  for (int64_t column = 0; column < tensor.size(1); ++column) {
    const Tensor order = ops::randperm(rows);
    for (int64_t i = 0; i < zeros; ++i) {
      const int64_t at = order.data<int64_t>()[i] * tensor.strides()[0] + column * tensor.strides()[1];
      ops::fill_values(alias(tensor, {}, {}, at), 0);
    }
  }
  return tensor;
}

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

#include "lamina/nn/conv.h"

#include <cmath>

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pad.h"

namespace lamina::nn {

namespace {

template <int N>
void check(int64_t in_channels, int64_t out_channels, const ConvOptions<N>& o) {
  if (o.groups < 1) throw OptionError(str("groups=", o.groups, " must be a positive integer"));
  if (in_channels % o.groups != 0)
    throw OptionError(str("in_channels=", in_channels, " must be divisible by groups=", o.groups));
  if (out_channels % o.groups != 0)
    throw OptionError(str("out_channels=", out_channels, " must be divisible by groups=", o.groups));
  const auto& mode = o.padding.mode;
  if (mode && mode != "valid" && mode != "same")
    throw OptionError(str("padding='", *mode, "' must be numbers, 'valid' or 'same'"));
  if (mode == "same" && !(o.stride == Extent<N>(1)))
    throw OptionError(str("padding='same' needs stride 1, got stride=", o.stride.shape()));
  if (o.padding_mode != "zeros" && o.padding_mode != "reflect" && o.padding_mode != "replicate" &&
      o.padding_mode != "circular")
    throw OptionError(
        str("padding_mode='", o.padding_mode, "' must be one of 'zeros', 'reflect', 'replicate', 'circular'"));
}

}  // namespace

template <int N>
ConvImpl<N>::ConvImpl(int64_t in_channels, int64_t out_channels, Extent<N> kernel_size, ConvOptions<N> options)
    : in_channels(in_channels), out_channels(out_channels), kernel_size(kernel_size), options(options) {
  check(in_channels, out_channels, options);
  const DType dtype = options.dtype.value_or(default_dtype());
  bind_parameter("weight", weight,
                 empty(Shape{out_channels, in_channels / options.groups} + kernel_size.shape(), dtype));
  bind_parameter("bias", bias, options.bias ? empty({out_channels}, dtype) : Tensor());
  initialize();
}

template <int N>
void ConvImpl<N>::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const int64_t fan_in = init::calculate_fan_in_and_fan_out(weight).first;
  if (fan_in > 0) init::uniform_(bias, -1 / std::sqrt(double(fan_in)), 1 / std::sqrt(double(fan_in)));
  else init::zeros_(bias);
}

template <int N>
Tensor ConvImpl<N>::forward(const Tensor& input) {
  constexpr auto conv = N == 1 ? ops::conv1d : N == 2 ? ops::conv2d : ops::conv3d;
  const ConvOptions<N>& o = options;
  if (o.padding_mode == "zeros")
    return conv(input, weight, bias,
                {.stride = o.stride.shape(), .padding = o.padding, .dilation = o.dilation.shape(), .groups = o.groups});
  Shape sides;  // left and right, from the last dimension on
  for (int d = N - 1; d >= 0; --d) {
    const int64_t total =
        o.padding.mode == "same" ? o.dilation[d] * (kernel_size[d] - 1) : 2 * o.padding.sizes[o.padding.mode ? 0 : d];
    sides.push_back(total / 2);
    sides.push_back(total - total / 2);
  }
  return conv(ops::pad(input, sides, o.padding_mode), weight, bias,
              {.stride = o.stride.shape(), .padding = 0, .dilation = o.dilation.shape(), .groups = o.groups});
}

template <int N>
const Declaration& ConvImpl<N>::declared() {
  using L = ConvImpl<N>;
  using O = ConvOptions<N>;
  constexpr const char* name = N == 1 ? "Conv1d" : N == 2 ? "Conv2d" : "Conv3d";
  constexpr const char* shape = N == 1   ? "(N, in_channels, L) → (N, out_channels, L'), or without N"
                                : N == 2 ? "(N, in_channels, H, W) → (N, out_channels, H', W'), or without N"
                                         : "(N, in_channels, D, H, W) → (N, out_channels, D', H', W'), or without N";
  static const Declaration d = Declare<L, O>{
      .name = name,
      .formula = "y[n, o] = bias[o] + Σ_c weight[o, c] ⋆ x[n, c], ⋆ the cross-correlation",
      .shape = shape,
      .source = str("torch.nn.", name),
      .notes =
          "Each size of space becomes ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1. weight "
          "(out_channels, "
          "in_channels / groups, *kernel_size) and bias (out_channels) start uniform in ±1/√fan_in, fan_in = "
          "in_channels / groups · "
          "product of kernel_size.",
      .required = {{"in_channels", &L::in_channels, "channels of the input", Show::Positional},
                   {"out_channels", &L::out_channels, "channels of the output", Show::Positional},
                   {"kernel_size", &L::kernel_size, "size of the window"}},
      .options = {{"stride", &O::stride, "step of the window"},
                  {"padding", &O::padding,
                   "how far the input is extended on both sides; \"valid\" (not at all) or \"same\" (to keep the size)",
                   Show::IfNotDefault},
                  {"dilation", &O::dilation, "distance between the window's elements", Show::IfNotDefault},
                  {"groups", &O::groups, "groups of channels that do not see one another; in_channels: depthwise",
                   Show::IfNotDefault},
                  {"bias", &O::bias, "learn an additive bias", Show::IfNotDefault},
                  {"padding_mode", &O::padding_mode,
                   "what the padding holds: \"zeros\", \"reflect\", \"replicate\" or \"circular\"", Show::IfNotDefault},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never}},
      .construct = [](const Arguments& a, const O& o) {
        return new L(a.get<int64_t>(0), a.get<int64_t>(1), a.get<Extent<N>>(2), o);
      }};
  return d;
}

template class ConvImpl<1>;
template class ConvImpl<2>;
template class ConvImpl<3>;

}  // namespace lamina::nn

#include "lamina/nn/conv_transpose.h"

#include <cmath>

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

namespace {

template <int N>
void check(int64_t in_channels, int64_t out_channels, const ConvTransposeOptions<N>& o) {
  if (o.padding_mode != "zeros")
    throw OptionError(
        str("padding_mode='", o.padding_mode, "' must be 'zeros', the only one of a transposed convolution"));
  if (o.groups < 1) throw OptionError(str("groups=", o.groups, " must be a positive integer"));
  if (in_channels % o.groups != 0)
    throw OptionError(str("in_channels=", in_channels, " must be divisible by groups=", o.groups));
  if (out_channels % o.groups != 0)
    throw OptionError(str("out_channels=", out_channels, " must be divisible by groups=", o.groups));
}

}  // namespace

template <int N>
ConvTransposeImpl<N>::ConvTransposeImpl(int64_t in_channels, int64_t out_channels, Extent<N> kernel_size,
                                        ConvTransposeOptions<N> options)
    : in_channels(in_channels), out_channels(out_channels), kernel_size(kernel_size), options(options) {
  check(in_channels, out_channels, options);
  const DType dtype = options.dtype.value_or(default_dtype());
  bind_parameter("weight", weight,
                 empty(Shape{in_channels, out_channels / options.groups} + kernel_size.shape(), dtype));
  bind_parameter("bias", bias, options.bias ? empty({out_channels}, dtype) : Tensor());
  initialize();
}

template <int N>
void ConvTransposeImpl<N>::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const int64_t fan_in = init::calculate_fan_in_and_fan_out(weight).first;
  if (fan_in > 0) init::uniform_(bias, -1 / std::sqrt(double(fan_in)), 1 / std::sqrt(double(fan_in)));
  else init::zeros_(bias);
}

template <int N>
ops::ConvTransposeOptions ConvTransposeImpl<N>::windows() const {
  return {.stride = options.stride.shape(),
          .padding = options.padding.shape(),
          .output_padding = options.output_padding.shape(),
          .groups = options.groups,
          .dilation = options.dilation.shape()};
}

template <int N>
Tensor ConvTransposeImpl<N>::forward(const Tensor& input) {
  constexpr auto conv = N == 1 ? ops::conv_transpose1d : N == 2 ? ops::conv_transpose2d : ops::conv_transpose3d;
  return conv(input, weight, bias, windows());
}

template <int N>
Tensor ConvTransposeImpl<N>::forward(const Tensor& input, const Shape& output_size) {
  constexpr auto conv = N == 1 ? ops::conv_transpose1d : N == 2 ? ops::conv_transpose2d : ops::conv_transpose3d;
  ops::ConvTransposeOptions o = windows();
  o.output_padding = ops::output_padding_for(input.shape(), kernel_size.shape(), output_size, o);
  return conv(input, weight, bias, o);
}

template <int N>
Tensor ConvTransposeImpl<N>::operator()(const Tensor& input, const Shape& output_size) {
  try {
    return forward(input, output_size);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

// PyTorch shows dilation before output_padding and groups, though it takes it after them.
template <int N>
std::string ConvTransposeImpl<N>::extra_repr() const {
  const ConvTransposeOptions<N>& o = options;
  std::string s =
      str(in_channels, ", ", out_channels, ", kernel_size=", kernel_size.shape(), ", stride=", o.stride.shape());
  if (!(o.padding == Extent<N>(0))) s += str(", padding=", o.padding.shape());
  if (!(o.dilation == Extent<N>(1))) s += str(", dilation=", o.dilation.shape());
  if (!(o.output_padding == Extent<N>(0))) s += str(", output_padding=", o.output_padding.shape());
  if (o.groups != 1) s += str(", groups=", o.groups);
  if (!bias.defined()) s += ", bias=False";
  return s;
}

template <int N>
const Declaration& ConvTransposeImpl<N>::declared() {
  using L = ConvTransposeImpl<N>;
  using O = ConvTransposeOptions<N>;
  constexpr const char* name = N == 1 ? "ConvTranspose1d" : N == 2 ? "ConvTranspose2d" : "ConvTranspose3d";
  constexpr const char* shape = N == 1   ? "(N, in_channels, L) → (N, out_channels, L'), or without N"
                                : N == 2 ? "(N, in_channels, H, W) → (N, out_channels, H', W'), or without N"
                                         : "(N, in_channels, D, H, W) → (N, out_channels, D', H', W'), or without N";
  static const Declaration d = Declare<L, O>{
      .name = name,
      .formula = "y = bias + the gradient of Σ (x' ⋆ weight)·x with respect to x', ⋆ the cross-correlation",
      .shape = shape,
      .source = str("torch.nn.", name),
      .notes =
          "Each size of space becomes (size − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1; "
          "the call's output_size chooses output_padding. weight (in_channels, out_channels / groups, *kernel_size) "
          "and "
          "bias (out_channels) start uniform in ±1/√fan_in, fan_in = out_channels / groups · product of kernel_size.",
      .required = {{"in_channels", &L::in_channels, "channels of the input", Show::Positional},
                   {"out_channels", &L::out_channels, "channels of the output", Show::Positional},
                   {"kernel_size", &L::kernel_size, "size of the window"}},
      .options = {{"stride", &O::stride, "step between the places of the input's elements in the output"},
                  {"padding", &O::padding, "how much is cut from both sides of the output", Show::IfNotDefault},
                  {"output_padding", &O::output_padding, "how much is added to one side of the output",
                   Show::IfNotDefault},
                  {"groups", &O::groups, "groups of channels that do not see one another", Show::IfNotDefault},
                  {"bias", &O::bias, "learn an additive bias", Show::IfNotDefault},
                  {"dilation", &O::dilation, "distance between the window's elements", Show::IfNotDefault},
                  {"padding_mode", &O::padding_mode, "\"zeros\", the only one", Show::IfNotDefault},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never}},
      .construct = [](const Arguments& a, const O& o) {
        return new L(a.get<int64_t>(0), a.get<int64_t>(1), a.get<Extent<N>>(2), o);
      }};
  return d;
}

template class ConvTransposeImpl<1>;
template class ConvTransposeImpl<2>;
template class ConvTransposeImpl<3>;

}  // namespace lamina::nn

// Transposed convolution layers, and the gradients of convolutions as functions (nn::grad).
//   nn::ConvTranspose2d up(16, 8, 2, {.stride = 2});  Tensor y = up(x);  // (4, 16, 14, 14) → (4, 8, 28, 28)
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/conv_transpose.h"

namespace lamina::nn {

/// What a transposed convolution takes by name. Defaults and order are PyTorch's.
template <int N>
struct ConvTransposeOptions {
  Extent<N> stride = 1;
  Extent<N> padding = 0;
  Extent<N> output_padding = 0;
  int64_t groups = 1;
  bool bias = true;
  Extent<N> dilation = 1;
  std::string padding_mode = "zeros";  // the only one
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// The gradient of a convolution with respect to its input, as a layer: what ConvTranspose1d, ConvTranspose2d and
/// ConvTranspose3d share.
/// Shape: (N, in_channels, *space) → (N, out_channels, *out), or without N,
///   out = (space − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1.
/// weight (in_channels, out_channels / groups, *kernel_size) and bias (out_channels) start uniform in ±1/√fan_in,
/// fan_in = out_channels / groups · product of kernel_size. Same in train and eval mode.
/// Throws OptionError when groups do not divide the channels and for a padding_mode other than "zeros"; on the call
/// ShapeError, DTypeError, OptionError (output_padding). Source: torch.nn.ConvTranspose2d.
template <int N>
class ConvTransposeImpl : public Module {
 public:
  ConvTransposeImpl(int64_t in_channels, int64_t out_channels, Extent<N> kernel_size,
                    ConvTransposeOptions<N> options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;
  /// output_size instead of output_padding: the output's space, or its whole shape.
  Tensor forward(const Tensor& input, const Shape& output_size);
  Tensor operator()(const Tensor& input, const Shape& output_size);
  using Module::operator();
  void reset_parameters() override;

  int64_t in_channels, out_channels;
  Extent<N> kernel_size;
  ConvTransposeOptions<N> options;
  Tensor weight, bias;  // bias is undefined without the option

 private:
  ops::ConvTransposeOptions windows() const;
};

using ConvTranspose1dOptions = ConvTransposeOptions<1>;
using ConvTranspose2dOptions = ConvTransposeOptions<2>;
using ConvTranspose3dOptions = ConvTransposeOptions<3>;
using ConvTranspose1dImpl = ConvTransposeImpl<1>;
using ConvTranspose2dImpl = ConvTransposeImpl<2>;
using ConvTranspose3dImpl = ConvTransposeImpl<3>;

template <int N>
class ConvTranspose : public ModuleHolder<ConvTransposeImpl<N>> {
 public:
  using ModuleHolder<ConvTransposeImpl<N>>::ModuleHolder;
  ConvTranspose(int64_t in_channels, int64_t out_channels, Extent<N> kernel_size, ConvTransposeOptions<N> options = {})
      : ModuleHolder<ConvTransposeImpl<N>>(std::in_place, in_channels, out_channels, kernel_size, options) {}
};
using ConvTranspose1d = ConvTranspose<1>;
using ConvTranspose2d = ConvTranspose<2>;
using ConvTranspose3d = ConvTranspose<3>;

extern template class ConvTransposeImpl<1>;
extern template class ConvTransposeImpl<2>;
extern template class ConvTransposeImpl<3>;

namespace functional {
using ops::conv_transpose1d;
using ops::conv_transpose2d;
using ops::conv_transpose3d;
}  // namespace functional

/// torch.nn.grad
namespace grad {
using ops::conv1d_input;
using ops::conv1d_weight;
using ops::conv2d_input;
using ops::conv2d_weight;
using ops::conv3d_input;
using ops::conv3d_weight;
}  // namespace grad

}  // namespace lamina::nn

// Convolution layers.
//   nn::Conv2d conv(3, 32, 3, {.padding = 1});  Tensor y = conv(x);  // (8, 3, 32, 32) → (8, 32, 32, 32)
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/conv.h"

namespace lamina::nn {

/// The padding of a convolution over N dimensions: one number, one for each, "valid" or "same".
template <int N>
struct Padding : ops::ConvPadding {
  template <std::integral I>
  Padding(I all) : ConvPadding(Shape::filled(N, all)) {}
  Padding(Extent<N> each) : ConvPadding(each.shape()) {}
  template <class... T>
    requires(sizeof...(T) == N && N > 1)
  Padding(T... each) : Padding(Extent<N>(each...)) {}
  Padding(const char* mode) : Padding(std::string(mode)) {}
  Padding(std::string mode) : ConvPadding(std::move(mode)) {}
};

template <int N>
struct FieldType<Padding<N>> {
  static std::string type() { return FieldType<Extent<N>>::type() + " | str"; }
  static Padding<N> from(const Value& v) {
    if (const auto* mode = std::get_if<std::string>(&v)) return *mode;
    return FieldType<Extent<N>>::from(v);
  }
  static Value to(const Padding<N>& v) { return v.mode ? Value(*v.mode) : Value(v.sizes); }
};

/// What a convolution takes by name. Defaults and order are PyTorch's.
template <int N>
struct ConvOptions {
  Extent<N> stride = 1;
  Padding<N> padding = 0;
  Extent<N> dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  std::string padding_mode = "zeros";  // "zeros", "reflect", "replicate" or "circular"
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// Cross-correlation over N spatial dimensions: the part that Conv1d, Conv2d and Conv3d share. See Conv2dImpl.
template <int N>
class ConvImpl : public Module {
 public:
  ConvImpl(int64_t in_channels, int64_t out_channels, Extent<N> kernel_size, ConvOptions<N> options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;

  int64_t in_channels, out_channels;
  Extent<N> kernel_size;
  ConvOptions<N> options;
  Tensor weight, bias;  // bias is undefined without the option
};

using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;
using Conv3dOptions = ConvOptions<3>;

/// y[n, o] = bias[o] + Σ_c weight[o, c] ⋆ x[n, c], the cross-correlation over the last dimension.
/// Shape: (N, in_channels, L) or (in_channels, L) → (N, out_channels, L') or (out_channels, L'), L' as Conv2d's.
/// Source: torch.nn.Conv1d.
using Conv1dImpl = ConvImpl<1>;

/// y[n, o] = bias[o] + Σ_c weight[o, c] ⋆ x[n, c], the cross-correlation over the last two dimensions; with groups, c goes
/// over the channels of o's group only (groups = in_channels: depthwise).
/// Shape: (N, in_channels, H, W) or (in_channels, H, W) → (N, out_channels, H', W') or (out_channels, H', W'),
///   H' = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1.
/// weight (out_channels, in_channels / groups, *kernel_size) and bias (out_channels) start uniform in ±1/√fan_in,
/// fan_in = in_channels / groups · kernel area. Same in train and eval mode.
/// Throws OptionError when groups do not divide the channels, for an unknown padding or padding_mode, and for "same" with a
/// stride; on the call ShapeError, DTypeError. Source: torch.nn.Conv2d.
using Conv2dImpl = ConvImpl<2>;

/// y[n, o] = bias[o] + Σ_c weight[o, c] ⋆ x[n, c], the cross-correlation over the last three dimensions.
/// Shape: (N, in_channels, D, H, W) or (in_channels, D, H, W) → (N, out_channels, D', H', W') or without N, as Conv2d's.
/// Source: torch.nn.Conv3d.
using Conv3dImpl = ConvImpl<3>;

template <int N>
class Conv : public ModuleHolder<ConvImpl<N>> {
 public:
  using ModuleHolder<ConvImpl<N>>::ModuleHolder;
  Conv(int64_t in_channels, int64_t out_channels, Extent<N> kernel_size, ConvOptions<N> options = {})
      : ModuleHolder<ConvImpl<N>>(std::in_place, in_channels, out_channels, kernel_size, options) {}
};
using Conv1d = Conv<1>;
using Conv2d = Conv<2>;
using Conv3d = Conv<3>;

extern template class ConvImpl<1>;
extern template class ConvImpl<2>;
extern template class ConvImpl<3>;

namespace functional {
using ops::conv1d;
using ops::conv2d;
using ops::conv3d;
}  // namespace functional

}  // namespace lamina::nn

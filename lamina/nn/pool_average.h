// Layers that average over windows of space.
//   nn::AvgPool2d pool(2);               // (8, 3, 32, 32) → (8, 3, 16, 16)
//   nn::AdaptiveAvgPool2d to_one(1);     // (8, 3, 32, 32) → (8, 3, 1, 1)
#pragma once
#include <optional>
#include <type_traits>
#include <utility>

#include "lamina/nn/pool.h"
#include "lamina/ops/pool_average.h"

namespace lamina::nn {

/// A size of AvgPool: AvgPool1d shows (2,) for 2, the others what was given, as PyTorch does.
template <int N>
using AvgExtent = std::conditional_t<N == 1, Extent<1>, GivenExtent<N>>;

/// What average pooling takes by name. Defaults and order are PyTorch's; AvgPool1d has no divisor_override in Python.
template <int N>
struct AvgPoolOptions {
  std::optional<AvgExtent<N>> stride = {};  // the kernel's size when left out
  AvgExtent<N> padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
  std::optional<int64_t> divisor_override = {};
};

/// The mean of every window over N spatial dimensions: the part that AvgPool1d, AvgPool2d and AvgPool3d share.
/// Shape: (N, C, *space) → (N, C, *out), or without N; out as that of MaxPool2d without dilation. Padding is zeros, and
/// counts among what is divided by unless count_include_pad is off; divisor_override divides by itself.
/// Throws OptionError, ShapeError, DTypeError. Same in train and eval mode. Source: torch.nn.AvgPool2d.
template <int N>
class AvgPoolImpl : public Module {
 public:
  AvgPoolImpl(AvgExtent<N> kernel_size, AvgPoolOptions<N> options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  AvgExtent<N> kernel_size;
  AvgPoolOptions<N> options;
};

/// A size of an output: one number or N of them, std::nullopt where the input's size stays.
template <int N>
struct OutputSize {
  ops::OutputSizes sizes;
  bool single = false;  // given as one number, for repr
  OutputSize(std::optional<int64_t> all) : sizes{all}, single(true) {}
  template <class... T>
    requires(sizeof...(T) == N && N > 1)
  OutputSize(T... each) : sizes{std::optional<int64_t>(each)...} {}
  explicit OutputSize(ops::OutputSizes sizes) : sizes(std::move(sizes)) {}
};

template <int N>
struct FieldType<OutputSize<N>> {
  static std::string type() { return "int | None | Sequence[int | None]"; }
  static OutputSize<N> from(const Value& v) {
    if (const auto* sizes = std::get_if<ops::OutputSizes>(&v)) return OutputSize<N>(*sizes);
    if (const auto* shape = std::get_if<Shape>(&v))
      return OutputSize<N>(ops::OutputSizes(shape->begin(), shape->end()));
    return FieldType<std::optional<int64_t>>::from(v);
  }
  static Value to(const OutputSize<N>& v) {
    if (v.single) return FieldType<std::optional<int64_t>>::to(v.sizes[0]);
    Shape shape;
    for (const auto& size : v.sizes)
      if (size) shape.push_back(*size);
    return shape.rank() == int(v.sizes.size()) ? Value(shape) : Value(v.sizes);
  }
};

/// The mean of windows so chosen that the output has this size, over N spatial dimensions.
/// Shape: (N, C, *space) → (N, C, *output_size), or without N. Throws OptionError, ShapeError, DTypeError.
/// Source: torch.nn.AdaptiveAvgPool2d.
template <int N>
class AdaptiveAvgPoolImpl : public Module {
 public:
  explicit AdaptiveAvgPoolImpl(OutputSize<N> output_size) : output_size(std::move(output_size)) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  OutputSize<N> output_size;
};

using AvgPool1dOptions = AvgPoolOptions<1>;
using AvgPool2dOptions = AvgPoolOptions<2>;
using AvgPool3dOptions = AvgPoolOptions<3>;
using AvgPool1dImpl = AvgPoolImpl<1>;
using AvgPool2dImpl = AvgPoolImpl<2>;
using AvgPool3dImpl = AvgPoolImpl<3>;
using AdaptiveAvgPool1dImpl = AdaptiveAvgPoolImpl<1>;
using AdaptiveAvgPool2dImpl = AdaptiveAvgPoolImpl<2>;
using AdaptiveAvgPool3dImpl = AdaptiveAvgPoolImpl<3>;

template <int N>
class AvgPool : public ModuleHolder<AvgPoolImpl<N>> {
 public:
  using ModuleHolder<AvgPoolImpl<N>>::ModuleHolder;
  AvgPool(AvgExtent<N> kernel_size, AvgPoolOptions<N> options = {})
      : ModuleHolder<AvgPoolImpl<N>>(std::in_place, kernel_size, options) {}
};
using AvgPool1d = AvgPool<1>;
using AvgPool2d = AvgPool<2>;
using AvgPool3d = AvgPool<3>;

template <int N>
class AdaptiveAvgPool : public ModuleHolder<AdaptiveAvgPoolImpl<N>> {
 public:
  using ModuleHolder<AdaptiveAvgPoolImpl<N>>::ModuleHolder;
  AdaptiveAvgPool(OutputSize<N> output_size)
      : ModuleHolder<AdaptiveAvgPoolImpl<N>>(std::in_place, std::move(output_size)) {}
};
using AdaptiveAvgPool1d = AdaptiveAvgPool<1>;
using AdaptiveAvgPool2d = AdaptiveAvgPool<2>;
using AdaptiveAvgPool3d = AdaptiveAvgPool<3>;

extern template class AvgPoolImpl<1>;
extern template class AvgPoolImpl<2>;
extern template class AvgPoolImpl<3>;
extern template class AdaptiveAvgPoolImpl<1>;
extern template class AdaptiveAvgPoolImpl<2>;
extern template class AdaptiveAvgPoolImpl<3>;

namespace functional {
using ops::adaptive_avg_pool1d;
using ops::adaptive_avg_pool2d;
using ops::adaptive_avg_pool3d;
using ops::avg_pool1d;
using ops::avg_pool2d;
using ops::avg_pool3d;
}  // namespace functional

}  // namespace lamina::nn

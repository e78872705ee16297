// Pooling layers.
//   nn::MaxPool2d pool(2);  Tensor y = pool(x);  // (8, 3, 32, 32) → (8, 3, 16, 16)
#pragma once
#include <optional>
#include <utility>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/pool.h"

namespace lamina::nn {

/// An Extent that remembers how it was given, for repr: MaxPool2d(2) shows kernel_size=2, MaxPool2d({2, 2}) (2, 2).
template <int N>
struct GivenExtent : Extent<N> {
  bool single;
  GivenExtent(int64_t all) : Extent<N>(all), single(true) {}
  GivenExtent(Extent<N> each) : Extent<N>(each), single(false) {}
  template <class... T>
    requires(sizeof...(T) == N && N > 1)
  GivenExtent(T... each) : GivenExtent(Extent<N>(each...)) {}
};

template <int N>
struct FieldType<GivenExtent<N>> {
  static std::string type() { return FieldType<Extent<N>>::type(); }
  static GivenExtent<N> from(const Value& v) {
    if (std::holds_alternative<Shape>(v)) return FieldType<Extent<N>>::from(v);
    return FieldType<int64_t>::from(v);
  }
  static Value to(const GivenExtent<N>& v) { return v.single ? Value(v[0]) : Value(v.shape()); }
};

/// What max pooling takes by name. Defaults and order are PyTorch's.
template <int N>
struct MaxPoolOptions {
  std::optional<GivenExtent<N>> stride;  // the kernel's size when left out
  GivenExtent<N> padding = 0;
  GivenExtent<N> dilation = 1;
  bool return_indices = false;
  bool ceil_mode = false;
};

/// The largest value of every window over N spatial dimensions: the part that MaxPool1d, MaxPool2d and MaxPool3d share.
/// See MaxPool2dImpl.
template <int N>
class MaxPoolImpl : public Module {
 public:
  MaxPoolImpl(GivenExtent<N> kernel_size, MaxPoolOptions<N> options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  /// The values; with return_indices, bindings call forward_with_indices instead.
  Tensor forward(const Tensor& input) override;
  /// The values and their int64 places in the input's planes.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& input);

  GivenExtent<N> kernel_size;
  MaxPoolOptions<N> options;

 private:
  ops::MaxPoolOptions windows() const;
};

using MaxPool1dOptions = MaxPoolOptions<1>;
using MaxPool2dOptions = MaxPoolOptions<2>;
using MaxPool3dOptions = MaxPoolOptions<3>;

/// The largest value of every window over the last dimension. Shape: (N, C, L) → (N, C, L'), or without N.
/// Source: torch.nn.MaxPool1d.
using MaxPool1dImpl = MaxPoolImpl<1>;

/// The largest value of every window over the last two dimensions; padding counts as −∞.
/// Shape: (N, C, H, W) → (N, C, H', W'), or without N,
///   H' = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1; with ceil_mode rounded up, as long as the last
///   window starts inside the input or its left padding.
/// Throws on the call OptionError (padding above half the kernel, a step below 1), ShapeError. Same in train and eval mode.
/// Source: torch.nn.MaxPool2d.
using MaxPool2dImpl = MaxPoolImpl<2>;

/// The largest value of every window over the last three dimensions. Shape: (N, C, D, H, W) → (N, C, D', H', W'), or
/// without N. Source: torch.nn.MaxPool3d.
using MaxPool3dImpl = MaxPoolImpl<3>;

template <int N>
class MaxPool : public ModuleHolder<MaxPoolImpl<N>> {
 public:
  using ModuleHolder<MaxPoolImpl<N>>::ModuleHolder;
  MaxPool(GivenExtent<N> kernel_size, MaxPoolOptions<N> options = {})
      : ModuleHolder<MaxPoolImpl<N>>(std::in_place, kernel_size, options) {}
};
using MaxPool1d = MaxPool<1>;
using MaxPool2d = MaxPool<2>;
using MaxPool3d = MaxPool<3>;

extern template class MaxPoolImpl<1>;
extern template class MaxPoolImpl<2>;
extern template class MaxPoolImpl<3>;

namespace functional {
using ops::max_pool1d;
using ops::max_pool1d_with_indices;
using ops::max_pool2d;
using ops::max_pool2d_with_indices;
using ops::max_pool3d;
using ops::max_pool3d_with_indices;
}  // namespace functional

}  // namespace lamina::nn

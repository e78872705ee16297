// Unpooling layers: the way back from max pooling with return_indices.
//   nn::MaxUnpool2d back(2);  Tensor x = back(y, indices);  // (8, 3, 16, 16) → (8, 3, 32, 32)
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/unpool.h"

namespace lamina::nn {

/// What unpooling takes by name. Defaults and order are PyTorch's.
template <int N>
struct MaxUnpoolOptions {
  std::optional<Extent<N>> stride = {};  // the kernel's size when left out
  Extent<N> padding = 0;
};

/// Puts values into the places that max pooling took them from, zeros elsewhere, over N spatial dimensions.
/// Shape: (N, C, *space) → (N, C, *out), or without N, out = (space − 1)·stride − 2·padding + kernel_size, or the call's
/// output_size. Throws on the call OptionError, ShapeError, DTypeError, IndexError. Source: torch.nn.MaxUnpool2d.
template <int N>
class MaxUnpoolImpl : public Module {
 public:
  explicit MaxUnpoolImpl(Extent<N> kernel_size, MaxUnpoolOptions<N> options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& indices, const std::optional<Shape>& output_size = {});
  Tensor operator()(const Tensor& input, const Tensor& indices, const std::optional<Shape>& output_size = {});

  Extent<N> kernel_size;
  MaxUnpoolOptions<N> options;
};

template <int N>
class MaxUnpool : public ModuleHolder<MaxUnpoolImpl<N>> {
 public:
  using ModuleHolder<MaxUnpoolImpl<N>>::ModuleHolder;
  MaxUnpool(Extent<N> kernel_size, MaxUnpoolOptions<N> options = {})
      : ModuleHolder<MaxUnpoolImpl<N>>(std::in_place, kernel_size, options) {}
};

using MaxUnpool1dOptions = MaxUnpoolOptions<1>;
using MaxUnpool2dOptions = MaxUnpoolOptions<2>;
using MaxUnpool3dOptions = MaxUnpoolOptions<3>;
using MaxUnpool1dImpl = MaxUnpoolImpl<1>;
using MaxUnpool2dImpl = MaxUnpoolImpl<2>;
using MaxUnpool3dImpl = MaxUnpoolImpl<3>;
using MaxUnpool1d = MaxUnpool<1>;
using MaxUnpool2d = MaxUnpool<2>;
using MaxUnpool3d = MaxUnpool<3>;

extern template class MaxUnpoolImpl<1>;
extern template class MaxUnpoolImpl<2>;
extern template class MaxUnpoolImpl<3>;

namespace functional {
using ops::max_unpool1d;
using ops::max_unpool2d;
using ops::max_unpool3d;
}  // namespace functional

}  // namespace lamina::nn

// Power-average pooling layers.
//   nn::LPPool2d pool(2, 3, {.stride = 2});  // the Euclidean norm of every window of 3×3
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/nn/pool.h"
#include "lamina/ops/pool_lp.h"

namespace lamina::nn {

/// What power-average pooling takes by name. Defaults and order are PyTorch's.
template <int N>
struct LPPoolOptions {
  std::optional<GivenExtent<N>> stride = {};  // the kernel's size when left out
  bool ceil_mode = false;
};

/// (Σ x^norm_type)^(1 / norm_type) over every window of N spatial dimensions.
/// Shape: (N, C, *space) → (N, C, *out), or without N; out as that of MaxPool2d without padding and dilation.
/// Throws on the call OptionError, ShapeError, DTypeError. Same in train and eval mode. Source: torch.nn.LPPool2d.
template <int N>
class LPPoolImpl : public Module {
 public:
  LPPoolImpl(Scalar norm_type, GivenExtent<N> kernel_size, LPPoolOptions<N> options = {})
      : norm_type(norm_type), kernel_size(kernel_size), options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  Scalar norm_type;
  GivenExtent<N> kernel_size;
  LPPoolOptions<N> options;
};

template <int N>
class LPPool : public ModuleHolder<LPPoolImpl<N>> {
 public:
  using ModuleHolder<LPPoolImpl<N>>::ModuleHolder;
  LPPool(Scalar norm_type, GivenExtent<N> kernel_size, LPPoolOptions<N> options = {})
      : ModuleHolder<LPPoolImpl<N>>(std::in_place, norm_type, kernel_size, options) {}
};

using LPPool1dOptions = LPPoolOptions<1>;
using LPPool2dOptions = LPPoolOptions<2>;
using LPPool3dOptions = LPPoolOptions<3>;
using LPPool1dImpl = LPPoolImpl<1>;
using LPPool2dImpl = LPPoolImpl<2>;
using LPPool3dImpl = LPPoolImpl<3>;
using LPPool1d = LPPool<1>;
using LPPool2d = LPPool<2>;
using LPPool3d = LPPool<3>;

extern template class LPPoolImpl<1>;
extern template class LPPoolImpl<2>;
extern template class LPPoolImpl<3>;

namespace functional {
using ops::lp_pool1d;
using ops::lp_pool2d;
using ops::lp_pool3d;
}  // namespace functional

}  // namespace lamina::nn

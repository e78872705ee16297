// RMSNorm: y = x / √(avg x² + eps) · weight over the last dimensions.
//   nn::RMSNorm norm(768, {.eps = 1e-6});  Tensor y = norm(x);
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/norm_rms.h"

namespace lamina::nn {

/// What RMSNorm takes by name. Defaults and order are PyTorch's.
struct RMSNormOptions {
  std::optional<Scalar> eps = {};  // none: the distance from 1 to the next number of the type it computes in
  bool elementwise_affine = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// Divides each sample by the root mean square of its last dimensions. Same in train and eval mode.
/// Shape: (*, normalized_shape) → same. Throws ShapeError, DTypeError, OptionError.
/// weight (normalized_shape) starts as ones; undefined without elementwise_affine.
/// Source: Zhang, Sennrich 2019 (arXiv:1910.07467); torch.nn.RMSNorm.
class RMSNormImpl : public Module {
 public:
  explicit RMSNormImpl(Shape normalized_shape, RMSNormOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;

  Shape normalized_shape;
  RMSNormOptions options;
  Tensor weight;
};

class RMSNorm : public ModuleHolder<RMSNormImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit RMSNorm(int64_t normalized_shape, RMSNormOptions options = {}) : RMSNorm(Shape{normalized_shape}, options) {}
  explicit RMSNorm(const Shape& normalized_shape, RMSNormOptions options = {})
      : ModuleHolder(std::in_place, normalized_shape, options) {}
};

namespace functional {
using ops::rms_norm;
}  // namespace functional

}  // namespace lamina::nn

// Linear: y = xWᵀ + b.
//   nn::Linear fc(128, 64);  Tensor y = fc(x);  fc->weight.shape() == (64, 128)
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// What Linear takes by name. Defaults and order are PyTorch's.
struct LinearOptions {
  bool bias = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// Applies an affine map to the last dimension: y = xWᵀ + b.
/// Shape: (*, in_features) → (*, out_features), any leading dimensions, none too. Throws ShapeError, DTypeError.
/// weight (out_features, in_features) and bias (out_features) start uniform in ±1/√in_features. Same in train and eval mode.
/// Source: torch.nn.Linear.
class LinearImpl : public Module {
 public:
  LinearImpl(int64_t in_features, int64_t out_features, LinearOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;

  int64_t in_features, out_features;
  LinearOptions options;
  Tensor weight, bias;  // bias is undefined without the option
};

class Linear : public ModuleHolder<LinearImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Linear(int64_t in_features, int64_t out_features, LinearOptions options = {})
      : ModuleHolder(std::in_place, in_features, out_features, options) {}
};

}  // namespace lamina::nn

// Bilinear: y[o] = x1ᵀ·W[o]·x2 + b[o].
//   nn::Bilinear form(20, 30, 40);  Tensor y = form(a, b);
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/bilinear.h"

namespace lamina::nn {

/// What Bilinear takes by name. Defaults and order are PyTorch's.
struct BilinearOptions {
  bool bias = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// A form that is linear in each of two inputs: y[o] = x1ᵀ·W[o]·x2 + b[o].
/// Shape: (…, in1_features), (…, in2_features) → (…, out_features). Throws ShapeError, DTypeError, OptionError for in1_features < 1.
/// weight (out_features, in1_features, in2_features) and bias (out_features) start uniform in ±1/√in1_features.
/// Source: torch.nn.Bilinear.
class BilinearImpl : public Module {
 public:
  BilinearImpl(int64_t in1_features, int64_t in2_features, int64_t out_features, BilinearOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  using Module::forward;
  Tensor forward(const Tensor& input1, const Tensor& input2);
  Tensor operator()(const Tensor& input1, const Tensor& input2) { return forward(input1, input2); }
  void reset_parameters() override;

  int64_t in1_features, in2_features, out_features;
  BilinearOptions options;
  Tensor weight, bias;  // bias is undefined without the option
};

class Bilinear : public ModuleHolder<BilinearImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features, BilinearOptions options = {})
      : ModuleHolder(std::in_place, in1_features, in2_features, out_features, options) {}
};

namespace functional {
using ops::bilinear;
}  // namespace functional

}  // namespace lamina::nn

// Dropout: random zeros while training, the identity in eval mode.
//   nn::Dropout drop({.p = 0.2});  Tensor y = drop(x);  drop->eval();  drop(x) is x itself
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// What Dropout takes by name. Defaults and order are PyTorch's.
struct DropoutOptions {
  Scalar p = 0.5;        // probability of an element to become zero
  bool inplace = false;  // overwrite the input
};

/// In training, zeroes each element with probability p and scales the others by 1/(1 − p). Any shape.
/// Throws OptionError for p outside [0, 1]. The mask is not PyTorch's: see ops/dropout.h.
/// Source: Srivastava et al. 2014 (jmlr.org/papers/v15/srivastava14a.html); torch.nn.Dropout.
class DropoutImpl : public Module {
 public:
  explicit DropoutImpl(DropoutOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  DropoutOptions options;
};

class Dropout : public ModuleHolder<DropoutImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit Dropout(DropoutOptions options = {}) : ModuleHolder(std::in_place, options) {}
  explicit Dropout(double p) : Dropout(DropoutOptions{.p = p}) {}
};

}  // namespace lamina::nn

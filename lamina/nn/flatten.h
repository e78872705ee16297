// Flatten and Identity: layers that compute nothing.
//   nn::Sequential net{nn::Flatten(), nn::Linear(784, 10)};
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// What Flatten takes by name. Defaults and order are PyTorch's.
struct FlattenOptions {
  int64_t start_dim = 1;
  int64_t end_dim = -1;
};

/// Dimensions start_dim to end_dim, both included, as one: a view where possible. Throws IndexError, ShapeError.
/// Shape: (N, *) → (N, product of *) by default. Source: torch.nn.Flatten.
class FlattenImpl : public Module {
 public:
  explicit FlattenImpl(FlattenOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  FlattenOptions options;
};

class Flatten : public ModuleHolder<FlattenImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit Flatten(FlattenOptions options = {}) : ModuleHolder(std::in_place, options) {}
};

/// Returns its input. Source: torch.nn.Identity.
class IdentityImpl : public Module {
 public:
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override { return input; }
};

class Identity : public ModuleHolder<IdentityImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Identity() : ModuleHolder(std::in_place) {}
};

}  // namespace lamina::nn

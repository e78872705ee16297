// LocalResponseNorm and CrossMapLRN2d: each channel divided by the squares of its neighbours.
//   nn::LocalResponseNorm norm(5, {.k = 2});  Tensor y = norm(images);
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/norm_response.h"

namespace lamina::nn {

/// What both take by name. Defaults and order are PyTorch's.
struct LocalResponseNormOptions { Scalar alpha = 1e-4, beta = 0.75, k = 1.0; };

/// y[c] = x[c] / (k + alpha·avg x[j]²)^beta, j over `size` channels around c. Shape: (N, C, …) → same, three dimensions or more.
/// Throws ShapeError, OptionError. Source: Krizhevsky et al. 2012; torch.nn.LocalResponseNorm.
class LocalResponseNormImpl : public Module {
 public:
  explicit LocalResponseNormImpl(int64_t size, LocalResponseNormOptions options = {}) : size(size), options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;
  int64_t size;
  LocalResponseNormOptions options;
};
class LocalResponseNorm : public ModuleHolder<LocalResponseNormImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit LocalResponseNorm(int64_t size, LocalResponseNormOptions options = {})
      : ModuleHolder(std::in_place, size, options) {}
};

struct CrossMapLRN2dOptions { Scalar alpha = 1e-4, beta = 0.75, k = 1; };

/// The older form for images: see ops/norm_response.h. Shape: (N, C, H, W) → same. Throws ShapeError, DTypeError, OptionError.
/// Source: torch.nn.CrossMapLRN2d.
class CrossMapLRN2dImpl : public Module {
 public:
  explicit CrossMapLRN2dImpl(int64_t size, CrossMapLRN2dOptions options = {}) : size(size), options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;
  int64_t size;
  CrossMapLRN2dOptions options;
};
class CrossMapLRN2d : public ModuleHolder<CrossMapLRN2dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit CrossMapLRN2d(int64_t size, CrossMapLRN2dOptions options = {})
      : ModuleHolder(std::in_place, size, options) {}
};

namespace functional {
using ops::local_response_norm;
}  // namespace functional

}  // namespace lamina::nn

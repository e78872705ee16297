// Dropout and its kinds for whole channels and for selu: random zeros while training, the identity in eval mode.
//   nn::Dropout drop({.p = 0.2});  Tensor y = drop(x);  drop->eval();  drop(x) is x itself
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/dropout.h"

namespace lamina::nn {

/// What every kind of dropout takes by name. Defaults and order are PyTorch's.
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

/// What the other kinds share; they differ in the function of ops/dropout.h that they call.
template <class L, Tensor (*f)(const Tensor&, double, bool, bool)>
class DropoutKind : public DropoutImpl {
 public:
  using DropoutImpl::DropoutImpl;
  const Declaration* declaration() const override { return &L::declared(); }
  Tensor forward(const Tensor& input) override { return f(input, options.p.to_double(), training, options.inplace); }
};
template <class L>
class DropoutHolder : public ModuleHolder<L> {
 public:
  using ModuleHolder<L>::ModuleHolder;
  explicit DropoutHolder(DropoutOptions options = {}) : ModuleHolder<L>(std::in_place, options) {}
  explicit DropoutHolder(double p) : DropoutHolder(DropoutOptions{.p = p}) {}
};

/// Zeroes whole channels of (N, C, L) or (C, L). Source: arXiv:1411.4280; torch.nn.Dropout1d.
class Dropout1dImpl : public DropoutKind<Dropout1dImpl, ops::dropout1d> {
 public:
  using DropoutKind::DropoutKind;
  static const Declaration& declared();
};
using Dropout1d = DropoutHolder<Dropout1dImpl>;

/// Zeroes whole channels of (N, C, H, W) or (N, C, L). Source: arXiv:1411.4280; torch.nn.Dropout2d.
class Dropout2dImpl : public DropoutKind<Dropout2dImpl, ops::dropout2d> {
 public:
  using DropoutKind::DropoutKind;
  static const Declaration& declared();
};
using Dropout2d = DropoutHolder<Dropout2dImpl>;

/// Zeroes whole channels of (N, C, D, H, W) or (C, D, H, W). Source: arXiv:1411.4280; torch.nn.Dropout3d.
class Dropout3dImpl : public DropoutKind<Dropout3dImpl, ops::dropout3d> {
 public:
  using DropoutKind::DropoutKind;
  static const Declaration& declared();
};
using Dropout3d = DropoutHolder<Dropout3dImpl>;

/// Sets elements to the limit of selu and keeps mean 0 and variance 1. Any shape. Source: arXiv:1706.02515; torch.nn.AlphaDropout.
class AlphaDropoutImpl : public DropoutKind<AlphaDropoutImpl, ops::alpha_dropout> {
 public:
  using DropoutKind::DropoutKind;
  static const Declaration& declared();
};
using AlphaDropout = DropoutHolder<AlphaDropoutImpl>;

/// The same for whole channels of (N, C, …). Source: torch.nn.FeatureAlphaDropout.
class FeatureAlphaDropoutImpl : public DropoutKind<FeatureAlphaDropoutImpl, ops::feature_alpha_dropout> {
 public:
  using DropoutKind::DropoutKind;
  static const Declaration& declared();
};
using FeatureAlphaDropout = DropoutHolder<FeatureAlphaDropoutImpl>;

namespace functional {
using ops::alpha_dropout;
using ops::dropout;
using ops::dropout1d;
using ops::dropout2d;
using ops::dropout3d;
using ops::feature_alpha_dropout;
}  // namespace functional

}  // namespace lamina::nn

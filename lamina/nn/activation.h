// Activations as layers: ReLU, GELU, SiLU, Sigmoid, Tanh, the softmax family and GLU (more in activation_piecewise.h and
// activation_smooth.h). Any shape in, the same shape out unless said otherwise; none of these has parameters.
//   nn::Sequential net{nn::Linear(784, 64), nn::ReLU(), nn::Linear(64, 10)};
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/unary.h"

namespace lamina::nn {

/// What activations have in common: options O, and no parameters. L is the class that derives from this one.
template <class L, class O = NoOptions>
class Activation : public Module {
 public:
  using Options = O;
  explicit Activation(O options = {}) : options(std::move(options)) {}
  const Declaration* declaration() const override { return &L::declared(); }
  O options;
};
/// The handle of a layer that takes everything by name: LeakyReLU({.negative_slope = 0.2}).
template <class L>
class ActivationHolder : public ModuleHolder<L> {
 public:
  using ModuleHolder<L>::ModuleHolder;
  explicit ActivationHolder(typename L::Options options = {}) : ModuleHolder<L>(std::in_place, std::move(options)) {}
};
/// The declaration of such a layer.
template <class L, class O = typename L::Options>
Declaration declare_activation(const char* name, const char* formula, const char* source,
                               std::vector<Option<L, O>> options = {}, const char* notes = "",
                               const char* shape = "(*) → same, any shape") {
  return Declare<L, O>{.name = name,
                       .formula = formula,
                       .shape = shape,
                       .source = source,
                       .notes = notes,
                       .required = {},
                       .options = std::move(options),
                       .construct = [](const Arguments&, const O& o) { return new L(o); }};
}
/// The option of the in-place form.
template <class L, class O = typename L::Options>
Option<L, O> inplace_option(Show show = Show::IfNotDefault) {
  return {"inplace", &O::inplace, "overwrite the input", show};
}

struct ReLUOptions { bool inplace = false; };  // overwrite the input

/// max(x, 0). Source: torch.nn.ReLU.
class ReLUImpl : public Activation<ReLUImpl, ReLUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using ReLU = ActivationHolder<ReLUImpl>;

struct GELUOptions {
  std::string approximate = "none";  // or "tanh"
};

/// x·Φ(x), Φ the normal distribution function, or its approximation by tanh. Source: arXiv:1606.08415; torch.nn.GELU.
class GELUImpl : public Activation<GELUImpl, GELUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;
};
using GELU = ActivationHolder<GELUImpl>;

struct SiLUOptions { bool inplace = false; };

/// x·sigmoid(x). Source: torch.nn.SiLU.
class SiLUImpl : public Activation<SiLUImpl, SiLUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using SiLU = ActivationHolder<SiLUImpl>;

/// 1 / (1 + exp(−x)). Source: torch.nn.Sigmoid.
class SigmoidImpl : public Activation<SigmoidImpl> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Sigmoid = ActivationHolder<SigmoidImpl>;

/// The hyperbolic tangent. Source: torch.nn.Tanh.
class TanhImpl : public Activation<TanhImpl> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Tanh = ActivationHolder<TanhImpl>;

// ---- along a dimension ---------------------------------------------------------------------------------------------

struct SoftmaxOptions {
  std::optional<int64_t> dim = {};  // without it, PyTorch's old choice: 0 for a rank of 0, 1 or 3, else 1
};
/// The handle of a layer whose only option is the dimension: Softmax(1).
template <class L>
class DimHolder : public ModuleHolder<L> {
 public:
  using ModuleHolder<L>::ModuleHolder;
  explicit DimHolder(std::optional<int64_t> dim = {}) : ModuleHolder<L>(std::in_place, SoftmaxOptions{dim}) {}
};

/// exp(x) / Σ exp(x) over dimension dim. Throws IndexError. Source: torch.nn.Softmax.
class SoftmaxImpl : public Activation<SoftmaxImpl, SoftmaxOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Softmax = DimHolder<SoftmaxImpl>;

/// The logarithm of Softmax, exact where Softmax rounds to 0. Source: torch.nn.LogSoftmax.
class LogSoftmaxImpl : public Activation<LogSoftmaxImpl, SoftmaxOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using LogSoftmax = DimHolder<LogSoftmaxImpl>;

/// Softmax of −x. Throws IndexError. Source: torch.nn.Softmin.
class SoftminImpl : public Activation<SoftminImpl, SoftmaxOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Softmin = DimHolder<SoftminImpl>;

/// Softmax over the channels of images, (N, C, H, W) or (C, H, W) → same. Throws ShapeError. Source: torch.nn.Softmax2d.
class Softmax2dImpl : public Activation<Softmax2dImpl> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Softmax2d = ActivationHolder<Softmax2dImpl>;

struct GLUOptions { int64_t dim = -1; };  // the dimension that is halved

/// a·sigmoid(b), a and b the halves of the input along dim: (…, 2·N, …) → (…, N, …). Throws ShapeError, IndexError.
/// Source: arXiv:1612.08083; torch.nn.GLU.
class GLUImpl : public Activation<GLUImpl, GLUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using GLU = ActivationHolder<GLUImpl>;

namespace functional {
using ops::gelu;
using ops::glu;
using ops::gumbel_softmax;
using ops::log_softmax;
using ops::relu;
using ops::relu_;
using ops::sigmoid;
using ops::sigmoid_;
using ops::silu;
using ops::silu_;
using ops::softmax;
using ops::softmin;
using ops::tanh;
using ops::tanh_;
}  // namespace functional

}  // namespace lamina::nn

// Losses as layers that are the negative logarithm of a likelihood: KLDivLoss, PoissonNLLLoss, GaussianNLLLoss. Formulas,
// shapes and errors stand in ops/loss_likelihood.h.
#pragma once
#include "lamina/nn/loss.h"
#include "lamina/ops/loss_likelihood.h"

namespace lamina::nn {

/// What KLDivLoss takes by name. Defaults and order are PyTorch's.
struct KLDivLossOptions {
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";  // or "batchmean", "sum", "none"
  bool log_target = false;
};

/// What PoissonNLLLoss takes by name. Defaults and order are PyTorch's.
struct PoissonNLLLossOptions {
  bool log_input = true, full = false;
  std::optional<bool> size_average = {};
  Scalar eps = 1e-8;
  std::optional<bool> reduce = {};
  std::string reduction = "mean";
};

/// What GaussianNLLLoss takes by name. Defaults and order are PyTorch's.
struct GaussianNLLLossOptions {
  bool full = false;
  Scalar eps = 1e-6;
  std::string reduction = "mean";
};

/// t·(log t − x), x the logarithm of a probability. Source: torch.nn.KLDivLoss.
class KLDivLossImpl : public LossModule {
 public:
  explicit KLDivLossImpl(KLDivLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  KLDivLossOptions options;
};
class KLDivLoss : public ModuleHolder<KLDivLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit KLDivLoss(KLDivLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// exp(x) − t·x, x the logarithm of a Poisson distribution's mean. Source: torch.nn.PoissonNLLLoss.
class PoissonNLLLossImpl : public LossModule {
 public:
  explicit PoissonNLLLossImpl(PoissonNLLLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& log_input, const Tensor& target) override;
  PoissonNLLLossOptions options;
};
class PoissonNLLLoss : public ModuleHolder<PoissonNLLLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit PoissonNLLLoss(PoissonNLLLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// ½·(log v + (x − t)²/v), v the variance. Source: torch.nn.GaussianNLLLoss.
class GaussianNLLLossImpl : public TripleLossModule {
 public:
  explicit GaussianNLLLossImpl(GaussianNLLLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  using TripleLossModule::operator();
  Tensor forward(const Tensor& input, const Tensor& target, const Tensor& var) override;
  Tensor forward(const Tensor& input, const Tensor& target, double var);
  GaussianNLLLossOptions options;
};
class GaussianNLLLoss : public ModuleHolder<GaussianNLLLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit GaussianNLLLoss(GaussianNLLLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

namespace functional {
using ops::gaussian_nll_loss;
using ops::kl_div;
using ops::poisson_nll_loss;
}  // namespace functional

}  // namespace lamina::nn

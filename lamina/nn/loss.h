// Losses as layers: those between scores and classes, and those that compare element by element. Formulas, shapes and errors
// stand in ops/loss.h.
//   nn::CrossEntropyLoss loss_of({.label_smoothing = 0.1});  loss_of(net(images), labels).backward();
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/loss.h"

namespace lamina::nn {

/// A module that compares an input with a target.
class LossModule : public Module {
 public:
  using Module::forward;
  virtual Tensor forward(const Tensor& input, const Tensor& target) = 0;
  /// forward; an Error that escapes learns this module's name.
  Tensor operator()(const Tensor& input, const Tensor& target);
};

/// A module that compares three tensors.
class TripleLossModule : public Module {
 public:
  using Module::forward;
  virtual Tensor forward(const Tensor& first, const Tensor& second, const Tensor& third) = 0;
  /// forward; an Error that escapes learns this module's name.
  Tensor operator()(const Tensor& first, const Tensor& second, const Tensor& third);
};

/// What MSELoss and L1Loss take by name. Defaults and order are PyTorch's.
struct LossOptions {
  std::optional<bool> size_average = {},
                      reduce = {};  // PyTorch's older options: given, they decide instead of reduction
  std::string reduction = "mean";   // or "sum", "none"
};

/// What CrossEntropyLoss takes by name. Defaults and order are PyTorch's.
struct CrossEntropyLossOptions {
  Tensor weight = {};  // (C), of each class
  std::optional<bool> size_average = {};
  int64_t ignore_index = -100;
  std::optional<bool> reduce = {};
  std::string reduction = "mean";
  double label_smoothing = 0.0;
};

/// What NLLLoss takes by name. Defaults and order are PyTorch's.
struct NLLLossOptions {
  Tensor weight = {};
  std::optional<bool> size_average = {};
  int64_t ignore_index = -100;
  std::optional<bool> reduce = {};
  std::string reduction = "mean";
};

/// What BCEWithLogitsLoss takes by name. Defaults and order are PyTorch's.
struct BCEWithLogitsLossOptions {
  Tensor weight = {};
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
  Tensor pos_weight = {};
};

/// −Σ_c t_c·log softmax(x)_c between logits and class indices or probabilities. Source: torch.nn.CrossEntropyLoss.
class CrossEntropyLossImpl : public LossModule {
 public:
  explicit CrossEntropyLossImpl(CrossEntropyLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  CrossEntropyLossOptions options;
  Tensor weight;  // buffer
};
class CrossEntropyLoss : public ModuleHolder<CrossEntropyLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit CrossEntropyLoss(CrossEntropyLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// −weight[t]·x[t] between logarithms of probabilities and class indices. Source: torch.nn.NLLLoss.
class NLLLossImpl : public LossModule {
 public:
  explicit NLLLossImpl(NLLLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  NLLLossOptions options;
  Tensor weight;  // buffer
};
class NLLLoss : public ModuleHolder<NLLLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit NLLLoss(NLLLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// NLLLoss under its older name for images. Source: torch.nn.NLLLoss2d.
class NLLLoss2dImpl : public NLLLossImpl {
 public:
  using NLLLossImpl::NLLLossImpl;
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};
class NLLLoss2d : public ModuleHolder<NLLLoss2dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit NLLLoss2d(NLLLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// (x − t)². Source: torch.nn.MSELoss.
class MSELossImpl : public LossModule {
 public:
  explicit MSELossImpl(LossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  LossOptions options;
};
class MSELoss : public ModuleHolder<MSELossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit MSELoss(LossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// |x − t|. Source: torch.nn.L1Loss.
class L1LossImpl : public LossModule {
 public:
  explicit L1LossImpl(LossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  LossOptions options;
};
class L1Loss : public ModuleHolder<L1LossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit L1Loss(LossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// What SmoothL1Loss takes by name. Defaults and order are PyTorch's.
struct SmoothL1LossOptions {
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
  Scalar beta = 1.0;
};

/// What HuberLoss takes by name. Defaults and order are PyTorch's.
struct HuberLossOptions {
  std::string reduction = "mean";
  Scalar delta = 1.0;
};

/// What BCELoss takes by name. Defaults and order are PyTorch's.
struct BCELossOptions {
  Tensor weight = {};
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
};

/// ½·(x − t)²/beta where |x − t| < beta, else |x − t| − ½·beta. Source: torch.nn.SmoothL1Loss.
class SmoothL1LossImpl : public LossModule {
 public:
  explicit SmoothL1LossImpl(SmoothL1LossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  SmoothL1LossOptions options;
};
class SmoothL1Loss : public ModuleHolder<SmoothL1LossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit SmoothL1Loss(SmoothL1LossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// ½·(x − t)² where |x − t| ≤ delta, else delta·(|x − t| − ½·delta). Source: torch.nn.HuberLoss.
class HuberLossImpl : public LossModule {
 public:
  explicit HuberLossImpl(HuberLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  HuberLossOptions options;
};
class HuberLoss : public ModuleHolder<HuberLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit HuberLoss(HuberLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// −weight·(t·log x + (1 − t)·log(1 − x)) between probabilities. Source: torch.nn.BCELoss.
class BCELossImpl : public LossModule {
 public:
  explicit BCELossImpl(BCELossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  BCELossOptions options;
  Tensor weight;  // buffer
};
class BCELoss : public ModuleHolder<BCELossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit BCELoss(BCELossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// Sigmoid and binary cross entropy in one, stable for large logits. Source: torch.nn.BCEWithLogitsLoss.
class BCEWithLogitsLossImpl : public LossModule {
 public:
  explicit BCEWithLogitsLossImpl(BCEWithLogitsLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  BCEWithLogitsLossOptions options;
  Tensor weight, pos_weight;  // buffers
};
class BCEWithLogitsLoss : public ModuleHolder<BCEWithLogitsLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit BCEWithLogitsLoss(BCEWithLogitsLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

namespace functional {
using ops::binary_cross_entropy;
using ops::binary_cross_entropy_with_logits;
using ops::cross_entropy;
using ops::huber_loss;
using ops::l1_loss;
using ops::mse_loss;
using ops::nll_loss;
using ops::smooth_l1_loss;
}  // namespace functional

}  // namespace lamina::nn

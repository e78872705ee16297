// Losses as layers: CrossEntropyLoss, NLLLoss, MSELoss, L1Loss, BCEWithLogitsLoss. Formulas, shapes and errors stand in
// ops/loss.h.
//   nn::CrossEntropyLoss loss_of({.label_smoothing = 0.1});  loss_of(net(images), labels).backward();
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// A module that compares an input with a target.
class LossModule : public Module {
 public:
  using Module::forward;
  virtual Tensor forward(const Tensor& input, const Tensor& target) = 0;
  /// forward; an Error that escapes learns this module's name.
  Tensor operator()(const Tensor& input, const Tensor& target);
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

}  // namespace lamina::nn

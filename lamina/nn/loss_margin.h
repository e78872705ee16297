// Losses with a margin as layers. Formulas, shapes and errors stand in ops/loss_margin.h.
//   nn::TripletMarginLoss loss_of({.margin = 0.2, .swap = true});  loss_of(anchor, positive, negative).backward();
#pragma once
#include "lamina/nn/loss.h"
#include "lamina/ops/loss_margin.h"

namespace lamina::nn {

/// What HingeEmbeddingLoss takes by name. Defaults and order are PyTorch's.
struct HingeEmbeddingLossOptions {
  Scalar margin = 1.0;
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
};

/// What MarginRankingLoss takes by name. Defaults and order are PyTorch's.
struct MarginRankingLossOptions {
  Scalar margin = 0.0;
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
};

/// What CosineEmbeddingLoss takes by name. Defaults and order are PyTorch's.
struct CosineEmbeddingLossOptions {
  Scalar margin = 0.0;
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
};

/// What MultiMarginLoss takes by name. Defaults and order are PyTorch's.
struct MultiMarginLossOptions {
  Scalar p = 1, margin = 1.0;
  Tensor weight = {};
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
};

/// What TripletMarginLoss takes by name. Defaults and order are PyTorch's.
struct TripletMarginLossOptions {
  Scalar margin = 1.0, p = 2.0, eps = 1e-6;
  bool swap = false;
  std::optional<bool> size_average = {}, reduce = {};
  std::string reduction = "mean";
};

/// log(1 + exp(−t·x)), targets 1 and −1. Source: torch.nn.SoftMarginLoss.
class SoftMarginLossImpl : public LossModule {
 public:
  explicit SoftMarginLossImpl(LossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  LossOptions options;
};
class SoftMarginLoss : public ModuleHolder<SoftMarginLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit SoftMarginLoss(LossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// x where t = 1, max(0, margin − x) where t = −1. Source: torch.nn.HingeEmbeddingLoss.
class HingeEmbeddingLossImpl : public LossModule {
 public:
  explicit HingeEmbeddingLossImpl(HingeEmbeddingLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  HingeEmbeddingLossOptions options;
};
class HingeEmbeddingLoss : public ModuleHolder<HingeEmbeddingLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit HingeEmbeddingLoss(HingeEmbeddingLossOptions options = {})
      : ModuleHolder(std::in_place, std::move(options)) {}
};

/// max(0, −t·(x1 − x2) + margin). Source: torch.nn.MarginRankingLoss.
class MarginRankingLossImpl : public TripleLossModule {
 public:
  explicit MarginRankingLossImpl(MarginRankingLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target) override;
  MarginRankingLossOptions options;
};
class MarginRankingLoss : public ModuleHolder<MarginRankingLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit MarginRankingLoss(MarginRankingLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// 1 − cos(x1, x2) where t = 1, max(0, cos(x1, x2) − margin) where t = −1. Source: torch.nn.CosineEmbeddingLoss.
class CosineEmbeddingLossImpl : public TripleLossModule {
 public:
  explicit CosineEmbeddingLossImpl(CosineEmbeddingLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target) override;
  CosineEmbeddingLossOptions options;
};
class CosineEmbeddingLoss : public ModuleHolder<CosineEmbeddingLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit CosineEmbeddingLoss(CosineEmbeddingLossOptions options = {})
      : ModuleHolder(std::in_place, std::move(options)) {}
};

/// Σ_{i ≠ t} max(0, margin − x_t + x_i)^p·weight_t / C. Source: torch.nn.MultiMarginLoss.
class MultiMarginLossImpl : public LossModule {
 public:
  explicit MultiMarginLossImpl(MultiMarginLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  MultiMarginLossOptions options;
  Tensor weight;  // buffer
};
class MultiMarginLoss : public ModuleHolder<MultiMarginLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit MultiMarginLoss(MultiMarginLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// Σ over the target's classes j and all others i of max(0, 1 − (x_j − x_i)) / C. Source: torch.nn.MultiLabelMarginLoss.
class MultiLabelMarginLossImpl : public LossModule {
 public:
  explicit MultiLabelMarginLossImpl(LossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  LossOptions options;
};
class MultiLabelMarginLoss : public ModuleHolder<MultiLabelMarginLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit MultiLabelMarginLoss(LossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// Binary cross entropy with logits, averaged over the classes. Source: torch.nn.MultiLabelSoftMarginLoss.
class MultiLabelSoftMarginLossImpl : public LossModule {
 public:
  explicit MultiLabelSoftMarginLossImpl(BCELossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input, const Tensor& target) override;
  BCELossOptions options;
  Tensor weight;  // buffer
};
class MultiLabelSoftMarginLoss : public ModuleHolder<MultiLabelSoftMarginLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit MultiLabelSoftMarginLoss(BCELossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

/// max(0, |a − p| − |a − n| + margin). Source: Balntas et al. 2016; torch.nn.TripletMarginLoss.
class TripletMarginLossImpl : public TripleLossModule {
 public:
  explicit TripletMarginLossImpl(TripletMarginLossOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) override;
  TripletMarginLossOptions options;
};
class TripletMarginLoss : public ModuleHolder<TripletMarginLossImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit TripletMarginLoss(TripletMarginLossOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

namespace functional {
using ops::cosine_embedding_loss;
using ops::hinge_embedding_loss;
using ops::margin_ranking_loss;
using ops::multi_margin_loss;
using ops::multilabel_margin_loss;
using ops::multilabel_soft_margin_loss;
using ops::soft_margin_loss;
using ops::triplet_margin_loss;
using ops::triplet_margin_with_distance_loss;
}  // namespace functional

}  // namespace lamina::nn

// CosineSimilarity and PairwiseDistance of two tensors.
//   nn::CosineSimilarity similarity({.dim = 1});  Tensor y = similarity(a, b);
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/distance.h"

namespace lamina::nn {

/// What CosineSimilarity takes by name. Defaults are PyTorch's.
struct CosineSimilarityOptions {
  int64_t dim = 1;
  Scalar eps = 1e-8;
};

/// Σ x1·x2 / (max(‖x1‖, eps)·max(‖x2‖, eps)) along dim. Shape: two that broadcast → the same without dim.
/// Throws ShapeError, IndexError, OptionError. Source: torch.nn.CosineSimilarity.
class CosineSimilarityImpl : public Module {
 public:
  explicit CosineSimilarityImpl(CosineSimilarityOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  using Module::forward;
  Tensor forward(const Tensor& x1, const Tensor& x2);
  Tensor operator()(const Tensor& x1, const Tensor& x2) { return forward(x1, x2); }
  CosineSimilarityOptions options;
};
class CosineSimilarity : public ModuleHolder<CosineSimilarityImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit CosineSimilarity(CosineSimilarityOptions options = {}) : ModuleHolder(std::in_place, options) {}
};

/// What PairwiseDistance takes by name. Defaults are PyTorch's.
struct PairwiseDistanceOptions {
  Scalar p = 2.0;
  Scalar eps = 1e-6;
  bool keepdim = false;
};

/// ‖x1 − x2 + eps‖ of order p over the last dimension. Shape: two (…, D) that broadcast → (…), or (…, 1) with keepdim.
/// Throws ShapeError, OptionError. Source: torch.nn.PairwiseDistance.
class PairwiseDistanceImpl : public Module {
 public:
  explicit PairwiseDistanceImpl(PairwiseDistanceOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  using Module::forward;
  Tensor forward(const Tensor& x1, const Tensor& x2);
  Tensor operator()(const Tensor& x1, const Tensor& x2) { return forward(x1, x2); }
  PairwiseDistanceOptions options;
};
class PairwiseDistance : public ModuleHolder<PairwiseDistanceImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit PairwiseDistance(PairwiseDistanceOptions options = {}) : ModuleHolder(std::in_place, options) {}
};

namespace functional {
using ops::cdist;
using ops::cosine_similarity;
using ops::normalize;
using ops::pairwise_distance;
using ops::pdist;
}  // namespace functional

}  // namespace lamina::nn

// LayerNorm, BatchNorm1d, BatchNorm2d: y = (x − E[x]) / √(Var[x] + eps) · weight + bias, over different groups of values.
//   nn::BatchNorm2d bn(32);  Tensor y = bn(images);  bn->eval();  bn->running_mean.shape() == (32,)
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// What LayerNorm takes by name. Defaults and order are PyTorch's.
struct LayerNormOptions {
  Scalar eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// Normalises each sample over its last dimensions; the variance is biased. Same in train and eval mode.
/// Shape: (*, normalized_shape) → same. Throws ShapeError, DTypeError.
/// weight and bias (normalized_shape) start as ones and zeros; undefined without elementwise_affine, or without bias.
/// Source: Ba, Kiros, Hinton 2016 (arXiv:1607.06450); torch.nn.LayerNorm.
class LayerNormImpl : public Module {
 public:
  explicit LayerNormImpl(Shape normalized_shape, LayerNormOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;

  Shape normalized_shape;
  LayerNormOptions options;
  Tensor weight, bias;
};

class LayerNorm : public ModuleHolder<LayerNormImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit LayerNorm(int64_t normalized_shape, LayerNormOptions options = {})
      : LayerNorm(Shape{normalized_shape}, options) {}
  explicit LayerNorm(const Shape& normalized_shape, LayerNormOptions options = {})
      : ModuleHolder(std::in_place, normalized_shape, options) {}
};

/// What BatchNorm1d and BatchNorm2d take by name. Defaults and order are PyTorch's.
struct BatchNormOptions {
  Scalar eps = 1e-5;
  std::optional<Scalar> momentum = 0.1;  // none: the running moments are the average of all batches
  bool affine = true;
  bool track_running_stats = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
  bool bias = true;
};

/// What the two have in common; they differ in the ranks they take.
class BatchNormImpl : public Module {
 public:
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;
  /// Running mean 0, running variance 1, no batches seen.
  void reset_running_stats();

  int64_t num_features;
  BatchNormOptions options;
  Tensor weight, bias;                                    // (num_features), ones and zeros
  Tensor running_mean, running_var, num_batches_tracked;  // buffers (num_features), (num_features), int64 ()

 protected:
  BatchNormImpl(int64_t num_features, BatchNormOptions options, int min_rank, int max_rank);

 private:
  double next_momentum();
  int min_rank_, max_rank_;
};

/// Normalises each channel over the batch, and over the length of 3-D input. In training by the moments of the batch (biased
/// variance), while the running ones move towards them (unbiased variance); in eval mode by the running ones.
/// Shape: (N, C) or (N, C, L) → same, C = num_features. Throws ShapeError, DTypeError, OptionError.
/// Source: Ioffe, Szegedy 2015 (arXiv:1502.03167); torch.nn.BatchNorm1d.
class BatchNorm1dImpl : public BatchNormImpl {
 public:
  explicit BatchNorm1dImpl(int64_t num_features, BatchNormOptions options = {})
      : BatchNormImpl(num_features, options, 2, 3) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

class BatchNorm1d : public ModuleHolder<BatchNorm1dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit BatchNorm1d(int64_t num_features, BatchNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
};

/// The same over the batch and both dimensions of space.
/// Shape: (N, C, H, W) → same, C = num_features. Throws ShapeError, DTypeError, OptionError.
/// Source: Ioffe, Szegedy 2015 (arXiv:1502.03167); torch.nn.BatchNorm2d.
class BatchNorm2dImpl : public BatchNormImpl {
 public:
  explicit BatchNorm2dImpl(int64_t num_features, BatchNormOptions options = {})
      : BatchNormImpl(num_features, options, 4, 4) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

class BatchNorm2d : public ModuleHolder<BatchNorm2dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit BatchNorm2d(int64_t num_features, BatchNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
};

}  // namespace lamina::nn

// LayerNorm, BatchNorm1d to 3d, SyncBatchNorm: y = (x − E[x]) / √(Var[x] + eps) · weight + bias, over different groups of values.
//   nn::BatchNorm2d bn(32);  Tensor y = bn(images);  bn->eval();  bn->running_mean.shape() == (32,)
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/norm.h"

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

/// What batch norms take by name. Defaults and order are PyTorch's.
struct BatchNormOptions {
  Scalar eps = 1e-5;
  std::optional<Scalar> momentum = 0.1;  // none: the running moments are the average of all batches
  bool affine = true;
  bool track_running_stats = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
  bool bias = true;
};

/// What normalisations by channel have in common: weight, bias and running moments. O is BatchNormOptions or InstanceNormOptions.
template <class O>
class ChannelNorm : public Module {
 public:
  std::string extra_repr() const override;
  void reset_parameters() override;
  /// Running mean 0, running variance 1, no batches seen.
  void reset_running_stats();

  int64_t num_features;
  O options;
  Tensor weight, bias;                                    // (num_features), ones and zeros
  Tensor running_mean, running_var, num_batches_tracked;  // buffers (num_features), (num_features), int64 ()

 protected:
  ChannelNorm(int64_t num_features, O options);
};

/// What batch norms have in common; they differ in the ranks they take.
class BatchNormImpl : public ChannelNorm<BatchNormOptions> {
 public:
  Tensor forward(const Tensor& input) override;

 protected:
  BatchNormImpl(int64_t num_features, BatchNormOptions options, int min_rank, int max_rank)
      : ChannelNorm(num_features, options), min_rank_(min_rank), max_rank_(max_rank) {}

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

/// The same over the batch and all three dimensions of space.
/// Shape: (N, C, D, H, W) → same, C = num_features. Throws ShapeError, DTypeError, OptionError.
/// Source: Ioffe, Szegedy 2015 (arXiv:1502.03167); torch.nn.BatchNorm3d.
class BatchNorm3dImpl : public BatchNormImpl {
 public:
  explicit BatchNorm3dImpl(int64_t num_features, BatchNormOptions options = {})
      : BatchNormImpl(num_features, options, 5, 5) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

class BatchNorm3d : public ModuleHolder<BatchNorm3dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit BatchNorm3d(int64_t num_features, BatchNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
};

/// Batch norm of any number of dimensions, which between processes would share its moments; within one it is a batch norm.
/// Shape: (N, C, …) → same, C = num_features. Throws ShapeError, DTypeError, OptionError. Source: torch.nn.SyncBatchNorm.
class SyncBatchNormImpl : public BatchNormImpl {
 public:
  explicit SyncBatchNormImpl(int64_t num_features, BatchNormOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  /// `module` with every batch norm in it, itself too, replaced by one of this class that shares parameters and buffers.
  static ModuleRef convert_sync_batchnorm(const ModuleRef& module);
};

class SyncBatchNorm : public ModuleHolder<SyncBatchNormImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit SyncBatchNorm(int64_t num_features, BatchNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
  static ModuleRef convert_sync_batchnorm(const ModuleRef& module) {
    return SyncBatchNormImpl::convert_sync_batchnorm(module);
  }
};

namespace functional {
using ops::batch_norm;
using ops::layer_norm;
}  // namespace functional

}  // namespace lamina::nn

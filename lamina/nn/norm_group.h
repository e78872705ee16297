// GroupNorm and InstanceNorm1d to 3d: y = (x − E[x]) / √(Var[x] + eps) · weight + bias, over parts of each sample.
//   nn::GroupNorm norm(4, 32);  Tensor y = norm(images);
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/nn/norm.h"
#include "lamina/ops/norm_group.h"

namespace lamina::nn {

/// What GroupNorm takes by name. Defaults and order are PyTorch's.
struct GroupNormOptions {
  Scalar eps = 1e-5;
  bool affine = true;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
  bool bias = true;
};

/// Normalises groups of num_channels / num_groups channels of each sample. Same in train and eval mode.
/// Shape: (N, C, …) → same, C = num_channels. Throws ShapeError, DTypeError, OptionError.
/// weight and bias (num_channels) start as ones and zeros; undefined without affine, or without bias.
/// Source: Wu, He 2018 (arXiv:1803.08494); torch.nn.GroupNorm.
class GroupNormImpl : public Module {
 public:
  GroupNormImpl(int64_t num_groups, int64_t num_channels, GroupNormOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;

  int64_t num_groups, num_channels;
  GroupNormOptions options;
  Tensor weight, bias;
};

class GroupNorm : public ModuleHolder<GroupNormImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  GroupNorm(int64_t num_groups, int64_t num_channels, GroupNormOptions options = {})
      : ModuleHolder(std::in_place, num_groups, num_channels, options) {}
};

/// What instance norms take by name. Defaults and order are PyTorch's.
struct InstanceNormOptions {
  Scalar eps = 1e-5;
  std::optional<Scalar> momentum = 0.1;  // none: the running moments stay
  bool affine = false;
  bool track_running_stats = false;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
  bool bias = true;
};

/// What instance norms have in common: each channel of each sample is normalised over space; the batch may be missing.
class InstanceNormImpl : public ChannelNorm<InstanceNormOptions> {
 public:
  Tensor forward(const Tensor& input) override;

 protected:
  InstanceNormImpl(int64_t num_features, InstanceNormOptions options, int space)
      : ChannelNorm(num_features, options), space_(space) {}

 private:
  int space_;
};

/// Over length: (N, C, L) or (C, L) → same, C = num_features. Throws ShapeError, DTypeError, OptionError.
/// Source: arXiv:1607.08022; torch.nn.InstanceNorm1d.
class InstanceNorm1dImpl : public InstanceNormImpl {
 public:
  static constexpr int kSpace = 1;  // dimensions of space
  explicit InstanceNorm1dImpl(int64_t num_features, InstanceNormOptions options = {})
      : InstanceNormImpl(num_features, options, kSpace) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};
class InstanceNorm1d : public ModuleHolder<InstanceNorm1dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit InstanceNorm1d(int64_t num_features, InstanceNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
};

/// Over height and width: (N, C, H, W) or (C, H, W) → same, C = num_features. Throws ShapeError, DTypeError, OptionError.
/// Source: arXiv:1607.08022; torch.nn.InstanceNorm2d.
class InstanceNorm2dImpl : public InstanceNormImpl {
 public:
  static constexpr int kSpace = 2;  // dimensions of space
  explicit InstanceNorm2dImpl(int64_t num_features, InstanceNormOptions options = {})
      : InstanceNormImpl(num_features, options, kSpace) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};
class InstanceNorm2d : public ModuleHolder<InstanceNorm2dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit InstanceNorm2d(int64_t num_features, InstanceNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
};

/// Over three dimensions of space: (N, C, D, H, W) or (C, D, H, W) → same, C = num_features. Throws ShapeError, DTypeError, OptionError.
/// Source: arXiv:1607.08022; torch.nn.InstanceNorm3d.
class InstanceNorm3dImpl : public InstanceNormImpl {
 public:
  static constexpr int kSpace = 3;  // dimensions of space
  explicit InstanceNorm3dImpl(int64_t num_features, InstanceNormOptions options = {})
      : InstanceNormImpl(num_features, options, kSpace) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};
class InstanceNorm3d : public ModuleHolder<InstanceNorm3dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit InstanceNorm3d(int64_t num_features, InstanceNormOptions options = {})
      : ModuleHolder(std::in_place, num_features, options) {}
};

namespace functional {
using ops::group_norm;
using ops::instance_norm;
}  // namespace functional

}  // namespace lamina::nn

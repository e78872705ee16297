// Activations made of straight pieces, as layers: LeakyReLU, PReLU, RReLU, ReLU6, Hardtanh, Hardsigmoid, Hardswish, Hardshrink,
// Softshrink, Threshold. Any shape in, the same shape out; formulas stand at the declarations and in ops/activation_piecewise.h.
//   nn::LeakyReLU leaky({.negative_slope = 0.2});  Tensor y = leaky(x);
#pragma once
#include "lamina/nn/activation.h"
#include "lamina/ops/activation_piecewise.h"

namespace lamina::nn {

struct LeakyReLUOptions {
  Scalar negative_slope = 0.01;
  bool inplace = false;
};

/// x above 0, negative_slope·x elsewhere. Source: torch.nn.LeakyReLU.
class LeakyReLUImpl : public Activation<LeakyReLUImpl, LeakyReLUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using LeakyReLU = ActivationHolder<LeakyReLUImpl>;

struct HardtanhOptions {
  Scalar min_val = -1.0, max_val = 1.0;
  bool inplace = false;
  std::optional<Scalar> min_value = {}, max_value = {};  // older names of the first two, which they replace
};

/// x cut to [min_val, max_val]. Throws OptionError unless min_val < max_val. Source: torch.nn.Hardtanh.
class HardtanhImpl : public Activation<HardtanhImpl, HardtanhOptions> {
 public:
  explicit HardtanhImpl(HardtanhOptions options = {});
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Hardtanh = ActivationHolder<HardtanhImpl>;

struct ReLU6Options { bool inplace = false; };

/// x cut to [0, 6]. Source: arXiv:1704.04861; torch.nn.ReLU6.
class ReLU6Impl : public HardtanhImpl {
 public:
  using Options = ReLU6Options;
  explicit ReLU6Impl(ReLU6Options options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};
using ReLU6 = ActivationHolder<ReLU6Impl>;

struct HardsigmoidOptions { bool inplace = false; };

/// relu6(x + 3) / 6. Source: arXiv:1905.02244; torch.nn.Hardsigmoid.
class HardsigmoidImpl : public Activation<HardsigmoidImpl, HardsigmoidOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Hardsigmoid = ActivationHolder<HardsigmoidImpl>;

struct HardswishOptions { bool inplace = false; };

/// x·relu6(x + 3) / 6. Source: arXiv:1905.02244; torch.nn.Hardswish.
class HardswishImpl : public Activation<HardswishImpl, HardswishOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Hardswish = ActivationHolder<HardswishImpl>;

struct ShrinkOptions { Scalar lambd = 0.5; };  // λ

/// 0 within [−lambd, lambd], x elsewhere. Source: torch.nn.Hardshrink.
class HardshrinkImpl : public Activation<HardshrinkImpl, ShrinkOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Hardshrink = ActivationHolder<HardshrinkImpl>;

/// x moved by lambd towards 0, which it does not cross. Throws OptionError for a negative lambd.
/// Source: torch.nn.Softshrink.
class SoftshrinkImpl : public Activation<SoftshrinkImpl, ShrinkOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Softshrink = ActivationHolder<SoftshrinkImpl>;

struct ThresholdOptions { bool inplace = false; };

/// x where it is larger than `threshold`, `value` elsewhere. Source: torch.nn.Threshold.
class ThresholdImpl : public Activation<ThresholdImpl, ThresholdOptions> {
 public:
  ThresholdImpl(Scalar threshold, Scalar value, ThresholdOptions options = {})
      : Activation(options), threshold(threshold), value(value) {}
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
  Scalar threshold, value;
};
class Threshold : public ModuleHolder<ThresholdImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Threshold(Scalar threshold, Scalar value, ThresholdOptions options = {})
      : ModuleHolder(std::in_place, threshold, value, options) {}
};

struct RReLUOptions {
  Scalar lower = 1.0 / 8, upper = 1.0 / 3;
  bool inplace = false;
};

/// x above 0, r·x elsewhere: r drawn from [lower, upper) for each element in training, their mean in eval mode.
/// Throws OptionError. Source: arXiv:1505.00853; torch.nn.RReLU.
class RReLUImpl : public Activation<RReLUImpl, RReLUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using RReLU = ActivationHolder<RReLUImpl>;

struct PReLUOptions {
  int64_t num_parameters = 1;  // one slope for all, or one for each channel
  Scalar init = 0.25;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// x above 0, weight·x elsewhere, weight learned. Shape: any; (N, C, …) where num_parameters is C > 1. Throws ShapeError, DTypeError.
/// weight (num_parameters) starts as init. Source: arXiv:1502.01852; torch.nn.PReLU.
class PReLUImpl : public Activation<PReLUImpl, PReLUOptions> {
 public:
  explicit PReLUImpl(PReLUOptions options = {});
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;
  Tensor weight;
};
using PReLU = ActivationHolder<PReLUImpl>;

namespace functional {
using ops::hardshrink;
using ops::hardsigmoid;
using ops::hardsigmoid_;
using ops::hardswish;
using ops::hardswish_;
using ops::hardtanh;
using ops::hardtanh_;
using ops::leaky_relu;
using ops::leaky_relu_;
using ops::prelu;
using ops::relu6;
using ops::relu6_;
using ops::rrelu;
using ops::rrelu_;
using ops::softshrink;
using ops::threshold;
using ops::threshold_;
}  // namespace functional

}  // namespace lamina::nn

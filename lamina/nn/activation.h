// Activations as layers: ReLU, GELU, SiLU, Sigmoid, Tanh, Softmax, LogSoftmax. Any shape in, the same shape out; none of
// them has parameters.
//   nn::Sequential net{nn::Linear(784, 64), nn::ReLU(), nn::Linear(64, 10)};
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

struct ReLUOptions {
  bool inplace = false;  // overwrite the input
};

/// max(x, 0). Source: torch.nn.ReLU.
class ReLUImpl : public Module {
 public:
  explicit ReLUImpl(ReLUOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  ReLUOptions options;
};
class ReLU : public ModuleHolder<ReLUImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit ReLU(ReLUOptions options = {}) : ModuleHolder(std::in_place, options) {}
};

struct GELUOptions {
  std::string approximate = "none";  // or "tanh"
};

/// x·Φ(x), Φ the normal distribution function, or its approximation by tanh. Source: arXiv:1606.08415; torch.nn.GELU.
class GELUImpl : public Module {
 public:
  explicit GELUImpl(GELUOptions options = {}) : options(std::move(options)) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;
  GELUOptions options;
};
class GELU : public ModuleHolder<GELUImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit GELU(GELUOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

struct SiLUOptions { bool inplace = false; };

/// x·sigmoid(x). Source: torch.nn.SiLU.
class SiLUImpl : public Module {
 public:
  explicit SiLUImpl(SiLUOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  SiLUOptions options;
};
class SiLU : public ModuleHolder<SiLUImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit SiLU(SiLUOptions options = {}) : ModuleHolder(std::in_place, options) {}
};

/// 1 / (1 + exp(−x)). Source: torch.nn.Sigmoid.
class SigmoidImpl : public Module {
 public:
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
};
class Sigmoid : public ModuleHolder<SigmoidImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Sigmoid() : ModuleHolder(std::in_place) {}
};

/// The hyperbolic tangent. Source: torch.nn.Tanh.
class TanhImpl : public Module {
 public:
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
};
class Tanh : public ModuleHolder<TanhImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Tanh() : ModuleHolder(std::in_place) {}
};

struct SoftmaxOptions {
  std::optional<int64_t> dim = {};  // without it, PyTorch's old choice: 0 for a rank of 0, 1 or 3, else 1
};

/// exp(x) / Σ exp(x) over dimension dim. Throws IndexError. Source: torch.nn.Softmax.
class SoftmaxImpl : public Module {
 public:
  explicit SoftmaxImpl(SoftmaxOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  SoftmaxOptions options;
};
class Softmax : public ModuleHolder<SoftmaxImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit Softmax(std::optional<int64_t> dim = {}) : ModuleHolder(std::in_place, SoftmaxOptions{dim}) {}
};

/// The logarithm of Softmax, exact where Softmax rounds to 0. Source: torch.nn.LogSoftmax.
class LogSoftmaxImpl : public Module {
 public:
  explicit LogSoftmaxImpl(SoftmaxOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  SoftmaxOptions options;
};
class LogSoftmax : public ModuleHolder<LogSoftmaxImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit LogSoftmax(std::optional<int64_t> dim = {}) : ModuleHolder(std::in_place, SoftmaxOptions{dim}) {}
};

}  // namespace lamina::nn

// Activations made of exponentials, as layers: ELU, SELU, CELU, Softplus, LogSigmoid, Mish, Softsign, Tanhshrink. Any shape in, the
// same shape out; formulas stand at the declarations and in ops/activation_smooth.h.
//   nn::ELU elu({.alpha = 0.5});  Tensor y = elu(x);
#pragma once
#include "lamina/nn/activation.h"
#include "lamina/ops/activation_smooth.h"

namespace lamina::nn {

struct ELUOptions {
  Scalar alpha = 1.0;
  bool inplace = false;
};

/// x above 0, alpha·(eˣ − 1) elsewhere. Source: arXiv:1511.07289; torch.nn.ELU.
class ELUImpl : public Activation<ELUImpl, ELUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using ELU = ActivationHolder<ELUImpl>;

/// x above 0, alpha·(exp(x / alpha) − 1) elsewhere. Throws OptionError for alpha = 0.
/// Source: arXiv:1704.07483; torch.nn.CELU.
class CELUImpl : public Activation<CELUImpl, ELUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using CELU = ActivationHolder<CELUImpl>;

struct SELUOptions { bool inplace = false; };

/// scale·ELU(alpha) with the two numbers that keep mean 0 and variance 1. Source: arXiv:1706.02515; torch.nn.SELU.
class SELUImpl : public Activation<SELUImpl, SELUOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using SELU = ActivationHolder<SELUImpl>;

struct SoftplusOptions {
  Scalar beta = 1.0;
  Scalar threshold = 20.0;  // beta·x above it: x itself
};

/// log(1 + exp(beta·x)) / beta. Source: torch.nn.Softplus.
class SoftplusImpl : public Activation<SoftplusImpl, SoftplusOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Softplus = ActivationHolder<SoftplusImpl>;

/// log(1 / (1 + e⁻ˣ)). Source: torch.nn.LogSigmoid.
class LogSigmoidImpl : public Activation<LogSigmoidImpl> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using LogSigmoid = ActivationHolder<LogSigmoidImpl>;

struct MishOptions { bool inplace = false; };

/// x·tanh(softplus(x)). Source: arXiv:1908.08681; torch.nn.Mish.
class MishImpl : public Activation<MishImpl, MishOptions> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Mish = ActivationHolder<MishImpl>;

/// x / (1 + |x|). Source: torch.nn.Softsign.
class SoftsignImpl : public Activation<SoftsignImpl> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Softsign = ActivationHolder<SoftsignImpl>;

/// x − tanh(x). Source: torch.nn.Tanhshrink.
class TanhshrinkImpl : public Activation<TanhshrinkImpl> {
 public:
  using Activation::Activation;
  static const Declaration& declared();
  Tensor forward(const Tensor& input) override;
};
using Tanhshrink = ActivationHolder<TanhshrinkImpl>;

namespace functional {
using ops::celu;
using ops::celu_;
using ops::elu;
using ops::elu_;
using ops::logsigmoid;
using ops::mish;
using ops::mish_;
using ops::selu;
using ops::selu_;
using ops::softplus;
using ops::softsign;
using ops::tanhshrink;
}  // namespace functional

}  // namespace lamina::nn

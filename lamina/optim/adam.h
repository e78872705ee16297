// Adam and AdamW: steps scaled by running averages of the gradient and of its square.
//   optim::AdamW optimizer(model->parameters(), {.lr = 1e-3, .betas = {0.9, 0.95}});
#pragma once
#include <array>

#include "lamina/optim/optimizer.h"

namespace lamina::optim {

/// What Adam takes by name. Defaults and order are PyTorch's.
struct AdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};  // of the averages of the gradient and of its square
  double eps = 1e-8;                           // added to the denominator
  double weight_decay = 0;
  bool amsgrad = false;  // never let the second average shrink
  bool maximize = false;
  bool decoupled_weight_decay = false;  // AdamW's: shrink the parameter instead of adding to the gradient

  static const std::vector<OptionField<AdamOptions>>& fields();
  /// OptionError as PyTorch: "Invalid beta parameter at index 0: 1.0".
  void check() const;
};

/// What AdamW takes by name.
struct AdamWOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 1e-2;
  bool amsgrad = false;
  bool maximize = false;
  operator AdamOptions() const { return {lr, betas, eps, weight_decay, amsgrad, maximize, true}; }
};

/// What Adam keeps for a parameter: `step` has no dimensions, the others the parameter's shape.
struct AdamState { Tensor &step, &exp_avg, &exp_avg_sq, &max_exp_avg_sq; };

/// One step of one parameter; undefined parts of the state are made, the last one with amsgrad only.
/// ShapeError or DTypeError when the gradient does not fit.
void adam_step(const Tensor& param, const Tensor& grad, AdamState state, const AdamOptions& options);

/// m = β₁m + (1 − β₁)g;  v = β₂v + (1 − β₂)g²;  θ −= lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + eps), weight decay added to g
/// Source: torch.optim.Adam; Kingma, Ba 2014 (arXiv:1412.6980); amsgrad: Reddi et al. 2018.
class Adam : public GroupedOptimizer<AdamOptions> {
 public:
  using Optimizer::step;
  explicit Adam(std::vector<Tensor> params, AdamOptions options = {}) { add_param_group({std::move(params), options}); }
  explicit Adam(std::vector<ParamGroup<AdamOptions>> groups);
  void step() override;

 protected:
  std::vector<std::string> state_names() const override { return {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}; }
};

/// Adam whose weight decay shrinks the parameter by lr·weight_decay before the step, untouched by the averages.
/// Source: torch.optim.AdamW; Loshchilov, Hutter 2017 (arXiv:1711.05101).
class AdamW : public Adam {
 public:
  explicit AdamW(std::vector<Tensor> params, AdamWOptions options = {}) : Adam(std::move(params), options) {}
  explicit AdamW(std::vector<ParamGroup<AdamWOptions>> groups);
};

}  // namespace lamina::optim

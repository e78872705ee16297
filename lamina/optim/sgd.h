// SGD: stochastic gradient descent, with momentum where asked for.
//   optim::SGD optimizer(model->parameters(), {.lr = 0.1, .momentum = 0.9, .nesterov = true});
#pragma once
#include "lamina/optim/optimizer.h"

namespace lamina::optim {

/// What SGD takes by name. Defaults and order are PyTorch's.
struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;     // of the gradient that joins the momentum, from the second step on
  double weight_decay = 0;  // an L2 penalty
  bool nesterov = false;
  bool maximize = false;

  static const std::vector<OptionField<SGDOptions>>& fields();
  /// OptionError as PyTorch: "Invalid learning rate: -1.0".
  void check() const;
};

/// One step of one parameter. `momentum_buffer` (the parameter's shape) is made by the first one with momentum.
/// ShapeError or DTypeError when the gradient does not fit.
void sgd_step(const Tensor& param, const Tensor& grad, Tensor& momentum_buffer, const SGDOptions& options);

/// g = ∇ + weight_decay·θ;  b = momentum·b + (1 − dampening)·g, the first one g;  θ −= lr·(nesterov ? g + momentum·b : b)
/// Source: torch.optim.SGD (Sutskever et al. 2013 for the momentum).
class SGD : public GroupedOptimizer<SGDOptions> {
 public:
  using Optimizer::step;
  explicit SGD(std::vector<Tensor> params, SGDOptions options = {}) { add_param_group({std::move(params), options}); }
  explicit SGD(std::vector<ParamGroup<SGDOptions>> groups);
  void step() override;

 protected:
  std::vector<std::string> state_names() const override { return {"momentum_buffer"}; }
};

}  // namespace lamina::optim

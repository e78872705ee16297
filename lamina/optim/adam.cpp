#include "lamina/optim/adam.h"

#include "lamina/core/error.h"
#include "lamina/core/row_sparse.h"
#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/kernels/optim.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"

namespace lamina::optim {

const std::vector<OptionField<AdamOptions>>& AdamOptions::fields() {
  using O = AdamOptions;
  static const std::vector<OptionField<O>> all = {
      {"lr", [](O& o) { return &o.lr; }},
      {"beta1", [](O& o) { return &o.betas[0]; }},
      {"beta2", [](O& o) { return &o.betas[1]; }},
      {"eps", [](O& o) { return &o.eps; }},
      {"weight_decay", [](O& o) { return &o.weight_decay; }},
      {"amsgrad", [](O& o) { return &o.amsgrad; }},
      {"maximize", [](O& o) { return &o.maximize; }},
      {"decoupled_weight_decay", [](O& o) { return &o.decoupled_weight_decay; }}};
  return all;
}

void AdamOptions::check() const {
  detail::check_not_negative("learning rate", lr);
  detail::check_not_negative("epsilon value", eps);
  for (int i = 0; i < 2; ++i)
    if (!(betas[i] >= 0 && betas[i] < 1)) throw OptionError(str("Invalid beta parameter at index ", i, ": ", betas[i]));
  detail::check_not_negative("weight_decay value", weight_decay);
}

void adam_step(const Tensor& param, const Tensor& grad, AdamState state, const AdamOptions& o) {
  if (sparse_rows(grad))
    throw NotImplementedError(str(o.decoupled_weight_decay ? "AdamW" : "Adam", " does not support sparse gradients"),
                              "Use SGD, or Embedding(sparse=False)");
  detail::check_fits("gradient", grad, param);
  // PyTorch counts in the default type, so that a checkpoint of either has the same entries
  if (!state.step.defined()) state.step = ops::zeros({}, default_dtype() == kFloat64 ? kFloat64 : kFloat32);
  for (Tensor* average : {&state.exp_avg, &state.exp_avg_sq, &state.max_exp_avg_sq}) {
    if (average == &state.max_exp_avg_sq && !o.amsgrad) continue;
    if (!average->defined()) *average = ops::zeros(param.shape(), param.dtype());
    detail::check_fits("an average", *average, param);
  }
  const double t = detail::scalar_value("step", state.step) + 1;
  ops::fill_values(state.step, t);
  dispatch_floating(param.dtype(), "Adam", [&]<class T>() {
    const detail::Contiguous p(param), g(grad), m(state.exp_avg), v(state.exp_avg_sq),
        v_max(o.amsgrad ? state.max_exp_avg_sq : Tensor());
    const Unlocked unlocked(param.numel() > 65536);
    kernels::adam_step(p.data<T>(), g.data<T>(), m.data<T>(), v.data<T>(), v_max.data<T>(), param.numel(), t,
                       {o.lr, o.betas[0], o.betas[1], o.eps, o.weight_decay, o.decoupled_weight_decay, o.maximize});
  });
  for (const Tensor& changed : {param, state.step, state.exp_avg, state.exp_avg_sq}) changed.bump_version();
  if (o.amsgrad) state.max_exp_avg_sq.bump_version();
}

Adam::Adam(std::vector<ParamGroup<AdamOptions>> groups) {
  if (groups.empty()) throw OptionError("optimizer got an empty parameter list");
  for (auto& group : groups) add_param_group(std::move(group));
}

void Adam::step() {
  const NoGradGuard guard;
  for (const auto& group : param_groups)
    for (const Tensor& p : group.params)
      if (p.grad().defined()) {
        std::vector<Tensor>& s = state_of(p);
        adam_step(p, p.grad(), {s[0], s[1], s[2], s[3]}, group.options);
      }
}

namespace {
std::vector<ParamGroup<AdamOptions>> decoupled(std::vector<ParamGroup<AdamWOptions>> groups) {
  std::vector<ParamGroup<AdamOptions>> result;
  for (auto& group : groups) result.push_back({std::move(group.params), group.options});
  return result;
}
}  // namespace

AdamW::AdamW(std::vector<ParamGroup<AdamWOptions>> groups) : Adam(decoupled(std::move(groups))) {}

}  // namespace lamina::optim

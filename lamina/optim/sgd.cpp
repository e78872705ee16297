#include "lamina/optim/sgd.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/row_sparse.h"
#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/kernels/optim.h"

namespace lamina::optim {

const std::vector<OptionField<SGDOptions>>& SGDOptions::fields() {
  using O = SGDOptions;
  static const std::vector<OptionField<O>> all = {{"lr", [](O& o) { return &o.lr; }},
                                                  {"momentum", [](O& o) { return &o.momentum; }},
                                                  {"dampening", [](O& o) { return &o.dampening; }},
                                                  {"weight_decay", [](O& o) { return &o.weight_decay; }},
                                                  {"nesterov", [](O& o) { return &o.nesterov; }},
                                                  {"maximize", [](O& o) { return &o.maximize; }}};
  return all;
}

void SGDOptions::check() const {
  detail::check_not_negative("learning rate", lr);
  detail::check_not_negative("momentum value", momentum);
  detail::check_not_negative("weight_decay value", weight_decay);
  if (dampening != dampening) throw OptionError("Invalid dampening value: nan");
  if (nesterov && (momentum <= 0 || dampening != 0))
    throw OptionError("Nesterov momentum requires a momentum and zero dampening");
}

namespace {

// Touches the gradient's rows only. False when the step changes others too.
bool step_rows(const Tensor& param, const Tensor& grad, const SGDOptions& o) {
  const auto* rows = sparse_rows(grad);
  if (!rows || o.momentum != 0 || o.weight_decay != 0 || !param.is_contiguous()) return false;
  const int64_t columns = param.numel() / std::max<int64_t>(param.size(0), 1);
  dispatch_floating(param.dtype(), "SGD", [&]<class T>() {
    for (const int64_t row : *rows)
      kernels::sgd_step(param.data<T>() + row * columns, grad.data<T>() + row * columns, static_cast<T*>(nullptr),
                        false, columns, {o.lr, 0, 0, 0, false, o.maximize});
  });
  param.bump_version();
  return true;
}

}  // namespace

void sgd_step(const Tensor& param, const Tensor& grad, Tensor& momentum_buffer, const SGDOptions& o) {
  detail::check_fits("gradient", grad, param);
  if (step_rows(param, grad, o)) return;
  const bool first = o.momentum != 0 && !momentum_buffer.defined();
  if (first) momentum_buffer = empty(param.shape(), param.dtype());
  if (o.momentum != 0) detail::check_fits("momentum_buffer", momentum_buffer, param);
  dispatch_floating(param.dtype(), "SGD", [&]<class T>() {
    const detail::Contiguous p(param), g(grad), buffer(o.momentum != 0 ? momentum_buffer : Tensor());
    const Unlocked unlocked(param.numel() > 65536);
    kernels::sgd_step(p.data<T>(), g.data<T>(), buffer.data<T>(), first, param.numel(),
                      {o.lr, o.momentum, o.dampening, o.weight_decay, o.nesterov, o.maximize});
  });
  param.bump_version();
  if (o.momentum != 0) momentum_buffer.bump_version();
}

SGD::SGD(std::vector<ParamGroup<SGDOptions>> groups) {
  if (groups.empty()) throw OptionError("optimizer got an empty parameter list");
  for (auto& group : groups) add_param_group(std::move(group));
}

void SGD::step() {
  const NoGradGuard guard;
  for (const auto& group : param_groups)
    for (const Tensor& p : group.params)
      if (p.grad().defined()) sgd_step(p, p.grad(), state_of(p)[0], group.options);
}

}  // namespace lamina::optim

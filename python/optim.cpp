// The steps of the optimizers over the lists of a parameter group; groups and state are dicts of the Python classes.
#include "lamina/core/error.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/optim/adam.h"
#include "lamina/optim/sgd.h"
#include "python/bind.h"
#include "python/casters.h"

namespace lamina::python {

namespace {

// `params` have a gradient each; `buffers` is as long with momentum (None where there is none yet), or empty.
Tensors sgd_step(const Tensors& params, Tensors buffers, double lr, double momentum, double dampening,
                 double weight_decay, bool nesterov, bool maximize) {
  const optim::SGDOptions options{lr, momentum, dampening, weight_decay, nesterov, maximize};
  const NoGradGuard guard;
  for (size_t i = 0; i < params.size(); ++i) {
    Tensor none;
    optim::sgd_step(params[i], params[i].grad(), buffers.empty() ? none : buffers[i], options);
  }
  return buffers;
}

// `state` holds for each of step, exp_avg, exp_avg_sq and, with amsgrad, max_exp_avg_sq one tensor a parameter, or None.
nb::list adam_step(const Tensors& params, nb::list state, double lr, double beta1, double beta2, double eps,
                   double weight_decay, bool amsgrad, bool maximize, bool decoupled) {
  const optim::AdamOptions options{lr, {beta1, beta2}, eps, weight_decay, amsgrad, maximize, decoupled};
  const NoGradGuard guard;
  std::array<Tensors, 4> parts;
  for (size_t k = 0; k < nb::len(state); ++k) parts[k] = nb::cast<Tensors>(state[k]);
  parts[3].resize(params.size());
  for (size_t i = 0; i < params.size(); ++i)
    optim::adam_step(params[i], params[i].grad(), {parts[0][i], parts[1][i], parts[2][i], parts[3][i]}, options);
  nb::list made;
  for (size_t k = 0; k < nb::len(state); ++k) made.append(nb::cast(parts[k]));
  return made;
}

}  // namespace

void bind_optim(nb::module_& m) {
  m.def("_sgd_step", &sgd_step);
  m.def("_adam_step", &adam_step);
}

}  // namespace lamina::python

#include "lamina/nn/utils.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/row_sparse.h"
#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::nn::utils {

namespace {

ParameterList grads_of(const ParameterList& parameters) {
  ParameterList grads;
  for (const Tensor& p : parameters)
    if (p.grad().defined()) grads.push_back(p.grad());
  return grads;
}

// A change in place that keeps a sparse gradient sparse.
template <class F>
void leaving_zeros(const Tensor& grad, F change) {
  const bool sparse = sparse_rows(grad) != nullptr;
  change();
  if (sparse) keep_sparse_rows(grad);
}

double number(const Tensor& t) { return *ops::to(t, kFloat64).data<double>(); }

}  // namespace

Tensor get_total_norm(const ParameterList& tensors, double norm_type, bool error_if_nonfinite) {
  if (tensors.empty()) return ops::zeros({});
  Tensors norms;
  for (const Tensor& t : tensors) norms.push_back(ops::to(ops::norm(t, norm_type), tensors[0].dtype()));
  const Tensor total = ops::norm(ops::stack(norms), norm_type);
  if (error_if_nonfinite && !std::isfinite(number(total)))
    throw Error(
        str("The total norm of order ", norm_type,
            " for gradients from `parameters` is non-finite, so it cannot be clipped"),
        "To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`");
  return total;
}

void clip_grads_with_norm_(const ParameterList& parameters, double max_norm, const Tensor& total_norm) {
  const NoGradGuard guard;
  const Tensor scale = ops::clamp_max(ops::mul(ops::reciprocal(ops::add(total_norm, 1e-6)), max_norm), 1.0);
  for (const Tensor& grad : grads_of(parameters))
    leaving_zeros(grad, [&] { ops::mul_(grad, ops::to(scale, grad.dtype())); });
}

Tensor clip_grad_norm_(const ParameterList& parameters, double max_norm, double norm_type, bool error_if_nonfinite) {
  const NoGradGuard guard;
  const Tensor total = get_total_norm(grads_of(parameters), norm_type, error_if_nonfinite);
  clip_grads_with_norm_(parameters, max_norm, total);
  return total;
}

void clip_grad_value_(const ParameterList& parameters, double clip_value) {
  const NoGradGuard guard;
  for (const Tensor& grad : grads_of(parameters))
    leaving_zeros(grad, [&] { ops::clamp_(grad, -clip_value, clip_value); });
}

Tensor parameters_to_vector(const ParameterList& parameters) {
  Tensors flat;
  for (const Tensor& p : parameters) flat.push_back(ops::reshape(p, {-1}));
  return ops::cat(flat);
}

void vector_to_parameters(const Tensor& vector, const ParameterList& parameters) {
  int64_t needed = 0, at = 0;
  for (const Tensor& p : parameters) needed += p.numel();
  if (vector.rank() != 1 || vector.numel() < needed)
    throw ShapeError(
        str("vector ", vector.shape(), " must have one dimension and the ", needed, " values of the parameters"));
  const NoGradGuard guard;
  for (const Tensor& p : parameters) {
    ops::copy_values(p, ops::view(ops::narrow(vector.detach(), 0, at, p.numel()), p.shape()));
    p.bump_version();
    at += p.numel();
  }
}

}  // namespace lamina::nn::utils

#include "lamina/nn/linear.h"

#include <cmath>

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linear.h"

namespace lamina::nn {

LinearImpl::LinearImpl(int64_t in_features, int64_t out_features, LinearOptions options)
    : in_features(in_features), out_features(out_features), options(options) {
  const DType dtype = options.dtype.value_or(default_dtype());
  bind_parameter("weight", weight, empty({out_features, in_features}, dtype));
  bind_parameter("bias", bias, options.bias ? empty({out_features}, dtype) : Tensor());
  initialize();
}

void LinearImpl::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double bound = in_features > 0 ? 1 / std::sqrt(double(in_features)) : 0;
  if (bound > 0) init::uniform_(bias, -bound, bound);
  else init::zeros_(bias);
}

Tensor LinearImpl::forward(const Tensor& input) { return ops::linear(input, weight, bias); }

const Declaration& LinearImpl::declared() {
  using L = LinearImpl;
  using O = LinearOptions;
  static const Declaration d = Declare<L, O>{
      .name = "Linear",
      .formula = "y = xWᵀ + b",
      .shape = "(*, in_features) → (*, out_features), any leading dimensions, none too",
      .source = "torch.nn.Linear",
      .notes = "weight (out_features, in_features) and bias (out_features) start uniform in ±1/√in_features.",
      .required = {{"in_features", &L::in_features, "size of each input sample"},
                   {"out_features", &L::out_features, "size of each output sample"}},
      .options = {{"bias", &O::bias, "learn an additive bias"},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); }};
  return d;
}

}  // namespace lamina::nn

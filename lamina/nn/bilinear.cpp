#include "lamina/nn/bilinear.h"

#include <cmath>

#include "lamina/core/text.h"
#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

BilinearImpl::BilinearImpl(int64_t in1_features, int64_t in2_features, int64_t out_features, BilinearOptions options)
    : in1_features(in1_features), in2_features(in2_features), out_features(out_features), options(options) {
  if (in1_features < 1) throw OptionError(str("in1_features must be > 0, but got (in1_features=", in1_features, ")"));
  const DType dtype = options.dtype.value_or(default_dtype());
  bind_parameter("weight", weight, empty({out_features, in1_features, in2_features}, dtype));
  bind_parameter("bias", bias, options.bias ? empty({out_features}, dtype) : Tensor());
  initialize();
}

void BilinearImpl::reset_parameters() {
  const double bound = 1 / std::sqrt(double(in1_features));
  init::uniform_(weight, -bound, bound);
  if (bias.defined()) init::uniform_(bias, -bound, bound);
}

Tensor BilinearImpl::forward(const Tensor& input1, const Tensor& input2) {
  return ops::bilinear(input1, input2, weight, bias);
}

const Declaration& BilinearImpl::declared() {
  using L = BilinearImpl;
  using O = BilinearOptions;
  static const Declaration d =
      Declare<L, O>{.name = "Bilinear",
                    .formula = "y[o] = x1ᵀ·W[o]·x2 + b[o]",
                    .shape = "(…, in1_features) and (…, in2_features) → (…, out_features)",
                    .source = "torch.nn.Bilinear",
                    .notes =
                        "weight (out_features, in1_features, in2_features) and bias (out_features) start uniform in "
                        "±1/√in1_features.",
                    .required = {{"in1_features", &L::in1_features, "size of each first input sample"},
                                 {"in2_features", &L::in2_features, "size of each second input sample"},
                                 {"out_features", &L::out_features, "size of each output sample"}},
                    .options = {{"bias", &O::bias, "learn an additive bias"},
                                {"device", &O::device, "where the parameters live", Show::Never},
                                {"dtype", &O::dtype, "type of the parameters", Show::Never}},
                    .construct = [](const Arguments& a, const O& o) {
                      return new L(a.get<int64_t>(0), a.get<int64_t>(1), a.get<int64_t>(2), o);
                    }};
  return d;
}

}  // namespace lamina::nn

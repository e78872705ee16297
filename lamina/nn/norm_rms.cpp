#include "lamina/nn/norm_rms.h"

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

RMSNormImpl::RMSNormImpl(Shape normalized_shape, RMSNormOptions options)
    : normalized_shape(std::move(normalized_shape)), options(options) {
  const DType dtype = options.dtype.value_or(default_dtype());
  bind_parameter("weight", weight, options.elementwise_affine ? empty(this->normalized_shape, dtype) : Tensor());
  initialize();
}

void RMSNormImpl::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
}

Tensor RMSNormImpl::forward(const Tensor& input) {
  return ops::rms_norm(input, normalized_shape, weight,
                       options.eps ? std::optional(options.eps->to_double()) : std::nullopt);
}

const Declaration& RMSNormImpl::declared() {
  using L = RMSNormImpl;
  using O = RMSNormOptions;
  static const Declaration d =
      Declare<L, O>{.name = "RMSNorm",
                    .formula = "y = x / √(avg x² + eps) · weight",
                    .shape = "(*, normalized_shape) → same",
                    .source = "Zhang, Sennrich 2019 (arXiv:1910.07467); torch.nn.RMSNorm",
                    .notes = "Over the last dimensions of each sample; the same in train and eval mode.",
                    .required = {{"normalized_shape", &L::normalized_shape, "sizes of the dimensions to normalise over",
                                  Show::Positional}},
                    .options = {{"eps", &O::eps, "added to the mean square; None: the type's machine epsilon"},
                                {"elementwise_affine", &O::elementwise_affine, "learn weight"},
                                {"device", &O::device, "where the parameters live", Show::Never},
                                {"dtype", &O::dtype, "type of the parameters", Show::Never}},
                    .construct = [](const Arguments& a, const O& o) { return new L(a.get<Shape>(0), o); }};
  return d;
}

}  // namespace lamina::nn

#include "lamina/nn/activation.h"

#include "lamina/ops/activation.h"
#include "lamina/ops/unary.h"

namespace lamina::nn {

namespace {
const char* const kAnyShape = "(*) → same, any shape";
}

Tensor ReLUImpl::forward(const Tensor& input) { return options.inplace ? ops::relu_(input) : ops::relu(input); }
const Declaration& ReLUImpl::declared() {
  using L = ReLUImpl;
  using O = ReLUOptions;
  static const Declaration d =
      Declare<L, O>{.name = "ReLU",
                    .formula = "y = max(x, 0)",
                    .shape = kAnyShape,
                    .source = "torch.nn.ReLU",
                    .notes = "",
                    .required = {},
                    .options = {{"inplace", &O::inplace, "overwrite the input", Show::IfNotDefault}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

Tensor GELUImpl::forward(const Tensor& input) { return ops::gelu(input, options.approximate); }
std::string GELUImpl::extra_repr() const { return str("approximate='", options.approximate, "'"); }
const Declaration& GELUImpl::declared() {
  using L = GELUImpl;
  using O = GELUOptions;
  static const Declaration d =
      Declare<L, O>{.name = "GELU",
                    .formula = "y = x·Φ(x), Φ the normal distribution function",
                    .shape = kAnyShape,
                    .source = "Hendrycks, Gimpel 2016 (arXiv:1606.08415); torch.nn.GELU",
                    .notes = "With approximate=\"tanh\": y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).",
                    .required = {},
                    .options = {{"approximate", &O::approximate, "\"none\" or \"tanh\""}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

Tensor SiLUImpl::forward(const Tensor& input) { return options.inplace ? ops::silu_(input) : ops::silu(input); }
const Declaration& SiLUImpl::declared() {
  using L = SiLUImpl;
  using O = SiLUOptions;
  static const Declaration d =
      Declare<L, O>{.name = "SiLU",
                    .formula = "y = x·sigmoid(x)",
                    .shape = kAnyShape,
                    .source = "torch.nn.SiLU",
                    .notes = "",
                    .required = {},
                    .options = {{"inplace", &O::inplace, "overwrite the input", Show::IfNotDefault}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

Tensor SigmoidImpl::forward(const Tensor& input) { return ops::sigmoid(input); }
const Declaration& SigmoidImpl::declared() {
  static const Declaration d =
      Declare<SigmoidImpl>{.name = "Sigmoid",
                           .formula = "y = 1 / (1 + exp(−x))",
                           .shape = kAnyShape,
                           .source = "torch.nn.Sigmoid",
                           .notes = "",
                           .required = {},
                           .options = {},
                           .construct = [](const Arguments&, const NoOptions&) { return new SigmoidImpl; }};
  return d;
}

Tensor TanhImpl::forward(const Tensor& input) { return ops::tanh(input); }
const Declaration& TanhImpl::declared() {
  static const Declaration d =
      Declare<TanhImpl>{.name = "Tanh",
                        .formula = "y = tanh(x)",
                        .shape = kAnyShape,
                        .source = "torch.nn.Tanh",
                        .notes = "",
                        .required = {},
                        .options = {},
                        .construct = [](const Arguments&, const NoOptions&) { return new TanhImpl; }};
  return d;
}

Tensor SoftmaxImpl::forward(const Tensor& input) { return ops::softmax(input, options.dim); }
const Declaration& SoftmaxImpl::declared() {
  using L = SoftmaxImpl;
  using O = SoftmaxOptions;
  static const Declaration d =
      Declare<L, O>{.name = "Softmax",
                    .formula = "y = exp(x) / Σ exp(x) over dimension dim",
                    .shape = kAnyShape,
                    .source = "torch.nn.Softmax",
                    .notes = "Without dim: dimension 0 for a rank of 0, 1 or 3, else dimension 1.",
                    .required = {},
                    .options = {{"dim", &O::dim, "the dimension whose values add up to 1"}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

Tensor LogSoftmaxImpl::forward(const Tensor& input) { return ops::log_softmax(input, options.dim); }
const Declaration& LogSoftmaxImpl::declared() {
  using L = LogSoftmaxImpl;
  using O = SoftmaxOptions;
  static const Declaration d =
      Declare<L, O>{.name = "LogSoftmax",
                    .formula = "y = x − log Σ exp(x) over dimension dim",
                    .shape = kAnyShape,
                    .source = "torch.nn.LogSoftmax",
                    .notes = "Without dim: dimension 0 for a rank of 0, 1 or 3, else dimension 1.",
                    .required = {},
                    .options = {{"dim", &O::dim, "the dimension whose values' exponentials add up to 1"}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

}  // namespace lamina::nn

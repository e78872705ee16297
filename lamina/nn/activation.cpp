#include "lamina/nn/activation.h"

#include "lamina/core/text.h"

namespace lamina::nn {

Tensor ReLUImpl::forward(const Tensor& input) { return options.inplace ? ops::relu_(input) : ops::relu(input); }
const Declaration& ReLUImpl::declared() {
  static const Declaration d =
      declare_activation<ReLUImpl>("ReLU", "y = max(x, 0)", "torch.nn.ReLU", {inplace_option<ReLUImpl>()});
  return d;
}

Tensor GELUImpl::forward(const Tensor& input) { return ops::gelu(input, options.approximate); }
std::string GELUImpl::extra_repr() const { return str("approximate='", options.approximate, "'"); }
const Declaration& GELUImpl::declared() {
  static const Declaration d =
      declare_activation<GELUImpl>("GELU", "y = x·Φ(x), Φ the normal distribution function",
                                   "Hendrycks, Gimpel 2016 (arXiv:1606.08415); torch.nn.GELU",
                                   {{"approximate", &GELUOptions::approximate, "\"none\" or \"tanh\""}},
                                   "With approximate=\"tanh\": y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).");
  return d;
}

Tensor SiLUImpl::forward(const Tensor& input) { return options.inplace ? ops::silu_(input) : ops::silu(input); }
const Declaration& SiLUImpl::declared() {
  static const Declaration d =
      declare_activation<SiLUImpl>("SiLU", "y = x·sigmoid(x)", "torch.nn.SiLU", {inplace_option<SiLUImpl>()});
  return d;
}

Tensor SigmoidImpl::forward(const Tensor& input) { return ops::sigmoid(input); }
const Declaration& SigmoidImpl::declared() {
  static const Declaration d = declare_activation<SigmoidImpl>("Sigmoid", "y = 1 / (1 + exp(−x))", "torch.nn.Sigmoid");
  return d;
}

Tensor TanhImpl::forward(const Tensor& input) { return ops::tanh(input); }
const Declaration& TanhImpl::declared() {
  static const Declaration d = declare_activation<TanhImpl>("Tanh", "y = tanh(x)", "torch.nn.Tanh");
  return d;
}

// ---- along a dimension ---------------------------------------------------------------------------------------------

namespace {
const char* const kWithoutDim = "Without dim: dimension 0 for a rank of 0, 1 or 3, else dimension 1.";
}

Tensor SoftmaxImpl::forward(const Tensor& input) { return ops::softmax(input, options.dim); }
const Declaration& SoftmaxImpl::declared() {
  static const Declaration d = declare_activation<SoftmaxImpl>(
      "Softmax", "y = exp(x) / Σ exp(x) over dimension dim", "torch.nn.Softmax",
      {{"dim", &SoftmaxOptions::dim, "the dimension whose values add up to 1"}}, kWithoutDim);
  return d;
}

Tensor LogSoftmaxImpl::forward(const Tensor& input) { return ops::log_softmax(input, options.dim); }
const Declaration& LogSoftmaxImpl::declared() {
  static const Declaration d = declare_activation<LogSoftmaxImpl>(
      "LogSoftmax", "y = x − log Σ exp(x) over dimension dim", "torch.nn.LogSoftmax",
      {{"dim", &SoftmaxOptions::dim, "the dimension whose values' exponentials add up to 1"}}, kWithoutDim);
  return d;
}

Tensor SoftminImpl::forward(const Tensor& input) { return ops::softmin(input, options.dim); }
const Declaration& SoftminImpl::declared() {
  static const Declaration d = declare_activation<SoftminImpl>(
      "Softmin", "y = exp(−x) / Σ exp(−x) over dimension dim", "torch.nn.Softmin",
      {{"dim", &SoftmaxOptions::dim, "the dimension whose values add up to 1"}}, kWithoutDim);
  return d;
}

Tensor Softmax2dImpl::forward(const Tensor& input) {
  if (input.rank() != 3 && input.rank() != 4)
    throw ShapeError(str("expected input to be 3D or 4D, got ", input.rank(), "D, input is ", input.shape()));
  return ops::softmax(input, -3);
}
const Declaration& Softmax2dImpl::declared() {
  static const Declaration d =
      declare_activation<Softmax2dImpl>("Softmax2d", "y = exp(x) / Σ exp(x) over the channels", "torch.nn.Softmax2d",
                                        {}, "", "(N, C, H, W) or (C, H, W) → same");
  return d;
}

Tensor GLUImpl::forward(const Tensor& input) { return ops::glu(input, options.dim); }
const Declaration& GLUImpl::declared() {
  static const Declaration d = declare_activation<GLUImpl>(
      "GLU", "y = a·sigmoid(b), a and b the halves of the input along dim", "arXiv:1612.08083; torch.nn.GLU",
      {{"dim", &GLUOptions::dim, "the dimension that is halved"}}, "An odd size is a ShapeError.",
      "(…, 2·N, …) → (…, N, …)");
  return d;
}

}  // namespace lamina::nn

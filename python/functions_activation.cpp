// lamina.nn.functional: the activations made of straight pieces and of exponentials, gates and samples, with PyTorch's arguments.
#include "lamina/ops/activation.h"
#include "lamina/ops/activation_piecewise.h"
#include "lamina/ops/activation_smooth.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

using MaybeDim = std::optional<int64_t>;
using MaybeType = std::optional<DType>;

// f(input, numbers…, inplace=False), and f_(input, numbers…) where `with_underscore`
template <auto f, auto in_place, class... Numbers, class... Arguments>
void with_inplace(const Op& op, const char* name, const char* doc, bool with_underscore, const Arguments&... numbers) {
  op.function(
      name,
      [](const Tensor& input, Numbers... n, bool inplace) -> Tensor {
        return inplace ? in_place(input, n...) : f(input, n...);
      },
      doc, "input"_a, numbers..., "inplace"_a = false);
  if (with_underscore)
    op.function(
        kept(std::string(name) + "_"),
        [](const Tensor& input, Numbers... n) -> Tensor { return in_place(input, n...); }, "The same in place.",
        "input"_a, numbers...);
}

void bind_piecewise(const Op& op) {
  with_inplace<ops::leaky_relu, ops::leaky_relu_, double>(op, "leaky_relu", "x above 0, negative_slope·x elsewhere.",
                                                          true, "negative_slope"_a = 0.01);
  with_inplace<ops::hardtanh, ops::hardtanh_, double, double>(op, "hardtanh", "x cut to [min_val, max_val].", true,
                                                              "min_val"_a = -1.0, "max_val"_a = 1.0);
  with_inplace<ops::relu6, ops::relu6_>(op, "relu6", "x cut to [0, 6].", false);
  with_inplace<ops::hardsigmoid, ops::hardsigmoid_>(op, "hardsigmoid", "relu6(x + 3) / 6", false);
  with_inplace<ops::hardswish, ops::hardswish_>(op, "hardswish", "x·relu6(x + 3) / 6", false);
  with_inplace<ops::threshold, ops::threshold_, double, double>(op, "threshold", "x above threshold, value elsewhere.",
                                                                true, "threshold"_a, "value"_a);
  op.function("hardshrink", &ops::hardshrink, "0 within [−lambd, lambd], x elsewhere.", "input"_a, "lambd"_a = 0.5);
  op.method("hardshrink", &ops::hardshrink, "0 within [−lambd, lambd], x elsewhere.", "lambd"_a = 0.5);
  op.function("softshrink", &ops::softshrink, "x moved by lambd towards 0.", "input"_a, "lambd"_a = 0.5);
  op.function("prelu", &ops::prelu, "x above 0, weight·x elsewhere.", "input"_a, "weight"_a);
  op.method("prelu", &ops::prelu, "x above 0, weight·x elsewhere.", "weight"_a);
  const char* rrelu = "x above 0, r·x elsewhere, r drawn from [lower, upper) in training.";
  op.function(
      "rrelu",
      [](const Tensor& input, double lower, double upper, bool training, bool inplace) -> Tensor {
        return inplace ? ops::rrelu_(input, lower, upper, training) : ops::rrelu(input, lower, upper, training);
      },
      rrelu, "input"_a, "lower"_a = 1.0 / 8, "upper"_a = 1.0 / 3, "training"_a = false, "inplace"_a = false);
  op.function(
      "rrelu_",
      [](const Tensor& input, double lower, double upper, bool training) -> Tensor {
        return ops::rrelu_(input, lower, upper, training);
      },
      rrelu, "input"_a, "lower"_a = 1.0 / 8, "upper"_a = 1.0 / 3, "training"_a = false);
}

void bind_smooth(const Op& op) {
  with_inplace<ops::elu, ops::elu_, double>(op, "elu", "x above 0, alpha·(eˣ − 1) elsewhere.", true, "alpha"_a = 1.0);
  with_inplace<ops::celu, ops::celu_, double>(op, "celu", "x above 0, alpha·(exp(x / alpha) − 1) elsewhere.", true,
                                              "alpha"_a = 1.0);
  with_inplace<ops::selu, ops::selu_>(op, "selu", "elu with the two numbers that keep mean 0 and variance 1.", true);
  with_inplace<ops::mish, ops::mish_>(op, "mish", "x·tanh(softplus(x))", false);
  op.function("softplus", &ops::softplus, "log(1 + exp(beta·x)) / beta", "input"_a, "beta"_a = 1.0,
              "threshold"_a = 20.0);
  op.function("logsigmoid", &ops::logsigmoid, "log(1 / (1 + e⁻ˣ))", "input"_a);
  op.function("softsign", &ops::softsign, "x / (1 + |x|)", "input"_a);
  op.function("tanhshrink", &ops::tanhshrink, "x − tanh(x)", "input"_a);
}

void bind_along_a_dimension(const Op& op) {
  op.function(
      "softmin",
      [](const Tensor& input, MaybeDim dim, int64_t, MaybeType dtype) { return ops::softmin(input, dim, dtype); },
      "exp(−x) / Σ exp(−x) over dim.", "input"_a, "dim"_a = nb::none(), "_stacklevel"_a = 3, "dtype"_a = nb::none());
  op.function("glu", &ops::glu, "a·sigmoid(b), a and b the halves of input along dim.", "input"_a, "dim"_a = -1);
  op.function(
      "gumbel_softmax",
      [](const Tensor& logits, double tau, bool hard, double, int64_t dim) {
        return ops::gumbel_softmax(logits, tau, hard, dim);
      },
      "A sample of the Gumbel-softmax distribution.", "logits"_a, "tau"_a = 1.0, "hard"_a = false, "eps"_a = 1e-10,
      "dim"_a = -1);
}

}  // namespace

void bind_functional_activation(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional");
  const Op op{functional};
  bind_piecewise(op);
  bind_smooth(op);
  bind_along_a_dimension(op);
}

}  // namespace lamina::python

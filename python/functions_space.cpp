// lamina.nn.functional: transposed convolutions; lamina.nn.grad, the gradients of convolutions.
#include "lamina/ops/conv.h"
#include "lamina/ops/conv_transpose.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

template <auto f>
void transposed(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const Tensor& weight, const Tensor& bias, const Shape& stride, const Shape& padding,
         const Shape& output_padding, int64_t groups, const Shape& dilation) {
        return f(input, weight, bias,
                 {.stride = stride,
                  .padding = padding,
                  .output_padding = output_padding,
                  .groups = groups,
                  .dilation = dilation});
      },
      "The gradient of a convolution with respect to its input, as a function.", "input"_a, "weight"_a,
      "bias"_a.none() = nb::none(), "stride"_a = 1, "padding"_a = 0, "output_padding"_a = 0, "groups"_a = 1,
      "dilation"_a = 1);
}

template <auto input_gradient, auto weight_gradient>
void gradients(const Op& op, const char* input_name, const char* weight_name) {
  op.function(
      input_name,
      [](const Shape& input_size, const Tensor& weight, const Tensor& grad_output, const Shape& stride,
         const Shape& padding, const Shape& dilation, int64_t groups) {
        return input_gradient(input_size, weight, grad_output,
                              {.stride = stride, .padding = padding, .dilation = dilation, .groups = groups});
      },
      "The gradient of a convolution with respect to its input.", "input_size"_a, "weight"_a, "grad_output"_a,
      "stride"_a = 1, "padding"_a = 0, "dilation"_a = 1, "groups"_a = 1);
  op.function(
      weight_name,
      [](const Tensor& input, const Shape& weight_size, const Tensor& grad_output, const Shape& stride,
         const Shape& padding, const Shape& dilation, int64_t groups) {
        return weight_gradient(input, weight_size, grad_output,
                               {.stride = stride, .padding = padding, .dilation = dilation, .groups = groups});
      },
      "The gradient of a convolution with respect to its weight.", "input"_a, "weight_size"_a, "grad_output"_a,
      "stride"_a = 1, "padding"_a = 0, "dilation"_a = 1, "groups"_a = 1);
}

}  // namespace

void bind_functional_space(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  const Op op{functional};
  transposed<ops::conv_transpose1d>(op, "conv_transpose1d");
  transposed<ops::conv_transpose2d>(op, "conv_transpose2d");
  transposed<ops::conv_transpose3d>(op, "conv_transpose3d");

  nb::module_ grad = m.def_submodule("_grad", "The gradients of convolutions.");
  const Op of_grad{grad};
  gradients<ops::conv1d_input, ops::conv1d_weight>(of_grad, "conv1d_input", "conv1d_weight");
  gradients<ops::conv2d_input, ops::conv2d_weight>(of_grad, "conv2d_input", "conv2d_weight");
  gradients<ops::conv3d_input, ops::conv3d_weight>(of_grad, "conv3d_input", "conv3d_weight");
}

}  // namespace lamina::python

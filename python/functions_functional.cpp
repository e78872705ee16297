// lamina.nn.functional: the operations of layers, with PyTorch's arguments. They stand in the submodule _C._functional.
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "lamina/core/error.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/attention.h"
#include "lamina/ops/conv.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/embedding.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/linear.h"
#include "lamina/ops/norm.h"
#include "lamina/ops/pad.h"
#include "lamina/ops/pool.h"
#include "lamina/ops/pool_average.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

using MaybeDim = std::optional<int64_t>;
using MaybeType = std::optional<DType>;

void bind_activations(const Op& op) {
  op.function(
      "relu",
      [](const Tensor& input, bool inplace) -> Tensor { return inplace ? ops::relu_(input) : ops::relu(input); },
      "max(x, 0)", "input"_a, "inplace"_a = false);
  op.function("relu_", &ops::relu_, "max(x, 0) in place.", "input"_a);
  op.method("relu", &ops::relu, "max(x, 0)");
  op.method("relu_", &ops::relu_, "max(x, 0) in place.");
  op.function(
      "gelu", [](const Tensor& input, std::string approximate) { return ops::gelu(input, approximate); }, "x·Φ(x)",
      "input"_a, nb::kw_only(), "approximate"_a = "none");
  op.function(
      "silu",
      [](const Tensor& input, bool inplace) -> Tensor { return inplace ? ops::silu_(input) : ops::silu(input); },
      "x·sigmoid(x)", "input"_a, "inplace"_a = false);
  op.function(
      "softmax",
      [](const Tensor& input, MaybeDim dim, int64_t, MaybeType dtype) { return ops::softmax(input, dim, dtype); },
      "exp(x) / Σ exp(x) over dim.", "input"_a, "dim"_a = nb::none(), "_stacklevel"_a = 3, "dtype"_a = nb::none());
  op.function(
      "log_softmax",
      [](const Tensor& input, MaybeDim dim, int64_t, MaybeType dtype) { return ops::log_softmax(input, dim, dtype); },
      "log(exp(x) / Σ exp(x)) over dim.", "input"_a, "dim"_a = nb::none(), "_stacklevel"_a = 3, "dtype"_a = nb::none());
  op.method("softmax", &ops::softmax, "exp(x) / Σ exp(x) over dim.", "dim"_a, "dtype"_a = nb::none());
  op.method("log_softmax", &ops::log_softmax, "log(exp(x) / Σ exp(x)) over dim.", "dim"_a, "dtype"_a = nb::none());
}

template <Tensor (*f)(const Tensor&, const Tensor&, const Tensor&, const ops::ConvOptions&)>
void convolution(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const Tensor& weight, const Tensor& bias, const Shape& stride,
         const std::variant<Shape, std::string>& padding, const Shape& dilation, int64_t groups) {
        return f(input, weight, bias,
                 {.stride = stride,
                  .padding = std::visit([](const auto& p) { return ops::ConvPadding(p); }, padding),
                  .dilation = dilation,
                  .groups = groups});
      },
      "The cross-correlation with weight over space.", "input"_a, "weight"_a, "bias"_a.none() = nb::none(),
      "stride"_a = 1, "padding"_a = 0, "dilation"_a = 1, "groups"_a = 1);
}

template <auto f, auto with_indices>
void max_pool(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const Shape& kernel_size, std::optional<Shape> stride, const Shape& padding,
         const Shape& dilation, bool ceil_mode, bool return_indices) -> nb::object {
        const ops::MaxPoolOptions options{.stride = stride && stride->rank() == 0 ? std::nullopt : stride,
                                          .padding = padding,
                                          .dilation = dilation,
                                          .ceil_mode = ceil_mode};
        if (!return_indices) return nb::cast(f(input, kernel_size, options));
        const auto [values, indices] = with_indices(input, kernel_size, options);
        return nb::make_tuple(values, indices);
      },
      "The largest value of every window.", "input"_a, "kernel_size"_a, "stride"_a = nb::none(), "padding"_a = 0,
      "dilation"_a = 1, "ceil_mode"_a = false, "return_indices"_a = false);
}

template <auto f>
void average_pool(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const Shape& kernel_size, std::optional<Shape> stride, const Shape& padding,
         bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor_override) {
        return f(input, kernel_size,
                 {.stride = stride && stride->rank() == 0 ? std::nullopt : stride,
                  .padding = padding,
                  .ceil_mode = ceil_mode,
                  .count_include_pad = count_include_pad,
                  .divisor_override = divisor_override});
      },
      "The mean of every window.", "input"_a, "kernel_size"_a, "stride"_a = nb::none(), "padding"_a = 0,
      "ceil_mode"_a = false, "count_include_pad"_a = true, "divisor_override"_a = nb::none());
}

template <auto f>
void adaptive_average_pool(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const std::variant<int64_t, ops::OutputSizes>& output_size) {
        if (const auto* all = std::get_if<int64_t>(&output_size)) return f(input, {*all});
        return f(input, std::get<ops::OutputSizes>(output_size));
      },
      "The mean of windows so chosen that the output has this size.", "input"_a, "output_size"_a);
}

void bind_space(const Op& op) {
  convolution<ops::conv1d>(op, "conv1d");
  convolution<ops::conv2d>(op, "conv2d");
  convolution<ops::conv3d>(op, "conv3d");
  max_pool<ops::max_pool1d, ops::max_pool1d_with_indices>(op, "max_pool1d");
  max_pool<ops::max_pool2d, ops::max_pool2d_with_indices>(op, "max_pool2d");
  max_pool<ops::max_pool3d, ops::max_pool3d_with_indices>(op, "max_pool3d");
  average_pool<ops::avg_pool1d>(op, "avg_pool1d");
  average_pool<ops::avg_pool2d>(op, "avg_pool2d");
  average_pool<ops::avg_pool3d>(op, "avg_pool3d");
  adaptive_average_pool<ops::adaptive_avg_pool1d>(op, "adaptive_avg_pool1d");
  adaptive_average_pool<ops::adaptive_avg_pool2d>(op, "adaptive_avg_pool2d");
  adaptive_average_pool<ops::adaptive_avg_pool3d>(op, "adaptive_avg_pool3d");
  op.function(
      "pad",
      [](const Tensor& input, const Shape& pad, std::string mode, std::optional<Scalar> value) {
        return ops::pad(input, pad, mode, value);
      },
      "The last dimensions extended at their ends.", "input"_a, "pad"_a, "mode"_a = "constant", "value"_a = nb::none());
}

void bind_layers(const Op& op) {
  op.function("linear", &ops::linear, "input · weightᵀ + bias", "input"_a, "weight"_a, "bias"_a.none() = nb::none());
  op.function("layer_norm", &ops::layer_norm, "(x − E[x]) / √(Var[x] + eps) · weight + bias over the last dimensions.",
              "input"_a, "normalized_shape"_a, "weight"_a.none() = nb::none(), "bias"_a.none() = nb::none(),
              "eps"_a = 1e-5);
  op.function(
      "batch_norm",
      [](const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
         const Tensor& bias, bool training, std::optional<double> momentum, double eps) {
        return ops::batch_norm(input, running_mean, running_var, weight, bias, training, momentum.value_or(0), eps);
      },
      "(x − E[x]) / √(Var[x] + eps) · weight + bias over batch and space.", "input"_a, "running_mean"_a.none(),
      "running_var"_a.none(), "weight"_a.none() = nb::none(), "bias"_a.none() = nb::none(), "training"_a = false,
      "momentum"_a = 0.1, "eps"_a = 1e-5);
  op.function(
      "dropout",
      [](const Tensor& input, double p, bool training, bool inplace) {
        return ops::dropout(input, p, training, inplace);
      },
      "Zeroes elements with probability p and scales the others by 1/(1 − p).", "input"_a, "p"_a = 0.5,
      "training"_a = true, "inplace"_a = false);
  op.function("embedding", &ops::embedding, "The rows of weight that input names.", "input"_a, "weight"_a,
              "padding_idx"_a = nb::none(), "max_norm"_a = nb::none(), "norm_type"_a = 2.0,
              "scale_grad_by_freq"_a = false, "sparse"_a = false);
  op.function(
      "scaled_dot_product_attention",
      [](const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& attn_mask, double dropout_p,
         bool is_causal, std::optional<double> scale, bool enable_gqa) {
        return ops::scaled_dot_product_attention(query, key, value,
                                                 {.attn_mask = attn_mask,
                                                  .dropout_p = dropout_p,
                                                  .is_causal = is_causal,
                                                  .scale = scale,
                                                  .enable_gqa = enable_gqa});
      },
      "softmax(query · keyᵀ · scale + mask) · value", "query"_a, "key"_a, "value"_a, "attn_mask"_a.none() = nb::none(),
      "dropout_p"_a = 0.0, "is_causal"_a = false, nb::kw_only(), "scale"_a = nb::none(), "enable_gqa"_a = false);
  op.function("one_hot", &ops::one_hot, "1 in the place that each number names.", "tensor"_a, "num_classes"_a = -1);
}

}  // namespace

void bind_functional(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional", "The operations of layers.");
  const Op op{functional};
  bind_activations(op);
  bind_space(op);
  bind_layers(op);
}

}  // namespace lamina::python

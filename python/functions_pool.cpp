// lamina.nn.functional: adaptive, fractional and power-average pools, unpooling, and the names of pools that give indices.
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "lamina/ops/pool.h"
#include "lamina/ops/pool_average.h"
#include "lamina/ops/pool_lp.h"
#include "lamina/ops/pool_spans.h"
#include "lamina/ops/unpool.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

using GivenSizes = std::variant<int64_t, ops::OutputSizes>;

ops::OutputSizes output_sizes(const GivenSizes& given) {
  if (const auto* all = std::get_if<int64_t>(&given)) return {*all};
  return std::get<ops::OutputSizes>(given);
}

std::optional<Shape> stride_of(const std::optional<Shape>& stride) {
  return stride && stride->rank() == 0 ? std::nullopt : stride;
}

nb::object pair(const std::pair<Tensor, Tensor>& result) { return nb::make_tuple(result.first, result.second); }

template <auto with_indices>
void max_pool(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const Shape& kernel_size, std::optional<Shape> stride, const Shape& padding,
         const Shape& dilation, bool ceil_mode, bool) {
        return pair(with_indices(
            input, kernel_size,
            {.stride = stride_of(stride), .padding = padding, .dilation = dilation, .ceil_mode = ceil_mode}));
      },
      "The largest value of every window, and where it was.", "input"_a, "kernel_size"_a, "stride"_a = nb::none(),
      "padding"_a = 0, "dilation"_a = 1, "ceil_mode"_a = false, "return_indices"_a = false);
}

template <auto f, auto with_indices>
void adaptive(const Op& op, const char* name, const char* name_with_indices) {
  op.function(
      name,
      [](const Tensor& input, const GivenSizes& output_size, bool return_indices) -> nb::object {
        if (return_indices) return pair(with_indices(input, output_sizes(output_size)));
        return checked(wrap(f(input, output_sizes(output_size))));
      },
      "The largest value of windows so chosen that the output has this size.", "input"_a, "output_size"_a,
      "return_indices"_a = false);
  op.function(
      name_with_indices,
      [](const Tensor& input, const GivenSizes& output_size, bool) {
        return pair(with_indices(input, output_sizes(output_size)));
      },
      "The largest value of windows so chosen that the output has this size, and where it was.", "input"_a,
      "output_size"_a, "return_indices"_a = false);
}

ops::FractionalPoolOptions fractional_options(
    const std::optional<Shape>& output_size,
    const std::optional<std::variant<double, std::vector<double>>>& output_ratio, const Tensor& random_samples) {
  ops::FractionalPoolOptions o{.output_size = output_size, .random_samples = random_samples};
  if (output_size || !output_ratio) return o;  // PyTorch's function lets output_size win
  if (const auto* all = std::get_if<double>(&*output_ratio)) o.output_ratio = {*all};
  else o.output_ratio = std::get<std::vector<double>>(*output_ratio);
  return o;
}

template <auto f, auto with_indices>
void fractional(const Op& op, const char* name, const char* name_with_indices) {
  using Ratio = std::optional<std::variant<double, std::vector<double>>>;
  op.function(
      name,
      [](const Tensor& input, const Shape& kernel_size, std::optional<Shape> output_size, const Ratio& output_ratio,
         bool return_indices, const Tensor& samples) -> nb::object {
        const auto options = fractional_options(output_size, output_ratio, samples);
        if (return_indices) return pair(with_indices(input, kernel_size, options));
        return checked(wrap(f(input, kernel_size, options)));
      },
      "The largest value of windows that lie in random steps.", "input"_a, "kernel_size"_a,
      "output_size"_a = nb::none(), "output_ratio"_a = nb::none(), "return_indices"_a = false,
      "_random_samples"_a.none() = nb::none());
  op.function(
      name_with_indices,
      [](const Tensor& input, const Shape& kernel_size, std::optional<Shape> output_size, const Ratio& output_ratio,
         bool, const Tensor& samples) {
        return pair(with_indices(input, kernel_size, fractional_options(output_size, output_ratio, samples)));
      },
      "The largest value of windows that lie in random steps, and where it was.", "input"_a, "kernel_size"_a,
      "output_size"_a = nb::none(), "output_ratio"_a = nb::none(), "return_indices"_a = false,
      "_random_samples"_a.none() = nb::none());
}

template <auto f>
void power_average(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, double norm_type, const Shape& kernel_size, std::optional<Shape> stride, bool ceil_mode) {
        return f(input, norm_type, kernel_size, {.stride = stride_of(stride), .ceil_mode = ceil_mode});
      },
      "(Σ x^norm_type)^(1 / norm_type) over every window.", "input"_a, "norm_type"_a, "kernel_size"_a,
      "stride"_a = nb::none(), "ceil_mode"_a = false);
}

template <auto f>
void unpool(const Op& op, const char* name) {
  op.function(
      name,
      [](const Tensor& input, const Tensor& indices, const Shape& kernel_size, std::optional<Shape> stride,
         const Shape& padding, std::optional<Shape> output_size) {
        return f(input, indices, kernel_size,
                 {.stride = stride_of(stride), .padding = padding, .output_size = output_size});
      },
      "Values in the places that max pooling took them from, zeros elsewhere.", "input"_a, "indices"_a, "kernel_size"_a,
      "stride"_a = nb::none(), "padding"_a = 0, "output_size"_a = nb::none());
}

}  // namespace

void bind_functional_pool(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  const Op op{functional};
  max_pool<ops::max_pool1d_with_indices>(op, "max_pool1d_with_indices");
  max_pool<ops::max_pool2d_with_indices>(op, "max_pool2d_with_indices");
  max_pool<ops::max_pool3d_with_indices>(op, "max_pool3d_with_indices");
  adaptive<ops::adaptive_max_pool1d, ops::adaptive_max_pool1d_with_indices>(op, "adaptive_max_pool1d",
                                                                            "adaptive_max_pool1d_with_indices");
  adaptive<ops::adaptive_max_pool2d, ops::adaptive_max_pool2d_with_indices>(op, "adaptive_max_pool2d",
                                                                            "adaptive_max_pool2d_with_indices");
  adaptive<ops::adaptive_max_pool3d, ops::adaptive_max_pool3d_with_indices>(op, "adaptive_max_pool3d",
                                                                            "adaptive_max_pool3d_with_indices");
  fractional<ops::fractional_max_pool2d, ops::fractional_max_pool2d_with_indices>(op, "fractional_max_pool2d",
                                                                                  "fractional_max_pool2d_with_indices");
  fractional<ops::fractional_max_pool3d, ops::fractional_max_pool3d_with_indices>(op, "fractional_max_pool3d",
                                                                                  "fractional_max_pool3d_with_indices");
  power_average<ops::lp_pool1d>(op, "lp_pool1d");
  power_average<ops::lp_pool2d>(op, "lp_pool2d");
  power_average<ops::lp_pool3d>(op, "lp_pool3d");
  unpool<ops::max_unpool1d>(op, "max_unpool1d");
  unpool<ops::max_unpool2d>(op, "max_unpool2d");
  unpool<ops::max_unpool3d>(op, "max_unpool3d");
}

}  // namespace lamina::python

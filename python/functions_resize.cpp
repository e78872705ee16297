// lamina.nn.functional: unfold and fold, the shuffles, interpolation, sampling at positions.
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "lamina/ops/fold.h"
#include "lamina/ops/grid_sample.h"
#include "lamina/ops/interpolate.h"
#include "lamina/ops/shuffle.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

using MaybeFactor = std::optional<std::variant<double, std::vector<double>>>;
using MaybeBool = std::optional<bool>;

// PyTorch's warnings, which the C++ library, being silent, leaves to us.
void warn(const char* text, PyObject* kind = PyExc_UserWarning) {
  if (PyErr_WarnEx(kind, text, 1) < 0) throw nb::python_error();
}

std::optional<std::vector<double>> factors(const MaybeFactor& given) {
  if (!given) return std::nullopt;
  if (const auto* all = std::get_if<double>(&*given)) return std::vector<double>{*all};
  return std::get<std::vector<double>>(*given);
}

void bind_folding(const Op& op) {
  op.function(
      "unfold",
      [](const Tensor& input, const Shape& kernel_size, const Shape& dilation, const Shape& padding,
         const Shape& stride) {
        return ops::unfold(input, kernel_size, {.dilation = dilation, .padding = padding, .stride = stride});
      },
      "Every block of kernel_size as a column.", "input"_a, "kernel_size"_a, "dilation"_a = 1, "padding"_a = 0,
      "stride"_a = 1);
  op.function(
      "fold",
      [](const Tensor& input, const Shape& output_size, const Shape& kernel_size, const Shape& dilation,
         const Shape& padding, const Shape& stride) {
        return ops::fold(input, output_size, kernel_size, {.dilation = dilation, .padding = padding, .stride = stride});
      },
      "Columns added up in the places that unfold takes them from.", "input"_a, "output_size"_a, "kernel_size"_a,
      "dilation"_a = 1, "padding"_a = 0, "stride"_a = 1);
}

// They stand in lamina and in lamina.nn.functional.
void bind_shuffles(const Op& op) {
  op.function("pixel_shuffle", &ops::pixel_shuffle, "Each group of r² channels as a square of r×r pixels.", "input"_a,
              "upscale_factor"_a);
  op.function("pixel_unshuffle", &ops::pixel_unshuffle, "Each square of r×r pixels as r² channels.", "input"_a,
              "downscale_factor"_a);
  for (const char* name : {"channel_shuffle", "native_channel_shuffle"})
    op.function(name, &ops::channel_shuffle, "The first channel of each group, then the second of each, and so on.",
                "input"_a, "groups"_a);
}

void bind_interpolation(const Op& op) {
  op.function(
      "interpolate",
      [](const Tensor& input, std::optional<Shape> size, const MaybeFactor& scale_factor, std::string mode,
         MaybeBool align_corners, MaybeBool recompute_scale_factor, bool antialias) {
        return ops::interpolate(input, {.size = size,
                                        .scale_factor = factors(scale_factor),
                                        .mode = mode,
                                        .align_corners = align_corners,
                                        .recompute_scale_factor = recompute_scale_factor,
                                        .antialias = antialias});
      },
      "The input at the output's positions.", "input"_a, "size"_a = nb::none(), "scale_factor"_a = nb::none(),
      "mode"_a = "nearest", "align_corners"_a = nb::none(), "recompute_scale_factor"_a = nb::none(),
      "antialias"_a = false);
  op.function(
      "upsample",
      [](const Tensor& input, std::optional<Shape> size, const MaybeFactor& scale_factor, std::string mode,
         MaybeBool align_corners) {
        warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.");
        return ops::interpolate(
            input, {.size = size, .scale_factor = factors(scale_factor), .mode = mode, .align_corners = align_corners});
      },
      "interpolate under its old name.", "input"_a, "size"_a = nb::none(), "scale_factor"_a = nb::none(),
      "mode"_a = "nearest", "align_corners"_a = nb::none());
  op.function(
      "upsample_nearest",
      [](const Tensor& input, std::optional<Shape> size, const MaybeFactor& scale_factor) {
        warn("`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.");
        return ops::interpolate(input, {.size = size, .scale_factor = factors(scale_factor)});
      },
      "interpolate(mode=\"nearest\") under its old name.", "input"_a, "size"_a = nb::none(),
      "scale_factor"_a = nb::none());
  op.function(
      "upsample_bilinear",
      [](const Tensor& input, std::optional<Shape> size, const MaybeFactor& scale_factor) {
        warn("`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.");
        return ops::interpolate(
            input, {.size = size, .scale_factor = factors(scale_factor), .mode = "bilinear", .align_corners = true});
      },
      "interpolate(mode=\"bilinear\", align_corners=True) under its old name.", "input"_a, "size"_a = nb::none(),
      "scale_factor"_a = nb::none());
}

bool corners(MaybeBool align_corners) {
  if (!align_corners)
    warn(
        "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
        "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details.");
  return align_corners.value_or(false);
}

void bind_sampling(const Op& op) {
  op.function(
      "grid_sample",
      [](const Tensor& input, const Tensor& grid, std::string mode, std::string padding_mode, MaybeBool align_corners) {
        return ops::grid_sample(input, grid,
                                {.mode = mode, .padding_mode = padding_mode, .align_corners = corners(align_corners)});
      },
      "The input at positions in [−1, 1], x first.", "input"_a, "grid"_a, "mode"_a = "bilinear",
      "padding_mode"_a = "zeros", "align_corners"_a = nb::none());
  op.function(
      "affine_grid",
      [](const Tensor& theta, const Shape& size, MaybeBool align_corners) {
        const bool aligned = corners(align_corners);
        const Shape space = size.slice(std::min(2, size.rank()));
        if (aligned && std::find(space.begin(), space.end(), 1) != space.end())
          warn(
              "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
              "is not an intended use case of affine_grid. See the documentation of affine_grid for details.");
        return ops::affine_grid(theta, size, aligned);
      },
      "The positions of a grid after an affine transformation.", "theta"_a, "size"_a, "align_corners"_a = nb::none());
}

// The same by the numbers that PyTorch's own library gives modes.
template <int Rank>
Tensor sampled(const Tensor& input, const Tensor& grid, int64_t mode, int64_t padding, bool align_corners) {
  constexpr const char* modes[] = {"bilinear", "nearest", "bicubic"};
  constexpr const char* paddings[] = {"zeros", "border", "reflection"};
  if (mode < 0 || mode > 2) throw OptionError(str("interpolation_mode=", mode, " must be 0, 1 or 2"));
  if (padding < 0 || padding > 2) throw OptionError(str("padding_mode=", padding, " must be 0, 1 or 2"));
  if (Rank && input.rank() != Rank) throw ShapeError(str("input ", input.shape(), " must have ", Rank, " dimensions"));
  return ops::grid_sample(input, grid,
                          {.mode = modes[mode], .padding_mode = paddings[padding], .align_corners = align_corners});
}

template <int Rank>
void bind_sampler(const Op& op, const char* name) {
  op.function(name, sampled<Rank>, "grid_sample with numbers for its modes.", "input"_a, "grid"_a,
              "interpolation_mode"_a, "padding_mode"_a, "align_corners"_a);
}

}  // namespace

void bind_functional_resize(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  const Op op{functional}, top{m};
  bind_folding(op);
  bind_shuffles(op);
  bind_shuffles(top);
  bind_interpolation(op);
  bind_sampling(op);
  bind_sampler<0>(top, "grid_sampler");
  bind_sampler<4>(top, "grid_sampler_2d");
  bind_sampler<5>(top, "grid_sampler_3d");
  top.function("affine_grid_generator", &ops::affine_grid, "The positions of a grid after an affine transformation.",
               "theta"_a, "size"_a, "align_corners"_a);
}

}  // namespace lamina::python

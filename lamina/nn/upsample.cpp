#include "lamina/nn/upsample.h"

namespace lamina::nn {

UpsampleImpl::UpsampleImpl(UpsampleOptions given) : options(std::move(given)) {
  // as in PyTorch, a factor of 0 is none
  if (options.scale_factor && options.scale_factor->single && options.scale_factor->values[0] == 0)
    options.scale_factor = std::nullopt;
}

Tensor UpsampleImpl::forward(const Tensor& input) {
  ops::InterpolateOptions o{.mode = options.mode,
                            .align_corners = options.align_corners,
                            .recompute_scale_factor = options.recompute_scale_factor};
  if (options.size) o.size = options.size->values;
  if (options.scale_factor) o.scale_factor = options.scale_factor->values;
  return ops::interpolate(input, o);
}

std::string UpsampleImpl::extra_repr() const {
  const std::string what =
      options.scale_factor
          ? str("scale_factor=", text(FieldType<UpsampleFactor>::to(*options.scale_factor)))
          : str("size=", options.size ? text(FieldType<UpsampleSize>::to(*options.size)) : std::string("None"));
  return str(what, ", mode='", options.mode, "'");
}

namespace {

constexpr const char* kSize = "size of the output: one number, or one for each dimension of space";
constexpr const char* kFactor = "how many times larger the output is: one number, or one for each dimension of space";

}  // namespace

const Declaration& UpsampleImpl::declared() {
  using L = UpsampleImpl;
  using O = UpsampleOptions;
  static const Declaration d = Declare<L, O>{
      .name = "Upsample",
      .formula = "y[o] = Σ weights · x around position o of the output, in the input's coordinates",
      .shape = "(N, C, L) → (N, C, L'), (N, C, H, W) → (N, C, H', W') or (N, C, D, H, W) → (N, C, D', H', W')",
      .source = "torch.nn.Upsample",
      .notes =
          "Position o is (o + ½)·in/out − ½, or o·(in − 1)/(out − 1) with align_corners; with a scale_factor, 1 / "
          "scale_factor stands for in/out unless recompute_scale_factor. One of size and scale_factor is needed.",
      .required = {},
      .options = {{"size", &O::size, kSize},
                  {"scale_factor", &O::scale_factor, kFactor},
                  {"mode", &O::mode,
                   "\"nearest\", \"nearest-exact\", \"linear\" (3-D input), \"bilinear\", \"bicubic\" (4-D), "
                   "\"trilinear\" (5-D) or \"area\""},
                  {"align_corners", &O::align_corners,
                   "the corners of both grids coincide: of the linear and cubic modes"},
                  {"recompute_scale_factor", &O::recompute_scale_factor,
                   "positions from the two sizes instead of scale_factor"}},
      .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

const Declaration& UpsamplingNearest2dImpl::declared() {
  using L = UpsamplingNearest2dImpl;
  using O = UpsampleOptions;
  static const Declaration d =
      Declare<L, O>{.name = "UpsamplingNearest2d",
                    .formula = "y[h, w] = x[⌊h·in/out⌋, ⌊w·in/out⌋]",
                    .shape = "(N, C, H, W) → (N, C, H', W')",
                    .source = "torch.nn.UpsamplingNearest2d",
                    .notes = "Upsample with mode=\"nearest\". One of size and scale_factor is needed.",
                    .required = {},
                    .options = {{"size", &O::size, kSize}, {"scale_factor", &O::scale_factor, kFactor}},
                    .construct = [](const Arguments&, const O& o) {
                      return new L({.size = o.size, .scale_factor = o.scale_factor});
                    }};
  return d;
}

const Declaration& UpsamplingBilinear2dImpl::declared() {
  using L = UpsamplingBilinear2dImpl;
  using O = UpsampleOptions;
  static const Declaration d = Declare<L, O>{
      .name = "UpsamplingBilinear2d",
      .formula = "y[h, w] = Σ weights · x around (h·(in − 1)/(out − 1), w·(in − 1)/(out − 1)), the four nearest places",
      .shape = "(N, C, H, W) → (N, C, H', W')",
      .source = "torch.nn.UpsamplingBilinear2d",
      .notes = "Upsample with mode=\"bilinear\" and align_corners. One of size and scale_factor is needed.",
      .required = {},
      .options = {{"size", &O::size, kSize}, {"scale_factor", &O::scale_factor, kFactor}},
      .construct = [](const Arguments&, const O& o) {
        return new L({.size = o.size, .scale_factor = o.scale_factor});
      }};
  return d;
}

}  // namespace lamina::nn

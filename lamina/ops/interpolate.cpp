#include "lamina/ops/interpolate.h"

#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/pad.h"
#include "lamina/kernels/resample.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/interpolate_tables.h"
#include "lamina/ops/pool_average.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

struct Mode {
  const char* name;
  Interpolation kind;
  int space;  // dimensions that it is for; 0: one to three
};
constexpr Mode kModes[] = {
    {"nearest", Interpolation::Nearest, 0},  {"nearest-exact", Interpolation::NearestExact, 0},
    {"linear", Interpolation::Linear, 1},    {"bilinear", Interpolation::Linear, 2},
    {"trilinear", Interpolation::Linear, 3}, {"bicubic", Interpolation::Cubic, 2},
    {"lanczos", Interpolation::Lanczos, 2},  {"area", Interpolation::Nearest, 0},
};

const Mode& mode_of(const Shape& input, const std::string& name) {
  for (const Mode& mode : kModes) {
    if (name != mode.name) continue;
    const int space = input.rank() - 2;
    if (space < 1 || space > 3 || (mode.space && mode.space != space))
      throw NotImplementedError(str("input ", input, " has ", input.rank(), " dimensions, mode='", name, "' takes ",
                                    mode.space ? str(mode.space + 2) : "3 to 5"),
                                "Batch and channels come first: (N, C, *space)");
    return mode;
  }
  throw NotImplementedError(str("mode='", name,
                                "' must be one of 'nearest', 'nearest-exact', 'linear', 'bilinear', 'bicubic', "
                                "'lanczos', 'trilinear', 'area'"));
}

// How many options there are for n dimensions: one for each, or one for all.
void check_count(const char* option, size_t count, const Shape& input) {
  if (const int n = input.rank() - 2; count != size_t(n) && count != 1)
    throw OptionError(str(option, " must be one number or ", n, ", one for each dimension of space of input ", input,
                          ", got ", int64_t(count)));
}

void check_options(const Shape& input, const Mode& mode, const InterpolateOptions& o) {
  const bool corners = mode.kind != Interpolation::Nearest && mode.kind != Interpolation::NearestExact;
  if (o.align_corners && !corners)
    throw OptionError(str("align_corners is for the linear and cubic modes, mode is '", mode.name, "'"));
  if (o.size && o.scale_factor) throw OptionError("size and scale_factor exclude one another");
  if (!o.size && !o.scale_factor) throw OptionError("one of size and scale_factor is needed");
  if (o.size && o.recompute_scale_factor.value_or(false))
    throw OptionError("recompute_scale_factor is for a scale_factor, size is given");
  if (o.antialias && (mode.space != 2 || input.rank() != 4))
    throw OptionError(
        str("antialias is for the modes 'bilinear', 'bicubic' and 'lanczos' of images, mode is '", mode.name, "'"));
  if (mode.kind == Interpolation::Lanczos && (!o.antialias || o.align_corners.value_or(false)))
    throw OptionError("mode='lanczos' needs antialias=True, and no align_corners");
}

}  // namespace

Shape interpolate_shape(const Shape& input, const InterpolateOptions& o) {
  const Mode& mode = mode_of(input, o.mode);
  check_options(input, mode, o);
  const int n = input.rank() - 2;
  for (int d = 1; d < input.rank(); ++d)
    if (input[d] == 0) throw ShapeError(str("input ", input, " may be empty in its batch only"));
  Shape shape = input;
  if (o.size) {
    check_count("size", size_t(o.size->rank()), input);
    const Shape size = window_sizes("size", *o.size, n, 1);
    for (int d = 0; d < n; ++d) shape[d - n] = size[d];
  } else {
    check_count("scale_factor", o.scale_factor->size(), input);
    for (int d = 0; d < n; ++d) {
      const double factor = (*o.scale_factor)[o.scale_factor->size() == 1 ? 0 : size_t(d)];
      const double size = std::floor(double(input[d - n]) * factor);
      if (!(size >= 1 && size <= std::numeric_limits<int32_t>::max()))
        throw OptionError(str("scale_factor=", factor, " gives input ", input, " the size ", size, " in dimension ",
                              d + 2, ": it must lie between 1 and 2147483647"));
      shape[d - n] = int64_t(size);
    }
  }
  checked_numel(shape, 8);  // before the tables, which are as long as the output
  return shape;
}

namespace {

// The tables of one interpolation, and those of its gradient.
struct Tables {
  int n;
  std::array<InterpolationTable, 3> forward, backward;
  Shape in, out;
  const char *node, *double_node;
};
using TablesPtr = std::shared_ptr<const Tables>;

template <class W>
kernels::ResampleAxis<W> axis_of(const InterpolationTable& t, const std::vector<W>& weight) {
  return {t.offset.data(), t.index.data(), weight.data(), t.copies};
}

// x along the tables; along those of the gradient the other way. Each is the other's gradient.
Tensor resampled(const Tensor& input, const TablesPtr& tables, bool back) {
  const auto& t = back ? tables->backward : tables->forward;
  const Tensor x = contiguous(input.detach());
  const Tensor y = empty(back ? tables->in : tables->out, x.dtype());
  dispatch_floating(x.dtype(), "interpolate", [&]<class T>() {
    using W = compute_t<T>;
    std::array<std::vector<W>, 3> weights;
    kernels::ResampleGeometry<W> g;
    g.planes = x.size(0) * x.size(1);
    for (int d = 0; d < 3; ++d) {
      const InterpolationTable& table = t[size_t(d)];
      weights[size_t(d)].assign(table.weight.begin(), table.weight.end());
      g.in[d] = table.in;
      g.out[d] = table.out;
      g.axis[d] = axis_of(table, weights[size_t(d)]);
    }
    kernels::resample(x.data<T>(), g, y.data<T>());
  });
  if (needs_grad(input))
    record(back ? tables->double_node : tables->node, y, {&input},
           [tables, back](const Backward& g) -> Tensors { return {resampled(g.dy(), tables, !back)}; });
  return y;
}

// Bytes in the nearest modes: a gather.
Tensor gathered(const Tensor& input, const Tables& tables) {
  const Tensor x = contiguous(input), y = empty(tables.out, kUInt8);
  kernels::PadGeometry g;
  g.planes = x.size(0) * x.size(1);
  for (int d = 0; d < 3; ++d) {
    g.in[d] = tables.forward[size_t(d)].in;
    g.out[d] = tables.forward[size_t(d)].out;
    g.source[d] = tables.forward[size_t(d)].index.data();
  }
  kernels::pad_gather(x.data<uint8_t>(), g, y.data<uint8_t>());
  return y;
}

Tensor of_bytes(const Tensor& input, const Shape& shape, const std::array<ByteTable, 2>& tables) {
  const Tensor x = contiguous(input), y = empty(shape, kUInt8);
  const InterpolationTable one = single_place();
  const std::vector<int16_t> unit = {1};
  kernels::ResampleGeometry<int16_t> g;
  g.planes = x.size(0) * x.size(1);
  to_three(x.shape().last(2), 1, g.in);
  to_three(shape.last(2), 1, g.out);
  g.axis[0] = axis_of(one, unit);
  for (size_t d = 0; d < 2; ++d) g.axis[d + 1] = axis_of(tables[d].table, tables[d].weight);
  kernels::resample_bytes(x.data<uint8_t>(), g, {tables[0].precision, tables[1].precision}, y.data<uint8_t>());
  return y;
}

const char* node_name(const std::string& mode, int n, bool antialias, bool twice) {
  struct Names { const char *mode, *once, *twice; };
  static constexpr Names nearest[] = {{"", "UpsampleNearest1DBackward0", "UpsampleNearest1DBackwardBackward0"},
                                      {"", "UpsampleNearest2DBackward0", "UpsampleNearest2DBackwardBackward0"},
                                      {"", "UpsampleNearest3DBackward0", "UpsampleNearest3DBackwardBackward0"}};
  static constexpr Names exact[] = {{"", "UpsampleNearestExact1DBackward0", "UpsampleNearestExact1DBackwardBackward0"},
                                    {"", "UpsampleNearestExact2DBackward0", "UpsampleNearestExact2DBackwardBackward0"},
                                    {"", "UpsampleNearestExact3DBackward0", "UpsampleNearestExact3DBackwardBackward0"}};
  static constexpr Names others[] = {
      {"linear", "UpsampleLinear1DBackward0", "UpsampleLinear1DBackwardBackward0"},
      {"bilinear", "UpsampleBilinear2DBackward0", "UpsampleBilinear2DBackwardBackward0"},
      {"trilinear", "UpsampleTrilinear3DBackward0", "UpsampleTrilinear3DBackwardBackward0"},
      {"bicubic", "UpsampleBicubic2DBackward0", "UpsampleBicubic2DBackwardBackward0"}};
  static constexpr Names smooth[] = {
      {"bilinear", "UpsampleBilinear2DAaBackward0", "UpsampleBilinear2DAaBackwardBackward0"},
      {"bicubic", "UpsampleBicubic2DAaBackward0", "UpsampleBicubic2DAaBackwardBackward0"},
      {"lanczos", "UpsampleLanczos2DAaBackward0", "UpsampleLanczos2DAaBackwardBackward0"}};
  const auto chosen = [&](const auto& names) {
    for (const Names& one : names)
      if (mode == one.mode) return twice ? one.twice : one.once;
    return "UpsampleBackward0";
  };
  if (mode == "nearest") return twice ? nearest[n - 1].twice : nearest[n - 1].once;
  if (mode == "nearest-exact") return twice ? exact[n - 1].twice : exact[n - 1].once;
  return antialias ? chosen(smooth) : chosen(others);
}

}  // namespace

Tensor interpolate(const Tensor& input, const InterpolateOptions& o) {
  const Shape& from = input.shape();
  const Shape shape = interpolate_shape(from, o);
  const Mode& mode = mode_of(from, o.mode);
  const int n = from.rank() - 2;
  if (o.mode == "area") {
    constexpr decltype(&adaptive_avg_pool1d) pools[] = {adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d};
    const Shape size = shape.last(n);
    return pools[n - 1](input, OutputSizes(size.begin(), size.end()));
  }
  const bool nearest = mode.kind == Interpolation::Nearest || mode.kind == Interpolation::NearestExact;
  const bool bytes = input.dtype() == kUInt8 && (nearest || mode.space == 2);
  if (!bytes && !input.is_floating_point()) throw_unsupported("interpolate", input.dtype());
  const bool corners = o.align_corners.value_or(false);
  const auto factor = [&](int d) -> std::optional<double> {
    if (!o.scale_factor || o.recompute_scale_factor.value_or(false)) return std::nullopt;
    return (*o.scale_factor)[o.scale_factor->size() == 1 ? 0 : size_t(d)];
  };
  if (bytes && !nearest) {
    std::array<ByteTable, 2> tables;
    for (int d = 0; d < 2; ++d)
      tables[size_t(d)] = byte_table(mode.kind, from[d + 2], shape[d + 2], corners, o.antialias, factor(d));
    return of_bytes(input, shape, tables);
  }
  auto tables = std::make_shared<Tables>();
  tables->n = n;
  tables->in = from;
  tables->out = shape;
  tables->node = node_name(o.mode, n, o.antialias, false);
  tables->double_node = node_name(o.mode, n, o.antialias, true);
  for (int d = 0; d < 3; ++d) {
    InterpolationTable& table = tables->forward[size_t(d)];
    const int at = d - (3 - n);  // among the dimensions of space
    table = at < 0 ? single_place()
                   : interpolation_table(mode.kind, from[at + 2], shape[at + 2], corners, o.antialias, factor(at));
    if (needs_grad(input)) tables->backward[size_t(d)] = table.turned();
  }
  return bytes ? gathered(input, *tables) : resampled(input, tables, false);
}

}  // namespace lamina::ops

// What each output index of an interpolation is made of, along one dimension.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace lamina::ops {

enum class Interpolation : uint8_t { Nearest, NearestExact, Linear, Cubic, Lanczos };

/// Output o is Σ weight[k]·x[index[k]], k from offset[o], …, below offset[o + 1].
struct InterpolationTable {
  int64_t in = 1, out = 1;
  std::vector<int64_t> offset{0}, index;
  std::vector<double> weight;
  bool copies = false;  // one input with weight 1 to each output

  void add(int64_t input, double w) {
    index.push_back(input);
    weight.push_back(w);
  }
  void end_output() { offset.push_back(int64_t(index.size())); }
  /// The table of the gradient: what each input index takes part in.
  InterpolationTable turned() const;
};

/// Of one place: the table of a dimension that is not interpolated.
InterpolationTable single_place();

/// in, out ≥ 1. `factor` is the scale_factor that was given, of which positions are computed instead of out / in.
/// With antialias, the window grows with the step between outputs when it is larger than 1. Positions are PyTorch's.
InterpolationTable interpolation_table(Interpolation mode, int64_t in, int64_t out, bool align_corners, bool antialias,
                                       std::optional<double> factor);

/// The table of an image of bytes, and its weights in fixed point.
struct ByteTable {
  InterpolationTable table;
  std::vector<int16_t> weight;  // fractions of 2^precision
  int precision = 0;
};
ByteTable byte_table(Interpolation mode, int64_t in, int64_t out, bool align_corners, bool antialias,
                     std::optional<double> factor);

}  // namespace lamina::ops

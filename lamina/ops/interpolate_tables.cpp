#include "lamina/ops/interpolate_tables.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lamina::ops {

namespace {

// The step between outputs, in inputs.
double step_of(int64_t in, int64_t out, bool align_corners, std::optional<double> factor) {
  if (align_corners) return out > 1 ? double(in - 1) / double(out - 1) : 0;
  return factor && *factor > 0 ? 1 / *factor : double(in) / double(out);
}

double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

double lanczos(double x) {
  constexpr double kWidth = 3;
  if (x == 0) return 1;
  if (std::abs(x) >= kWidth) return 0;
  const double t = std::numbers::pi * x;
  return std::sin(t) / t * (std::sin(t / kWidth) / (t / kWidth));
}

constexpr double kCubic = -0.75, kCubicAntialias = -0.5;

double filter(Interpolation mode, double x, bool antialias) {
  switch (mode) {
    case Interpolation::Cubic: return cubic(x, antialias ? kCubicAntialias : kCubic);
    case Interpolation::Lanczos: return lanczos(x);
    default: return std::max(0.0, 1 - std::abs(x));
  }
}

int width_of(Interpolation mode) { return mode == Interpolation::Lanczos ? 6 : mode == Interpolation::Cubic ? 4 : 2; }

// Windows around each output's centre, cut at the border, whose weights are made to sum to 1.
void add_windows(InterpolationTable& t, Interpolation mode, double step) {
  const bool wider = step >= 1;
  const double reach = width_of(mode) * 0.5 * (wider ? step : 1), narrow = wider ? 1 / step : 1;
  const int64_t most = int64_t(std::ceil(reach)) * 2 + 1;
  std::vector<double> weights;
  for (int64_t o = 0; o < t.out; ++o) {
    const double centre = step * (double(o) + 0.5);
    const int64_t from = std::max<int64_t>(int64_t(centre - reach + 0.5), 0);
    const int64_t to = std::min<int64_t>(int64_t(centre + reach + 0.5), t.in);
    const int64_t count = std::clamp<int64_t>(to - from, 0, most);
    weights.assign(size_t(count), 0);
    double total = 0;
    for (int64_t k = 0; k < count; ++k)
      total += weights[size_t(k)] = filter(mode, (double(k + from) - centre + 0.5) * narrow, true);
    for (int64_t k = 0; k < count; ++k) t.add(from + k, total != 0 ? weights[size_t(k)] / total : weights[size_t(k)]);
    t.end_output();
  }
}

// The same window for every output; what reaches over the border counts for the place at the border.
void add_narrow_windows(InterpolationTable& t, Interpolation mode, double step, double shift) {
  const int width = width_of(mode);
  for (int64_t o = 0; o < t.out; ++o) {
    const double centre = step * (double(o) + 0.5 - shift);
    const auto start = int64_t(std::floor(centre - width * 0.5 + 0.5 + shift));
    const int64_t from = std::clamp<int64_t>(start, 0, t.in - 1);
    const int64_t to = std::clamp<int64_t>(start + width - 1, 0, t.in - 1);
    std::vector<double> weights(size_t(to - from + 1));
    for (int64_t k = start; k < start + width; ++k)
      weights[size_t(std::clamp(k, from, to) - from)] += filter(mode, double(k) - centre + 0.5 - shift, false);
    for (int64_t k = from; k <= to; ++k) t.add(k, weights[size_t(k - from)]);
    t.end_output();
  }
}

void add_nearest(InterpolationTable& t, bool exact, std::optional<double> factor) {
  // in single precision for every dtype: which place is nearest must come out as in PyTorch
  const float step = factor && *factor > 0 ? float(1 / *factor) : float(t.in) / float(t.out);
  for (int64_t o = 0; o < t.out; ++o) {
    const float position = std::floor((float(o) + (exact ? 0.5f : 0.0f)) * step);
    t.add(std::min(int64_t(position), t.in - 1), 1);
    t.end_output();
  }
  t.copies = true;
}

void add_linear(InterpolationTable& t, double step, bool align_corners) {
  for (int64_t o = 0; o < t.out; ++o) {
    const double given = align_corners ? step * double(o) : std::max(0.0, step * (double(o) + 0.5) - 0.5);
    const double position = t.in == t.out ? double(o) : given;
    const int64_t at = std::min(int64_t(position), t.in - 1);
    const double second = std::clamp(position - double(at), 0.0, 1.0);
    t.add(at, 1 - second);
    t.add(std::min(at + 1, t.in - 1), second);
    t.end_output();
  }
}

void add_cubic(InterpolationTable& t, double step, bool align_corners) {
  for (int64_t o = 0; o < t.out; ++o) {
    const double position = align_corners ? step * double(o) : step * (double(o) + 0.5) - 0.5;
    const int64_t at = std::min(int64_t(std::floor(position)), t.in - 1);
    const double rest = std::clamp(position - double(at), 0.0, 1.0);
    for (int64_t k = -1; k <= 2; ++k) t.add(std::clamp<int64_t>(at + k, 0, t.in - 1), cubic(double(k) - rest, kCubic));
    t.end_output();
  }
}

}  // namespace

InterpolationTable InterpolationTable::turned() const {
  InterpolationTable t;
  t.in = out;
  t.out = in;
  t.copies = copies && in == 1 && out == 1;
  t.offset.assign(size_t(in) + 1, 0);
  for (const int64_t i : index) ++t.offset[size_t(i) + 1];
  for (int64_t i = 0; i < in; ++i) t.offset[size_t(i) + 1] += t.offset[size_t(i)];
  t.index.resize(index.size());
  t.weight.resize(weight.size());
  std::vector<int64_t> next(t.offset.begin(), t.offset.end() - 1);
  for (int64_t o = 0; o < out; ++o)
    for (int64_t k = offset[size_t(o)]; k < offset[size_t(o) + 1]; ++k) {
      const auto place = size_t(next[size_t(index[size_t(k)])]++);
      t.index[place] = o;
      t.weight[place] = weight[size_t(k)];
    }
  return t;
}

InterpolationTable single_place() {
  InterpolationTable t;
  t.add(0, 1);
  t.end_output();
  t.copies = true;
  return t;
}

InterpolationTable interpolation_table(Interpolation mode, int64_t in, int64_t out, bool align_corners, bool antialias,
                                       std::optional<double> factor) {
  InterpolationTable t;
  t.in = in;
  t.out = out;
  const double step = step_of(in, out, align_corners, factor);
  if (mode == Interpolation::Nearest || mode == Interpolation::NearestExact)
    add_nearest(t, mode == Interpolation::NearestExact, factor);
  else if (antialias) add_windows(t, mode, step);
  else if (mode == Interpolation::Linear) add_linear(t, step, align_corners);
  else add_cubic(t, step, align_corners);
  return t;
}

ByteTable byte_table(Interpolation mode, int64_t in, int64_t out, bool align_corners, bool antialias,
                     std::optional<double> factor) {
  ByteTable b;
  InterpolationTable& t = b.table;
  t.in = in;
  t.out = out;
  const double step = step_of(in, out, align_corners, factor);
  if (antialias) add_windows(t, mode, step);
  else add_narrow_windows(t, mode, step, align_corners ? 0.5 : 0);
  // the finest fixed point in which the largest weight fits 16 bits
  const double largest = t.weight.empty() ? 0 : *std::max_element(t.weight.begin(), t.weight.end());
  while (b.precision < 22 && int(0.5 + largest * (1 << (b.precision + 1))) < (1 << 15)) ++b.precision;
  for (const double w : t.weight) {
    const double scaled = w * (1 << b.precision);
    b.weight.push_back(int16_t(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
  }
  return b;
}

}  // namespace lamina::ops

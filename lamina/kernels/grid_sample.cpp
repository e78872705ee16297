#include "lamina/kernels/grid_sample.h"

#include <algorithm>
#include <cmath>

#include "lamina/core/threads.h"

namespace lamina::kernels {

namespace {

constexpr int kMostPlaces = 16;       // of the cubic mode
constexpr int64_t kChannelBlock = 8;  // of an image, to a piece of work

// A coordinate, and how fast it moves with the grid's number.
template <class T>
struct Place {
  T at, slope;
};

template <class T>
Place<T> unnormalised(T coordinate, int64_t size, bool align_corners) {
  if (std::isnan(coordinate)) coordinate = -1;
  if (align_corners) return {(coordinate + 1) / 2 * T(size - 1), T(size - 1) / 2};
  return {((coordinate + 1) * T(size) - 1) / 2, T(size) / 2};
}

template <class T>
Place<T> clipped(Place<T> p, int64_t size) {
  if (p.at <= 0) return {0, 0};
  if (p.at >= T(size - 1)) return {T(size - 1), 0};
  return p;
}

// Reflected at low / 2 and high / 2 until it lies between them.
template <class T>
Place<T> reflected(Place<T> p, int64_t low, int64_t high) {
  if (low == high) return {0, 0};
  const T least = T(low) / 2, span = T(high - low) / 2;
  T at = p.at - least, slope = p.slope;
  if (at < 0) at = -at, slope = -slope;
  const T rest = std::fmod(at, span);
  const bool even = std::fmod(std::floor(at / span), T(2)) == 0;
  return even ? Place<T>{rest + least, slope} : Place<T>{span - rest + least, -slope};
}

template <class T>
Place<T> padded(Place<T> p, int64_t size, const GridGeometry& g) {
  if (g.padding == SamplePadding::Zeros) return p;
  if (g.padding == SamplePadding::Reflection)
    p = g.align_corners ? reflected(p, 0, 2 * (size - 1)) : reflected(p, -1, 2 * size - 1);
  if (!std::isfinite(p.at)) p.at = p.at > 0 && g.padding == SamplePadding::Border ? T(size - 1) : T(0);
  return clipped(p, size);
}

// The places that an output is made of, inside the image: offsets into a plane, weights, and their derivatives for each of
// the grid's numbers.
template <class T>
struct Places {
  int count = 0;
  int64_t offset[kMostPlaces];
  T weight[kMostPlaces], slope[3][kMostPlaces];
};

// What a dimension contributes: up to four indices with weights and derivatives; index −1 lies outside.
struct AxisPlaces {
  int count;
  int64_t index[4];
  double weight[4], slope[4], curve[4];  // curve: the second derivative

  double derivative(int k, int times) const { return times == 0 ? weight[k] : times == 1 ? slope[k] : curve[k]; }
};

// An index inside the image, or −1. Whatever does not fit an index lies outside.
template <class T>
int64_t inside(T at, int64_t size) {
  return at >= 0 && at < T(size) ? int64_t(at) : -1;
}

AxisPlaces linear_axis(double coordinate, int64_t size, const GridGeometry& g) {
  const Place<double> p = padded(unnormalised(coordinate, size, g.align_corners), size, g);
  const double low = std::floor(p.at), rest = p.at - low;
  return {2, {inside(low, size), inside(low + 1, size)}, {1 - rest, rest}, {-p.slope, p.slope}, {}};
}

// In the grid's own precision: which place is nearest must come out as in PyTorch.
template <class T>
AxisPlaces nearest_axis(T coordinate, int64_t size, const GridGeometry& g) {
  const Place<T> p = padded(unnormalised(coordinate, size, g.align_corners), size, g);
  return {1, {inside(T(std::nearbyint(p.at)), size)}, {1}, {}, {}};
}

// The neighbours, not the position itself, are padded.
AxisPlaces cubic_axis(double coordinate, int64_t size, const GridGeometry& g) {
  constexpr double a = -0.75;
  const Place<double> p = unnormalised(coordinate, size, g.align_corners);
  const double low = std::floor(p.at), t = p.at - low;
  const auto near = [](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [](double x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  const auto near_slope = [](double x) { return (3 * (a + 2) * x - 2 * (a + 3)) * x; };
  const auto far_slope = [](double x) { return (3 * a * x - 10 * a) * x + 8 * a; };
  const auto near_curve = [](double x) { return 6 * (a + 2) * x - 2 * (a + 3); };
  const auto far_curve = [](double x) { return 6 * a * x - 10 * a; };
  const double m = p.slope;
  AxisPlaces r{4,
               {},
               {far(t + 1), near(t), near(1 - t), far(2 - t)},
               {far_slope(t + 1) * m, near_slope(t) * m, -near_slope(1 - t) * m, -far_slope(2 - t) * m},
               {far_curve(t + 1) * m * m, near_curve(t) * m * m, near_curve(1 - t) * m * m, far_curve(2 - t) * m * m}};
  for (int k = 0; k < 4; ++k) r.index[k] = inside(padded(Place<double>{low + k - 1, 0}, size, g).at, size);
  return r;
}

// Second derivatives of the weights for two of the grid's numbers each.
template <class T>
struct Curves {
  T of[3][3][kMostPlaces];
};

// The first of grid's numbers is that of the last dimension.
template <class T>
void find_places(const T* position, const GridGeometry& g, Places<T>& places, Curves<T>* curves = nullptr) {
  AxisPlaces axis[3];
  for (int d = 0; d < 3; ++d) {
    const int i = 2 - d;  // which of the position's numbers
    if (i >= g.dims) axis[d] = {1, {0}, {1}, {}, {}};
    else if (g.mode == SampleMode::Linear) axis[d] = linear_axis(position[i], g.in[d], g);
    else if (g.mode == SampleMode::Nearest) axis[d] = nearest_axis(position[i], g.in[d], g);
    else axis[d] = cubic_axis(position[i], g.in[d], g);
  }
  places.count = 0;
  for (int a = 0; a < axis[0].count; ++a)
    for (int b = 0; b < axis[1].count; ++b)
      for (int c = 0; c < axis[2].count; ++c) {
        if (axis[0].index[a] < 0 || axis[1].index[b] < 0 || axis[2].index[c] < 0) continue;
        const int k = places.count++;
        places.offset[k] = (axis[0].index[a] * g.in[1] + axis[1].index[b]) * g.in[2] + axis[2].index[c];
        const double wa = axis[0].weight[a], wb = axis[1].weight[b], wc = axis[2].weight[c];
        places.weight[k] = T(wa * wb * wc);
        places.slope[0][k] = T(wa * wb * axis[2].slope[c]);
        places.slope[1][k] = T(wa * axis[1].slope[b] * wc);
        places.slope[2][k] = T(axis[0].slope[a] * wb * wc);
        for (int i = 0; curves && i < g.dims; ++i)
          for (int j = 0; j < g.dims; ++j)
            curves->of[i][j][k] =
                T(axis[2].derivative(c, (i == 0) + (j == 0)) * axis[1].derivative(b, (i == 1) + (j == 1)) *
                  axis[0].derivative(a, (i == 2) + (j == 2)));
      }
}

int64_t work_of_place(const GridGeometry& g) { return 40 + 8 * g.channels; }

}  // namespace

template <class T>
void grid_sample(const T* x, const T* grid, const GridGeometry& g, T* y) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.batch * out, grain_for(work_of_place(g)), [&](int64_t from, int64_t to) {
    Places<T> places;
    for (int64_t p = from; p < to; ++p) {
      const int64_t image = p / out, o = p % out;
      find_places(grid + p * g.dims, g, places);
      for (int64_t c = image * g.channels; c < (image + 1) * g.channels; ++c) {
        T sum = 0;
        for (int k = 0; k < places.count; ++k) sum += places.weight[k] * x[c * in + places.offset[k]];
        y[c * out + o] = sum;
      }
    }
  });
}

template <class T>
void grid_sample_input_gradient(const T* dy, const T* grid, const GridGeometry& g, T* dx) {
  const int64_t in = g.in_space(), out = g.out_space();
  const int64_t blocks = (g.channels + kChannelBlock - 1) / kChannelBlock;
  parallel_for(g.batch * blocks, grain_for(in * kChannelBlock + out * work_of_place(g)), [&](int64_t from, int64_t to) {
    Places<T> places;
    for (int64_t item = from; item < to; ++item) {
      const int64_t image = item / blocks, first = item % blocks * kChannelBlock;
      const int64_t last = std::min(first + kChannelBlock, g.channels);
      const int64_t plane = image * g.channels;
      std::fill_n(dx + (plane + first) * in, (last - first) * in, T(0));
      for (int64_t o = 0; o < out; ++o) {
        find_places(grid + (image * out + o) * g.dims, g, places);
        for (int64_t c = plane + first; c < plane + last; ++c)
          for (int k = 0; k < places.count; ++k) dx[c * in + places.offset[k]] += places.weight[k] * dy[c * out + o];
      }
    }
  });
}

template <class T>
void grid_sample_grid_gradient(const T* dy, const T* x, const T* grid, const GridGeometry& g, T* dgrid) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.batch * out, grain_for(work_of_place(g)), [&](int64_t from, int64_t to) {
    Places<T> places;
    for (int64_t p = from; p < to; ++p) {
      const int64_t image = p / out, o = p % out;
      find_places(grid + p * g.dims, g, places);
      T sums[3] = {};
      for (int64_t c = image * g.channels; c < (image + 1) * g.channels; ++c)
        for (int k = 0; k < places.count; ++k) {
          const T value = x[c * in + places.offset[k]] * dy[c * out + o];
          for (int i = 0; i < g.dims; ++i) sums[i] += places.slope[i][k] * value;
        }
      std::copy_n(sums, g.dims, dgrid + p * g.dims);
    }
  });
}

namespace {

// What the second gradient gives for one channel at one place of the output: of dy, and added to that of the grid.
template <class T>
T second_at(const T* vx, const T* vgrid, const T* x, T dy, int dims, const Places<T>& places, const Curves<T>& curves,
            T* dgrid) {
  T sum = 0;
  for (int k = 0; k < places.count; ++k) {
    const int64_t at = places.offset[k];
    const T v = vx ? vx[at] : T(0);
    sum += places.weight[k] * v;
    for (int j = 0; j < dims; ++j) {
      T turned = places.slope[j][k] * v;
      for (int i = 0; vgrid && i < dims; ++i) turned += vgrid[i] * curves.of[i][j][k] * x[at];
      if (vgrid) sum += vgrid[j] * places.slope[j][k] * x[at];
      dgrid[j] += dy * turned;
    }
  }
  return sum;
}

}  // namespace

template <class T>
void grid_sample_second_gradient(const T* vx, const T* vgrid, const T* dy, const T* x, const T* grid,
                                 const GridGeometry& g, T* ddy, T* ddx, T* dgrid) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.batch * out, grain_for(4 * work_of_place(g)), [&](int64_t from, int64_t to) {
    Places<T> places;
    Curves<T> curves;
    for (int64_t p = from; p < to; ++p) {
      const int64_t image = p / out, o = p % out;
      find_places(grid + p * g.dims, g, places, &curves);
      T sums[3] = {};
      for (int64_t c = image * g.channels; c < (image + 1) * g.channels; ++c)
        ddy[c * out + o] = second_at(vx ? vx + c * in : nullptr, vgrid ? vgrid + p * g.dims : nullptr, x + c * in,
                                     dy[c * out + o], g.dims, places, curves, sums);
      std::copy_n(sums, g.dims, dgrid + p * g.dims);
    }
  });
  if (!vgrid) return;
  parallel_for(g.batch * g.channels, grain_for(in + out * 80), [&](int64_t from, int64_t to) {
    Places<T> places;
    for (int64_t plane = from; plane < to; ++plane) {
      std::fill_n(ddx + plane * in, in, T(0));
      for (int64_t o = 0; o < out; ++o) {
        const int64_t p = plane / g.channels * out + o;
        find_places(grid + p * g.dims, g, places);
        for (int k = 0; k < places.count; ++k) {
          T moved = 0;
          for (int i = 0; i < g.dims; ++i) moved += vgrid[p * g.dims + i] * places.slope[i][k];
          ddx[plane * in + places.offset[k]] += moved * dy[plane * out + o];
        }
      }
    }
  });
}

template void grid_sample(const float*, const float*, const GridGeometry&, float*);
template void grid_sample(const double*, const double*, const GridGeometry&, double*);
template void grid_sample_input_gradient(const float*, const float*, const GridGeometry&, float*);
template void grid_sample_input_gradient(const double*, const double*, const GridGeometry&, double*);
template void grid_sample_grid_gradient(const float*, const float*, const float*, const GridGeometry&, float*);
template void grid_sample_grid_gradient(const double*, const double*, const double*, const GridGeometry&, double*);
template void grid_sample_second_gradient(const float*, const float*, const float*, const float*, const float*,
                                          const GridGeometry&, float*, float*, float*);
template void grid_sample_second_gradient(const double*, const double*, const double*, const double*, const double*,
                                          const GridGeometry&, double*, double*, double*);

}  // namespace lamina::kernels

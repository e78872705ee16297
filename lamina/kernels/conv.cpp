#include "lamina/kernels/conv.h"

#include <algorithm>

#include "lamina/core/allocator.h"
#include "lamina/core/threads.h"
#include "lamina/kernels/conv_depthwise.h"
#include "lamina/kernels/gemm.h"

// Each product unfolds a tile of output positions into columns (rows: channel and tap) and multiplies matrices. A tile's
// columns stay in the cache; a pointwise convolution reads them where they are. Winograd and blocked layouts, when they
// come, are one more branch at the three functions at the end.
namespace lamina::kernels {

bool ConvGeometry::is_pointwise() const {
  for (int d = 0; d < 3; ++d)
    if (kernel[d] != 1 || stride[d] != 1 || padding[d] != 0 || in[d] != out[d]) return false;
  return true;
}

namespace {

template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t n) : n_(n), data_(static_cast<T*>(allocate(size_t(n) * sizeof(T)))) {}
  ~Scratch() { deallocate(data_, size_t(n_) * sizeof(T)); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* get() const { return data_; }

 private:
  int64_t n_;
  T* data_;
};

constexpr int64_t kTileElements = 128 * 1024;  // of a tile's unfolded columns: half a megabyte of floats
constexpr int64_t kTileMinimum = 192;          // columns, below which packing the weights would cost too much
constexpr int64_t kTasks = 16;                 // pieces of work to aim at, for any number of threads up to that

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Output positions to a tile, all tiles about equal.
int64_t tile_size(int64_t rows, int64_t space) {
  const int64_t most = std::max(kTileElements / std::max<int64_t>(rows, 1), kTileMinimum);
  return ceil_div(space, ceil_div(space, most));
}

// Part of one row of the unfolded input: from `column` on, `before` positions lie left of x, `count` are x[source],
// x[source + stride], …, and `after` lie right of x.
struct Run { int64_t row, column, before, count, after, source; };

// f(run) for all rows of channels [0, channels) and output positions [from, to), which are columns [0, to − from).
template <class F>
void each_run(const ConvGeometry& g, int64_t channels, int64_t from, int64_t to, F&& f) {
  const int64_t step = g.stride[2], width = g.out[2];
  int64_t row = 0;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t kd = 0; kd < g.kernel[0]; ++kd)
      for (int64_t kh = 0; kh < g.kernel[1]; ++kh)
        for (int64_t kw = 0; kw < g.kernel[2]; ++kw, ++row) {
          const int64_t shift = kw * g.dilation[2] - g.padding[2];
          const int64_t first = shift < 0 ? ceil_div(-shift, step) : 0;
          const int64_t last = g.in[2] > shift ? ceil_div(g.in[2] - shift, step) : 0;
          int64_t line = from / width, w = from % width;  // a line is one (d, h) of the output
          for (int64_t p = from; p < to; ++line, w = 0) {
            const int64_t n = std::min(width - w, to - p);
            const int64_t d = line / g.out[1] * g.stride[0] - g.padding[0] + kd * g.dilation[0];
            const int64_t h = line % g.out[1] * g.stride[1] - g.padding[1] + kh * g.dilation[1];
            if (d < 0 || d >= g.in[0] || h < 0 || h >= g.in[1]) {
              f(Run{row, p - from, n, 0, 0, 0});
            } else {
              const int64_t a = std::clamp(first, w, w + n), b = std::clamp(last, a, w + n);
              f(Run{row, p - from, a - w, b - a, w + n - b,
                    ((c * g.in[0] + d) * g.in[1] + h) * g.in[2] + a * step + shift});
            }
            p += n;
          }
        }
}

// columns (channels · taps, to − from) of x (channels, in)
template <class T>
void unfold(const T* x, const ConvGeometry& g, int64_t channels, int64_t from, int64_t to, T* columns) {
  const int64_t step = g.stride[2];
  each_run(g, channels, from, to, [&](const Run& run) {
    const T* in = x + run.source;
    T* out = std::fill_n(columns + run.row * (to - from) + run.column, run.before, T(0));
    if (step == 1) std::copy_n(in, run.count, out);
    for (int64_t i = 0; step != 1 && i < run.count; ++i) out[i] = in[i * step];
    std::fill_n(out + run.count, run.after, T(0));
  });
}

// dx (channels, in) += what unfold would have read for each of columns (channels · taps, to − from)
template <class T>
void fold_add(const T* columns, const ConvGeometry& g, int64_t channels, int64_t from, int64_t to, T* dx) {
  each_run(g, channels, from, to, [&, step = g.stride[2]](const Run& run) {
    const T* in = columns + run.row * (to - from) + run.column + run.before;
    T* out = dx + run.source;
    if (step == 1) {
      for (int64_t i = 0; i < run.count; ++i) out[i] += in[i];
    } else {
      for (int64_t i = 0; i < run.count; ++i) out[i * step] += in[i];
    }
  });
}

// Blocks of input channels, when images and groups alone are too few tasks.
int64_t channel_blocks(const ConvGeometry& g, int64_t tasks) {
  return std::clamp<int64_t>(ceil_div(kTasks, std::max<int64_t>(tasks, 1)), 1, std::max<int64_t>(g.in_channels, 1));
}

template <class T>
void forward(const T* x, const T* w, const T* bias, const ConvGeometry& g, T* y) {
  const int64_t in = g.in_space(), out = g.out_space(), rows = g.in_channels * g.taps();
  const int64_t tile = tile_size(rows, out), tiles = ceil_div(out, tile);
  const bool pointwise = g.is_pointwise();
  if (rows == 0) {  // no input channels
    for (int64_t o = 0; o < g.batch * g.groups * g.out_channels; ++o)
      std::fill_n(y + o * out, out, bias ? bias[o % (g.groups * g.out_channels)] : T(0));
    return;
  }
  const int64_t grain = grain_for(g.out_channels * rows * tile / 16);
  parallel_for(g.batch * g.groups * tiles, grain, [&](int64_t first, int64_t last) {
    const Scratch<T> columns(pointwise ? 1 : rows * tile);
    for (int64_t item = first; item < last; ++item) {
      const int64_t image = item / tiles, group = image % g.groups;
      const int64_t from = item % tiles * tile, to = std::min(out, from + tile), n = to - from;
      const T* xg = x + image * g.in_channels * in;
      T* yg = y + image * g.out_channels * out + from;
      if (!pointwise) unfold(xg, g, g.in_channels, from, to, columns.get());
      if (bias)
        for (int64_t o = 0; o < g.out_channels; ++o) std::fill_n(yg + o * out, n, bias[group * g.out_channels + o]);
      gemm(false, false, g.out_channels, n, rows, T(1), w + group * g.out_channels * rows, rows,
           pointwise ? xg + from : columns.get(), pointwise ? in : n, T(bias ? 1 : 0), yg, out);
    }
  });
}

template <class T>
void input_gradient(const T* dy, const T* w, const T* bias, const ConvGeometry& g, T* dx) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps(), rows = g.in_channels * taps;
  const int64_t blocks = channel_blocks(g, g.batch * g.groups), block = ceil_div(g.in_channels, blocks);
  const int64_t tile = tile_size(block * taps, out);
  const bool pointwise = g.is_pointwise();
  const int64_t grain = grain_for(g.out_channels * block * taps * out / 16);
  parallel_for(g.batch * g.groups * blocks, grain, [&](int64_t first, int64_t last) {
    const Scratch<T> columns(pointwise ? 1 : block * taps * tile);
    for (int64_t item = first; item < last; ++item) {
      const int64_t image = item / blocks, group = image % g.groups;
      const int64_t c = item % blocks * block, channels = std::min(block, g.in_channels - c);
      if (channels <= 0) continue;
      T* dxb = dx + (image * g.in_channels + c) * in;
      const T* dyg = dy + image * g.out_channels * out;
      const T* wb = w + group * g.out_channels * rows + c * taps;  // columns [c·taps, (c + channels)·taps) of (O, rows)
      for (int64_t i = 0; i < channels; ++i)
        std::fill_n(dxb + i * in, in, bias ? bias[group * g.in_channels + c + i] : T(0));
      if (pointwise) {
        gemm(true, false, channels, out, g.out_channels, T(1), wb, rows, dyg, out, T(bias ? 1 : 0), dxb, in);
        continue;
      }
      for (int64_t from = 0; from < out; from += tile) {
        const int64_t n = std::min(tile, out - from);
        gemm(true, false, channels * taps, n, g.out_channels, T(1), wb, rows, dyg + from, out, T(0), columns.get(), n);
        fold_add(columns.get(), g, channels, from, from + n, dxb);
      }
    }
  });
}

template <class T>
void weight_gradient(const T* x, const T* dy, const ConvGeometry& g, T* dw) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps(), rows = g.in_channels * taps;
  const int64_t size = g.groups * g.out_channels * rows;
  // Blocks of channels share no sums, so they cost nothing; only small weights are summed in several pieces of images.
  const int64_t blocks = std::min(channel_blocks(g, g.groups), std::max<int64_t>(1, rows / 64));
  const int64_t block = ceil_div(g.in_channels, blocks);
  const int64_t images = std::max<int64_t>(1, g.batch * blocks * g.groups / kTasks);  // to a piece
  const int64_t pieces = ceil_div(g.batch, images);
  if (pieces != 1) std::fill_n(dw, size, T(0));
  if (pieces == 0) return;
  const int64_t tile = tile_size(block * taps, out);
  const bool pointwise = g.is_pointwise();
  const Scratch<T> parts(pieces > 1 ? pieces * size : 1);
  const int64_t grain = grain_for(g.out_channels * block * taps * out / 16 * images);
  parallel_for(pieces * g.groups * blocks, grain, [&](int64_t first, int64_t last) {
    const Scratch<T> columns(pointwise ? 1 : block * taps * tile);
    for (int64_t item = first; item < last; ++item) {
      const int64_t c = item % blocks * block, channels = std::min(block, g.in_channels - c);
      const int64_t group = item / blocks % g.groups, piece = item / blocks / g.groups;
      if (channels <= 0) continue;
      T* part = (pieces > 1 ? parts.get() + piece * size : dw) + group * g.out_channels * rows + c * taps;
      T beta = 0;
      for (int64_t image = piece * images; image < std::min(g.batch, (piece + 1) * images); ++image) {
        const T* xb = x + ((image * g.groups + group) * g.in_channels + c) * in;
        const T* dyg = dy + (image * g.groups + group) * g.out_channels * out;
        for (int64_t from = 0; from < out; from += tile, beta = 1) {
          const int64_t n = std::min(tile, out - from);
          if (!pointwise) unfold(xb, g, channels, from, from + n, columns.get());
          gemm(false, true, g.out_channels, channels * taps, n, T(1), dyg + from, out,
               pointwise ? xb + from : columns.get(), pointwise ? in : n, beta, part, rows);
        }
      }
    }
  });
  if (pieces > 1)
    parallel_for(size, 16384, [&](int64_t from, int64_t to) {
      for (int64_t piece = 0; piece < pieces; ++piece)
        for (int64_t i = from; i < to; ++i) dw[i] += parts.get()[piece * size + i];
    });
}

}  // namespace

template <class T>
void conv_forward(const T* x, const T* w, const T* bias, const ConvGeometry& g, T* y) {
  g.is_depthwise() ? depthwise_forward(x, w, bias, g, y) : forward(x, w, bias, g, y);
}

template <class T>
void conv_input_gradient(const T* dy, const T* w, const T* bias, const ConvGeometry& g, T* dx) {
  g.is_depthwise() ? depthwise_input_gradient(dy, w, bias, g, dx) : input_gradient(dy, w, bias, g, dx);
}

template <class T>
void conv_weight_gradient(const T* x, const T* dy, const ConvGeometry& g, T* dw) {
  g.is_depthwise() ? depthwise_weight_gradient(x, dy, g, dw) : weight_gradient(x, dy, g, dw);
}

template void conv_forward(const float*, const float*, const float*, const ConvGeometry&, float*);
template void conv_forward(const double*, const double*, const double*, const ConvGeometry&, double*);
template void conv_input_gradient(const float*, const float*, const float*, const ConvGeometry&, float*);
template void conv_input_gradient(const double*, const double*, const double*, const ConvGeometry&, double*);
template void conv_weight_gradient(const float*, const float*, const ConvGeometry&, float*);
template void conv_weight_gradient(const double*, const double*, const ConvGeometry&, double*);

}  // namespace lamina::kernels

#include "lamina/kernels/conv_depthwise.h"

#include <algorithm>

#include "lamina/core/allocator.h"
#include "lamina/core/threads.h"

namespace lamina::kernels {

namespace {

// For one plane x (in) and one plane y (out): f(tap, y's offset, x's offset, count) for every run of positions of an output
// row that a tap reads from inside x; x advances by stride[2].
template <class F>
void each_row(const ConvGeometry& g, F&& f) {
  const int64_t step = g.stride[2];
  for (int64_t od = 0; od < g.out[0]; ++od)
    for (int64_t oh = 0; oh < g.out[1]; ++oh)
      for (int64_t kd = 0; kd < g.kernel[0]; ++kd) {
        const int64_t d = od * g.stride[0] - g.padding[0] + kd * g.dilation[0];
        if (d < 0 || d >= g.in[0]) continue;
        for (int64_t kh = 0; kh < g.kernel[1]; ++kh) {
          const int64_t h = oh * g.stride[1] - g.padding[1] + kh * g.dilation[1];
          if (h < 0 || h >= g.in[1]) continue;
          for (int64_t kw = 0; kw < g.kernel[2]; ++kw) {
            const int64_t shift = kw * g.dilation[2] - g.padding[2];
            const int64_t first = shift < 0 ? (-shift + step - 1) / step : 0;
            const int64_t last = g.in[2] > shift ? std::min((g.in[2] - shift + step - 1) / step, g.out[2]) : 0;
            if (first >= last) continue;
            f((kd * g.kernel[1] + kh) * g.kernel[2] + kw, (od * g.out[1] + oh) * g.out[2] + first,
              (d * g.in[1] + h) * g.in[2] + first * step + shift, last - first);
          }
        }
      }
}

// out[i·out_step] += v·in[i·in_step]
template <class T>
void add_scaled(T* out, int64_t out_step, T v, const T* in, int64_t in_step, int64_t n) {
  if (out_step == 1 && in_step == 1) {
    for (int64_t i = 0; i < n; ++i) out[i] += v * in[i];
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * out_step] += v * in[i * in_step];
  }
}

// Σ a[i]·b[i·step] in 16 sums, which the compiler keeps in vectors; the order depends on n only
template <class T>
T dot(const T* a, const T* b, int64_t n, int64_t step) {
  constexpr int kLanes = 16;
  T sums[kLanes] = {};
  int64_t i = 0;
  if (step == 1)
    for (; i + kLanes <= n; i += kLanes)
      for (int k = 0; k < kLanes; ++k) sums[k] += a[i + k] * b[i + k];
  T rest = 0;
  for (; i < n; ++i) rest += a[i] * b[i * step];
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int k = 0; k < width; ++k) sums[k] += sums[k + width];
  return sums[0] + rest;
}

// Planes to a piece, when each is taken `times` over.
int64_t plane_grain(const ConvGeometry& g, int64_t times) {
  return grain_for(g.out_space() * g.taps() * times / 4 + 1);
}

}  // namespace

template <class T>
void depthwise_forward(const T* x, const T* w, const T* bias, const ConvGeometry& g, T* y) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps(), channels = g.groups * g.out_channels;
  parallel_for(g.batch * channels, plane_grain(g, 1), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      const T* xp = x + plane / g.out_channels * in;
      const T* wp = w + plane % channels * taps;
      T* yp = y + plane * out;
      std::fill_n(yp, out, bias ? bias[plane % channels] : T(0));
      each_row(g, [&](int64_t tap, int64_t to, int64_t from, int64_t n) {
        add_scaled(yp + to, 1, wp[tap], xp + from, g.stride[2], n);
      });
    }
  });
}

template <class T>
void depthwise_input_gradient(const T* dy, const T* w, const T* bias, const ConvGeometry& g, T* dx) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps();
  parallel_for(g.batch * g.groups, plane_grain(g, g.out_channels), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      T* dxp = dx + plane * in;
      std::fill_n(dxp, in, bias ? bias[plane % g.groups] : T(0));
      for (int64_t o = 0; o < g.out_channels; ++o) {
        const T* dyp = dy + (plane * g.out_channels + o) * out;
        const T* wp = w + (plane % g.groups * g.out_channels + o) * taps;
        each_row(g, [&](int64_t tap, int64_t from, int64_t to, int64_t n) {
          add_scaled(dxp + to, g.stride[2], wp[tap], dyp + from, 1, n);
        });
      }
    }
  });
}

template <class T>
void depthwise_weight_gradient(const T* x, const T* dy, const ConvGeometry& g, T* dw) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps(), channels = g.groups * g.out_channels;
  // An image's share of one channel is summed by itself, then the images in blocks of 8, then the blocks in order.
  constexpr int64_t kImages = 8;
  const int64_t pieces = (g.batch + kImages - 1) / kImages, size = channels * taps;
  PooledVector<T> parts(size_t(pieces * size), T(0));
  parallel_for(pieces * channels, plane_grain(g, kImages), [&](int64_t first, int64_t last) {
    for (int64_t item = first; item < last; ++item) {
      const int64_t piece = item / channels, channel = item % channels;
      T* part = parts.data() + piece * size + channel * taps;
      for (int64_t image = piece * kImages; image < std::min(g.batch, (piece + 1) * kImages); ++image) {
        const T* xp = x + (image * g.groups + channel / g.out_channels) * in;
        const T* dyp = dy + (image * channels + channel) * out;
        each_row(g, [&](int64_t tap, int64_t a, int64_t b, int64_t n) {
          part[tap] += dot(dyp + a, xp + b, n, g.stride[2]);
        });
      }
    }
  });
  std::fill_n(dw, size, T(0));
  for (int64_t piece = 0; piece < pieces; ++piece)
    for (int64_t i = 0; i < size; ++i) dw[i] += parts[size_t(piece * size + i)];
}

template void depthwise_forward(const float*, const float*, const float*, const ConvGeometry&, float*);
template void depthwise_forward(const double*, const double*, const double*, const ConvGeometry&, double*);
template void depthwise_input_gradient(const float*, const float*, const float*, const ConvGeometry&, float*);
template void depthwise_input_gradient(const double*, const double*, const double*, const ConvGeometry&, double*);
template void depthwise_weight_gradient(const float*, const float*, const ConvGeometry&, float*);
template void depthwise_weight_gradient(const double*, const double*, const ConvGeometry&, double*);

}  // namespace lamina::kernels

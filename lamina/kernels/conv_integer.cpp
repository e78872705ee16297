#include "lamina/kernels/conv_integer.h"

#include <algorithm>

#include "lamina/core/threads.h"

namespace lamina::kernels {

namespace {

int64_t multiply_add(int64_t sum, int64_t a, int64_t b) { return int64_t(uint64_t(sum) + uint64_t(a) * uint64_t(b)); }

// f(tap, input position, output position) for every pair that one plane of the input and one of the output share.
template <class F>
void each_pair(const ConvGeometry& g, F f) {
  int64_t tap = 0;
  for (int64_t kd = 0; kd < g.kernel[0]; ++kd)
    for (int64_t kh = 0; kh < g.kernel[1]; ++kh)
      for (int64_t kw = 0; kw < g.kernel[2]; ++kw, ++tap)
        for (int64_t od = 0; od < g.out[0]; ++od)
          for (int64_t oh = 0; oh < g.out[1]; ++oh) {
            const int64_t d = od * g.stride[0] - g.padding[0] + kd * g.dilation[0];
            const int64_t h = oh * g.stride[1] - g.padding[1] + kh * g.dilation[1];
            if (d < 0 || d >= g.in[0] || h < 0 || h >= g.in[1]) continue;
            for (int64_t ow = 0; ow < g.out[2]; ++ow) {
              const int64_t w = ow * g.stride[2] - g.padding[2] + kw * g.dilation[2];
              if (w >= 0 && w < g.in[2]) f(tap, (d * g.in[1] + h) * g.in[2] + w, (od * g.out[1] + oh) * g.out[2] + ow);
            }
          }
}

}  // namespace

void conv_integer(const int64_t* x, const int64_t* w, const int64_t* bias, const ConvGeometry& g, int64_t* y) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps(), channels = g.groups * g.out_channels;
  parallel_for(g.batch * channels, grain_for(g.in_channels * taps * out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane) {
      const int64_t o = plane % channels, group = o / g.out_channels;  // o counts through all groups
      int64_t* result = y + plane * out;
      std::fill_n(result, out, bias ? bias[o] : 0);
      for (int64_t c = 0; c < g.in_channels; ++c) {
        const int64_t* source = x + ((plane / channels * g.groups + group) * g.in_channels + c) * in;
        const int64_t* weights = w + (o * g.in_channels + c) * taps;
        each_pair(g,
                  [&](int64_t t, int64_t i, int64_t p) { result[p] = multiply_add(result[p], weights[t], source[i]); });
      }
    }
  });
}

void conv_integer_transposed(const int64_t* dy, const int64_t* w, const int64_t* bias, const ConvGeometry& g,
                             int64_t* dx) {
  const int64_t in = g.in_space(), out = g.out_space(), taps = g.taps(), channels = g.groups * g.in_channels;
  parallel_for(g.batch * channels, grain_for(g.out_channels * taps * out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane) {
      const int64_t c = plane % channels, group = c / g.in_channels;
      int64_t* result = dx + plane * in;
      std::fill_n(result, in, bias ? bias[c] : 0);
      for (int64_t o = 0; o < g.out_channels; ++o) {
        const int64_t channel = group * g.out_channels + o;
        const int64_t* source = dy + (plane / channels * g.groups * g.out_channels + channel) * out;
        const int64_t* weights = w + (channel * g.in_channels + c % g.in_channels) * taps;
        each_pair(g,
                  [&](int64_t t, int64_t i, int64_t p) { result[i] = multiply_add(result[i], weights[t], source[p]); });
      }
    }
  });
}

}  // namespace lamina::kernels

// The formulas of kernels/conv.h as they stand: one loop for every index, no threads, no vectors.
#pragma once
#include <algorithm>

#include "lamina/kernels/conv.h"

namespace lamina::reference {

/// f(n, group, o, c, tap, output position, input position) for every term of the sums.
template <class F>
void each_term(const kernels::ConvGeometry& g, F&& f) {
  for (int64_t n = 0; n < g.batch; ++n)
    for (int64_t group = 0; group < g.groups; ++group)
      for (int64_t o = 0; o < g.out_channels; ++o)
        for (int64_t c = 0; c < g.in_channels; ++c)
          for (int64_t p = 0; p < g.out_space(); ++p)
            for (int64_t t = 0; t < g.taps(); ++t) {
              const int64_t at[3] = {p / g.out[2] / g.out[1], p / g.out[2] % g.out[1], p % g.out[2]};
              const int64_t tap[3] = {t / g.kernel[2] / g.kernel[1], t / g.kernel[2] % g.kernel[1], t % g.kernel[2]};
              int64_t i = 0;
              bool inside = true;
              for (int d = 0; d < 3; ++d) {
                const int64_t k = at[d] * g.stride[d] - g.padding[d] + tap[d] * g.dilation[d];
                inside = inside && k >= 0 && k < g.in[d];
                i = i * g.in[d] + k;
              }
              if (inside) f(n, group, o, c, t, p, i);
            }
}

/// Offsets of x (n, group, c, i), y (n, group, o, p) and w (group, o, c, t).
struct Offsets {
  const kernels::ConvGeometry& g;
  int64_t x(int64_t n, int64_t group, int64_t c, int64_t i) const {
    return ((n * g.groups + group) * g.in_channels + c) * g.in_space() + i;
  }
  int64_t y(int64_t n, int64_t group, int64_t o, int64_t p) const {
    return ((n * g.groups + group) * g.out_channels + o) * g.out_space() + p;
  }
  int64_t w(int64_t group, int64_t o, int64_t c, int64_t t) const {
    return ((group * g.out_channels + o) * g.in_channels + c) * g.taps() + t;
  }
};

inline void conv_forward(const double* x, const double* w, const double* bias, const kernels::ConvGeometry& g,
                         double* y) {
  const Offsets at{g};
  const int64_t channels = g.groups * g.out_channels, space = g.out_space();
  for (int64_t i = 0; i < g.batch * channels * space; ++i) y[i] = bias ? bias[i / space % channels] : 0;
  each_term(g, [&](auto n, auto group, auto o, auto c, auto t, auto p, auto i) {
    y[at.y(n, group, o, p)] += w[at.w(group, o, c, t)] * x[at.x(n, group, c, i)];
  });
}

inline void conv_input_gradient(const double* dy, const double* w, const double* bias, const kernels::ConvGeometry& g,
                                double* dx) {
  const Offsets at{g};
  const int64_t channels = g.groups * g.in_channels, space = g.in_space();
  for (int64_t i = 0; i < g.batch * channels * space; ++i) dx[i] = bias ? bias[i / space % channels] : 0;
  each_term(g, [&](auto n, auto group, auto o, auto c, auto t, auto p, auto i) {
    dx[at.x(n, group, c, i)] += w[at.w(group, o, c, t)] * dy[at.y(n, group, o, p)];
  });
}

inline void conv_weight_gradient(const double* x, const double* dy, const kernels::ConvGeometry& g, double* dw) {
  const Offsets at{g};
  std::fill_n(dw, g.groups * g.out_channels * g.in_channels * g.taps(), 0.0);
  each_term(g, [&](auto n, auto group, auto o, auto c, auto t, auto p, auto i) {
    dw[at.w(group, o, c, t)] += dy[at.y(n, group, o, p)] * x[at.x(n, group, c, i)];
  });
}

}  // namespace lamina::reference

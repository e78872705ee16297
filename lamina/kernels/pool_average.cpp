#include "lamina/kernels/pool_average.h"

#include <algorithm>

#include "lamina/core/threads.h"

namespace lamina::kernels {

namespace {

// f(output, its window along each dimension, divisor) for every output of a plane, in order.
template <class F>
void each_window(const AverageGeometry& g, F f) {
  int64_t o = 0;
  for (int64_t od = 0; od < g.out[0]; ++od)
    for (int64_t oh = 0; oh < g.out[1]; ++oh)
      for (int64_t ow = 0; ow < g.out[2]; ++ow, ++o) {
        const AverageSpan d = g.spans[0][od], h = g.spans[1][oh], w = g.spans[2][ow];
        f(o, d, h, w, g.divisor ? g.divisor : d.count * h.count * w.count);
      }
}

int64_t work_of(const AverageGeometry& g) { return g.in_space() + 4 * g.out_space(); }

}  // namespace

template <class T>
void average_pool(const T* x, const AverageGeometry& g, T* y) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.planes, grain_for(work_of(g)), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      const T* source = x + plane * in;
      T* result = y + plane * out;
      each_window(g, [&](int64_t o, AverageSpan d, AverageSpan h, AverageSpan w, int64_t divisor) {
        T sum = 0;
        for (int64_t a = d.from; a < d.to; ++a)
          for (int64_t b = h.from; b < h.to; ++b) {
            const T* row = source + (a * g.in[1] + b) * g.in[2];
            for (int64_t c = w.from; c < w.to; ++c) sum += row[c];
          }
        result[o] = sum / T(divisor);
      });
    }
  });
}

template <class T>
void average_pool_backward(const T* dy, const AverageGeometry& g, T* dx) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.planes, grain_for(work_of(g)), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      const T* gradient = dy + plane * out;
      T* target = dx + plane * in;
      std::fill_n(target, in, T(0));
      each_window(g, [&](int64_t o, AverageSpan d, AverageSpan h, AverageSpan w, int64_t divisor) {
        const T share = gradient[o] / T(divisor);
        for (int64_t a = d.from; a < d.to; ++a)
          for (int64_t b = h.from; b < h.to; ++b) {
            T* row = target + (a * g.in[1] + b) * g.in[2];
            for (int64_t c = w.from; c < w.to; ++c) row[c] += share;
          }
      });
    }
  });
}

template void average_pool(const float*, const AverageGeometry&, float*);
template void average_pool(const double*, const AverageGeometry&, double*);
template void average_pool(const int64_t*, const AverageGeometry&, int64_t*);
template void average_pool_backward(const float*, const AverageGeometry&, float*);
template void average_pool_backward(const double*, const AverageGeometry&, double*);

}  // namespace lamina::kernels

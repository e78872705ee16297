#include "lamina/kernels/pool_spans.h"

#include <algorithm>

#include "lamina/core/threads.h"
#include "lamina/core/types.h"

namespace lamina::kernels {

template <class T>
void max_over_spans(const T* x, const SpanGeometry& g, T* y, int64_t* indices) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.planes, grain_for(in + 4 * out), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      const T* source = x + plane * in;
      const Span* spans[3];
      for (int d = 0; d < 3; ++d) spans[d] = g.spans[d] + plane * g.plane_stride[d];
      int64_t position = plane * out;
      for (int64_t od = 0; od < g.out[0]; ++od)
        for (int64_t oh = 0; oh < g.out[1]; ++oh)
          for (int64_t ow = 0; ow < g.out[2]; ++ow, ++position) {
            const Span d = spans[0][od], h = spans[1][oh], w = spans[2][ow];
            int64_t index = (d.from * g.in[1] + h.from) * g.in[2] + w.from;
            T best = source[index];
            for (int64_t a = d.from; a < d.to; ++a)
              for (int64_t b = h.from; b < h.to; ++b) {
                const int64_t row = (a * g.in[1] + b) * g.in[2];
                for (int64_t c = w.from; c < w.to; ++c) {
                  const T v = source[row + c];
                  if (compute_t<T>(v) > compute_t<T>(best) || v != v) best = v, index = row + c;
                }
              }
            y[position] = best;
            if (indices) indices[position] = index;
          }
    }
  });
}

template <class T>
void place_in_planes(const T* x, const int64_t* indices, int64_t planes, int64_t in, int64_t out, T* y) {
  parallel_for(planes, grain_for(in + out), [&](int64_t from, int64_t to) {
    std::fill_n(y + from * out, (to - from) * out, T(0));
    for (int64_t plane = from; plane < to; ++plane)
      for (int64_t i = plane * in; i < (plane + 1) * in; ++i) y[plane * out + indices[i]] = x[i];
  });
}

template void max_over_spans(const float*, const SpanGeometry&, float*, int64_t*);
template void max_over_spans(const double*, const SpanGeometry&, double*, int64_t*);
template void max_over_spans(const bfloat16*, const SpanGeometry&, bfloat16*, int64_t*);
template void max_over_spans(const float16*, const SpanGeometry&, float16*, int64_t*);
template void place_in_planes(const float*, const int64_t*, int64_t, int64_t, int64_t, float*);
template void place_in_planes(const double*, const int64_t*, int64_t, int64_t, int64_t, double*);
template void place_in_planes(const bfloat16*, const int64_t*, int64_t, int64_t, int64_t, bfloat16*);
template void place_in_planes(const float16*, const int64_t*, int64_t, int64_t, int64_t, float16*);

}  // namespace lamina::kernels

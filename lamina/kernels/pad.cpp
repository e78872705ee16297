#include "lamina/kernels/pad.h"

#include <algorithm>

#include "lamina/core/threads.h"
#include "lamina/core/types.h"

namespace lamina::kernels {

namespace {

// f(input row, output row) for every row of one plane, as offsets
template <class F>
void each_row(const PadGeometry& g, F&& f) {
  for (int64_t d = 0; d < g.out[0]; ++d)
    for (int64_t h = 0; h < g.out[1]; ++h)
      f((g.source[0][d] * g.in[1] + g.source[1][h]) * g.in[2], (d * g.out[1] + h) * g.out[2]);
}

int64_t space(const int64_t* sizes) { return sizes[0] * sizes[1] * sizes[2]; }

}  // namespace

template <class T>
void pad_gather(const T* x, const PadGeometry& g, T* y) {
  const int64_t in = space(g.in), out = space(g.out);
  parallel_for(g.planes, grain_for(out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane)
      each_row(g, [&](int64_t a, int64_t b) {
        const T* row = x + plane * in + a;
        T* result = y + plane * out + b;
        for (int64_t w = 0; w < g.out[2]; ++w) result[w] = row[g.source[2][w]];
      });
  });
}

template <class T>
void pad_scatter(const T* dy, const PadGeometry& g, T* dx) {
  const int64_t in = space(g.in), out = space(g.out);
  parallel_for(g.planes, grain_for(out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane) {
      std::fill_n(dx + plane * in, in, T(0));
      each_row(g, [&](int64_t a, int64_t b) {
        T* row = dx + plane * in + a;
        const T* gradient = dy + plane * out + b;
        for (int64_t w = 0; w < g.out[2]; ++w) row[g.source[2][w]] += gradient[w];
      });
    }
  });
}

template void pad_gather(const float*, const PadGeometry&, float*);
template void pad_gather(const double*, const PadGeometry&, double*);
template void pad_gather(const bfloat16*, const PadGeometry&, bfloat16*);
template void pad_gather(const float16*, const PadGeometry&, float16*);
template void pad_gather(const int64_t*, const PadGeometry&, int64_t*);
template void pad_gather(const int32_t*, const PadGeometry&, int32_t*);
template void pad_gather(const int16_t*, const PadGeometry&, int16_t*);
template void pad_gather(const int8_t*, const PadGeometry&, int8_t*);
template void pad_gather(const uint8_t*, const PadGeometry&, uint8_t*);
template void pad_gather(const bool*, const PadGeometry&, bool*);
template void pad_scatter(const float*, const PadGeometry&, float*);
template void pad_scatter(const double*, const PadGeometry&, double*);

}  // namespace lamina::kernels

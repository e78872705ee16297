#include "lamina/kernels/fold.h"

#include <algorithm>

#include "lamina/core/threads.h"
#include "lamina/core/types.h"

namespace lamina::kernels {

namespace {

// f(row of the image or −1 outside, first block that lies inside, one past the last, column of that first block, offset of
// the row of blocks) for every tap and row of blocks of a plane, in order.
template <class F>
void each_row(const FoldGeometry& g, F f) {
  int64_t offset = 0;
  for (int64_t kh = 0; kh < g.kernel[0]; ++kh)
    for (int64_t kw = 0; kw < g.kernel[1]; ++kw) {
      const int64_t shift = kw * g.dilation[1] - g.padding[1], step = g.stride[1];
      const int64_t first = std::min(shift < 0 ? (-shift + step - 1) / step : 0, g.out[1]);
      const int64_t inside = g.in[1] > shift ? (g.in[1] - shift + step - 1) / step : 0;
      const int64_t last = std::clamp(inside, first, g.out[1]);
      for (int64_t oh = 0; oh < g.out[0]; ++oh, offset += g.out[1]) {
        const int64_t h = oh * g.stride[0] - g.padding[0] + kh * g.dilation[0];
        f(h >= 0 && h < g.in[0] ? h : -1, first, last, first * step + shift, offset);
      }
    }
}

template <class T>
T sum(T a, T b) {
  if constexpr (std::is_same_v<T, bool>) return a || b;
  else return a + b;
}

}  // namespace

template <class T>
void unfold(const T* x, const FoldGeometry& g, T* columns) {
  const int64_t in = g.in_space(), out = g.taps() * g.blocks(), step = g.stride[1];
  parallel_for(g.planes, grain_for(out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane)
      each_row(g, [&](int64_t h, int64_t first, int64_t last, int64_t w, int64_t offset) {
        T* row = columns + plane * out + offset;
        if (h < 0) {
          std::fill_n(row, g.out[1], T(0));
          return;
        }
        const T* source = x + plane * in + h * g.in[1] + w;
        std::fill_n(row, first, T(0));
        for (int64_t i = first; i < last; ++i) row[i] = source[(i - first) * step];
        std::fill_n(row + last, g.out[1] - last, T(0));
      });
  });
}

template <class T>
void fold(const T* columns, const FoldGeometry& g, T* x) {
  const int64_t in = g.in_space(), out = g.taps() * g.blocks(), step = g.stride[1];
  parallel_for(g.planes, grain_for(out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane) {
      std::fill_n(x + plane * in, in, T(0));
      each_row(g, [&](int64_t h, int64_t first, int64_t last, int64_t w, int64_t offset) {
        if (h < 0) return;
        const T* row = columns + plane * out + offset;
        T* target = x + plane * in + h * g.in[1] + w;
        for (int64_t i = first; i < last; ++i) target[(i - first) * step] = sum(target[(i - first) * step], row[i]);
      });
    }
  });
}

template void unfold(const float*, const FoldGeometry&, float*);
template void unfold(const double*, const FoldGeometry&, double*);
template void unfold(const bfloat16*, const FoldGeometry&, bfloat16*);
template void unfold(const float16*, const FoldGeometry&, float16*);
template void unfold(const bool*, const FoldGeometry&, bool*);
template void fold(const float*, const FoldGeometry&, float*);
template void fold(const double*, const FoldGeometry&, double*);
template void fold(const bool*, const FoldGeometry&, bool*);

}  // namespace lamina::kernels

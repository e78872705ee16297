#include "lamina/kernels/pool.h"

#include <algorithm>
#include <limits>

#include "lamina/core/threads.h"
#include "lamina/core/types.h"

namespace lamina::kernels {

namespace {

struct Window {
  int64_t from, to;  // input indices from, from + dilation, … below to
};
Window window(const PoolGeometry& g, int d, int64_t o) {
  const int64_t start = o * g.stride[d] - g.padding[d], step = g.dilation[d];
  const int64_t from = start < 0 ? start + (-start + step - 1) / step * step : start;
  return {from, std::min(start + (g.kernel[d] - 1) * step + 1, g.in[d])};
}

template <class T>
T lowest() {
  if constexpr (std::is_integral_v<T>) return std::numeric_limits<T>::lowest();
  else return T(-std::numeric_limits<compute_t<T>>::infinity());
}

// One output position.
template <class T>
void maximum(const T* x, const PoolGeometry& g, Window d, Window h, Window w, T& best, int64_t& index) {
  if (d.from >= d.to || h.from >= h.to || w.from >= w.to) {  // dilation can step over all of a small x
    best = lowest<T>(), index = -1;
    return;
  }
  index = (d.from * g.in[1] + h.from) * g.in[2] + w.from;
  best = x[index];
  for (int64_t a = d.from; a < d.to; a += g.dilation[0])
    for (int64_t b = h.from; b < h.to; b += g.dilation[1]) {
      const int64_t row = (a * g.in[1] + b) * g.in[2];
      for (int64_t c = w.from; c < w.to; c += g.dilation[2]) {
        const T v = x[row + c];
        if (compute_t<T>(v) > compute_t<T>(best) || v != v) best = v, index = row + c;
      }
    }
}

}  // namespace

template <class T>
void max_pool(const T* x, const PoolGeometry& g, T* y, int64_t* indices) {
  const int64_t in = g.in_space(), out = g.out_space();
  parallel_for(g.planes, grain_for(out * g.kernel[0] * g.kernel[1] * g.kernel[2]), [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      int64_t position = plane * out;
      for (int64_t od = 0; od < g.out[0]; ++od)
        for (int64_t oh = 0; oh < g.out[1]; ++oh) {
          const Window d = window(g, 0, od), h = window(g, 1, oh);
          for (int64_t ow = 0; ow < g.out[2]; ++ow, ++position) {
            T best;
            int64_t index;
            maximum(x + plane * in, g, d, h, window(g, 2, ow), best, index);
            y[position] = best;
            if (indices) indices[position] = index;
          }
        }
    }
  });
}

template <class T>
void scatter_planes(const T* dy, const int64_t* indices, int64_t planes, int64_t in, int64_t out, T* dx) {
  parallel_for(planes, grain_for(in + out), [&](int64_t from, int64_t to) {
    std::fill_n(dx + from * in, (to - from) * in, T(0));
    for (int64_t plane = from; plane < to; ++plane)
      for (int64_t o = plane * out; o < (plane + 1) * out; ++o) {
        if (indices[o] >= 0) dx[plane * in + indices[o]] += dy[o];
      }
  });
}

template <class T>
void gather_planes(const T* x, const int64_t* indices, int64_t planes, int64_t in, int64_t out, T* y) {
  parallel_for(planes, grain_for(out), [&](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane)
      for (int64_t o = plane * out; o < (plane + 1) * out; ++o)
        y[o] = indices[o] >= 0 ? x[plane * in + indices[o]] : T(0);
  });
}

template void max_pool(const float*, const PoolGeometry&, float*, int64_t*);
template void max_pool(const double*, const PoolGeometry&, double*, int64_t*);
template void max_pool(const bfloat16*, const PoolGeometry&, bfloat16*, int64_t*);
template void max_pool(const float16*, const PoolGeometry&, float16*, int64_t*);
template void max_pool(const int64_t*, const PoolGeometry&, int64_t*, int64_t*);
template void max_pool(const int32_t*, const PoolGeometry&, int32_t*, int64_t*);
template void max_pool(const int16_t*, const PoolGeometry&, int16_t*, int64_t*);
template void max_pool(const int8_t*, const PoolGeometry&, int8_t*, int64_t*);
template void max_pool(const uint8_t*, const PoolGeometry&, uint8_t*, int64_t*);
template void scatter_planes(const float*, const int64_t*, int64_t, int64_t, int64_t, float*);
template void scatter_planes(const double*, const int64_t*, int64_t, int64_t, int64_t, double*);
template void gather_planes(const float*, const int64_t*, int64_t, int64_t, int64_t, float*);
template void gather_planes(const double*, const int64_t*, int64_t, int64_t, int64_t, double*);

}  // namespace lamina::kernels

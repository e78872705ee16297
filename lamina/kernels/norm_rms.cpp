#include "lamina/kernels/norm_rms.h"

#include "lamina/core/threads.h"
#include "lamina/kernels/moments.h"

namespace lamina::kernels {

template <class T>
void rms_norm(const T* x, const T* weight, int64_t rows, int64_t cols, double eps, T* y, T* rrms) {
  parallel_for(rows, grain_for(3 * cols), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      const T* in = x + r * cols;
      T* out = y + r * cols;
      const T factor = rrms[r] = inverse_root_mean_square(in, cols, eps);
      if (weight)
        for (int64_t c = 0; c < cols; ++c) out[c] = in[c] * factor * weight[c];
      else
        for (int64_t c = 0; c < cols; ++c) out[c] = in[c] * factor;
    }
  });
}

int64_t rms_norm_parts(int64_t rows) { return std::clamp<int64_t>(rows, 1, 32); }

namespace {

template <class T>
void row_gradient(const T* dy, const T* x, const T* weight, T rrms, int64_t cols, T* dx) {
  const auto write = [=](auto g) {
    const T avg_gn = T(sum<T>(cols, [=](int64_t c) { return g(c) * (x[c] * rrms); }) / double(cols));
    for (int64_t c = 0; c < cols; ++c) dx[c] = rrms * (g(c) - x[c] * rrms * avg_gn);
  };
  if (weight) write([=](int64_t c) { return weight[c] * dy[c]; });
  else write([=](int64_t c) { return dy[c]; });
}

}  // namespace

template <class T>
void rms_norm_backward(const T* dy, const T* x, const T* weight, const T* rrms, int64_t rows, int64_t cols, T* dx,
                       T* dweight, double* parts) {
  const int64_t count = rms_norm_parts(rows);
  parallel_for(count, rows * cols > 16384 ? 1 : count, [=](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      double* total = parts + p * cols;
      std::fill_n(total, cols, 0.0);
      for (int64_t r = rows * p / count; r < rows * (p + 1) / count; ++r) {
        const T *g = dy + r * cols, *in = x + r * cols;
        if (dx) row_gradient(g, in, weight, rrms[r], cols, dx + r * cols);
        if (dweight)
          for (int64_t c = 0; c < cols; ++c) total[c] += double(g[c] * (in[c] * rrms[r]));
      }
    }
  });
  if (!dweight) return;
  for (int64_t c = 0; c < cols; ++c) {
    double total = 0;
    for (int64_t p = 0; p < count; ++p) total += parts[p * cols + c];
    dweight[c] = T(total);
  }
}

#define LAMINA_INSTANTIATE(T)                                                   \
  template void rms_norm(const T*, const T*, int64_t, int64_t, double, T*, T*); \
  template void rms_norm_backward(const T*, const T*, const T*, const T*, int64_t, int64_t, T*, T*, double*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

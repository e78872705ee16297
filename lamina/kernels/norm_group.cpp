#include "lamina/kernels/norm_group.h"

#include "lamina/core/threads.h"
#include "lamina/kernels/moments.h"

namespace lamina::kernels {

template <class T>
void group_norm(const T* x, ChannelGroups d, const T* weight, const T* bias, double eps, T* y, Moments<T>* moments) {
  const int64_t cols = d.cols();
  parallel_for(d.rows(), grain_for(4 * cols), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      const Moments<T> m = moments[r] = row_moments(x + r * cols, cols, eps);
      for (int64_t j = 0; j < d.c; ++j) {
        const int64_t c = r % d.g * d.c + j;
        const T scale = weight ? weight[c] : T(1), shift = bias ? bias[c] : T(0);
        const T* in = x + r * cols + j * d.s;
        T* out = y + r * cols + j * d.s;
        for (int64_t k = 0; k < d.s; ++k) out[k] = ((in[k] - m.mean) - m.rest) * m.rstd * scale + shift;
      }
    }
  });
}

namespace {

// of one group: sums[j] = {Σ dy·n, Σ dy} of its channels j
template <class T>
void channel_sums(const T* dy, const T* x, ChannelGroups d, Moments<T> m, double* sums) {
  for (int64_t j = 0; j < d.c; ++j) {
    const T *g = dy + j * d.s, *in = x + j * d.s;
    sums[2 * j] = sum<T>(d.s, [=](int64_t k) { return g[k] * (((in[k] - m.mean) - m.rest) * m.rstd); });
    sums[2 * j + 1] = sum<T>(d.s, [=](int64_t k) { return g[k]; });
  }
}

// of one group, whose first channel has weight[0]
template <class T>
void group_gradient(const T* dy, const T* x, ChannelGroups d, const T* weight, Moments<T> m, const double* sums,
                    T* dx) {
  double with_n = 0, alone = 0;
  for (int64_t j = 0; j < d.c; ++j) {
    const double w = weight ? double(weight[j]) : 1;
    with_n += w * sums[2 * j];
    alone += w * sums[2 * j + 1];
  }
  const T avg_hn = T(with_n / double(d.cols())), avg_h = T(alone / double(d.cols()));
  for (int64_t j = 0; j < d.c; ++j) {
    const T w = weight ? weight[j] : T(1);
    const int64_t first = j * d.s;
    for (int64_t i = first; i < first + d.s; ++i)
      dx[i] = m.rstd * (w * dy[i] - avg_h - ((x[i] - m.mean) - m.rest) * m.rstd * avg_hn);
  }
}

}  // namespace

template <class T>
void group_norm_backward(const T* dy, const T* x, ChannelGroups d, const T* weight, const Moments<T>* moments, T* dx,
                         T* dweight, T* dbias, double* sums) {
  const int64_t cols = d.cols();
  parallel_for(d.rows(), grain_for(6 * cols), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      const int64_t first = r * cols;
      double* own = sums + r * d.c * 2;
      channel_sums(dy + first, x + first, d, moments[r], own);
      if (dx)
        group_gradient(dy + first, x + first, d, weight ? weight + r % d.g * d.c : nullptr, moments[r], own,
                       dx + first);
    }
  });
  const int64_t channels = d.channels();
  for (int64_t c = 0; c < channels; ++c) {
    double with_n = 0, alone = 0;
    for (int64_t i = 0; i < d.n; ++i) {
      with_n += sums[(i * channels + c) * 2];
      alone += sums[(i * channels + c) * 2 + 1];
    }
    if (dweight) dweight[c] = T(with_n);
    if (dbias) dbias[c] = T(alone);
  }
}

#define LAMINA_INSTANTIATE(T)                                                                                   \
  template void group_norm(const T*, ChannelGroups, const T*, const T*, double, T*, Moments<T>*);               \
  template void group_norm_backward(const T*, const T*, ChannelGroups, const T*, const Moments<T>*, T*, T*, T*, \
                                    double*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

#include "lamina/kernels/norm.h"

#include <algorithm>
#include <cmath>

#include "lamina/core/threads.h"
#include "lamina/kernels/moments.h"

namespace lamina::kernels {

// ---- rows ----------------------------------------------------------------------------------------------------------

template <class T>
void layer_norm(const T* x, const T* weight, const T* bias, int64_t rows, int64_t cols, double eps, T* y,
                Moments<T>* moments) {
  parallel_for(rows, grain_for(4 * cols), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      const T* in = x + r * cols;
      T* out = y + r * cols;
      const auto [mean, rest, rstd] = moments[r] = row_moments(in, cols, eps);
      const auto n = [=, mean = mean, rest = rest, rstd = rstd](int64_t c) { return ((in[c] - mean) - rest) * rstd; };
      if (weight && bias)
        for (int64_t c = 0; c < cols; ++c) out[c] = n(c) * weight[c] + bias[c];
      else if (weight)
        for (int64_t c = 0; c < cols; ++c) out[c] = n(c) * weight[c];
      else if (bias)
        for (int64_t c = 0; c < cols; ++c) out[c] = n(c) + bias[c];
      else
        for (int64_t c = 0; c < cols; ++c) out[c] = n(c);
    }
  });
}

int64_t layer_norm_parts(int64_t rows) { return std::clamp<int64_t>(rows, 1, 32); }

namespace {

template <class T>
void layer_norm_row_gradient(const T* dy, const T* x, const T* weight, Moments<T> m, int64_t cols, T* dx) {
  const auto n = [=](int64_t c) { return ((x[c] - m.mean) - m.rest) * m.rstd; };
  const auto write = [=](auto g) {
    const T avg_g = T(sum<T>(cols, g) / double(cols));
    const T avg_gn = T(sum<T>(cols, [=](int64_t c) { return g(c) * n(c); }) / double(cols));
    for (int64_t c = 0; c < cols; ++c) dx[c] = m.rstd * (g(c) - avg_g - n(c) * avg_gn);
  };
  if (weight) write([=](int64_t c) { return weight[c] * dy[c]; });
  else write([=](int64_t c) { return dy[c]; });
}

// totals[c] = Σ_p parts[p][k][c]
template <class T>
void add_parts(const double* parts, int64_t count, int64_t cols, int k, T* totals) {
  for (int64_t c = 0; c < cols; ++c) {
    double total = 0;
    for (int64_t p = 0; p < count; ++p) total += parts[(p * 2 + k) * cols + c];
    totals[c] = T(total);
  }
}

}  // namespace

template <class T>
void layer_norm_backward(const T* dy, const T* x, const T* weight, const Moments<T>* moments, int64_t rows,
                         int64_t cols, T* dx, T* dweight, T* dbias, double* parts) {
  const int64_t count = layer_norm_parts(rows);
  parallel_for(count, rows * cols > 16384 ? 1 : count, [=](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      double *dw = parts + p * 2 * cols, *db = dw + cols;
      std::fill_n(dw, 2 * cols, 0.0);
      for (int64_t r = rows * p / count; r < rows * (p + 1) / count; ++r) {
        const T *in = x + r * cols, *g = dy + r * cols;
        const auto [mean, rest, rstd] = moments[r];
        if (dx) layer_norm_row_gradient(g, in, weight, moments[r], cols, dx + r * cols);
        if (dweight)
          for (int64_t c = 0; c < cols; ++c) dw[c] += double(g[c] * (((in[c] - mean) - rest) * rstd));
        if (dbias)
          for (int64_t c = 0; c < cols; ++c) db[c] += double(g[c]);
      }
    }
  });
  if (dweight) add_parts(parts, count, cols, 0, dweight);
  if (dbias) add_parts(parts, count, cols, 1, dbias);
}

// ---- channels ------------------------------------------------------------------------------------------------------

int64_t channel_parts(Channels d) {
  constexpr int64_t kEnoughChannels = 16;  // to keep the threads busy, when a channel is a part of its own
  if (d.s > 1 && d.c >= kEnoughChannels) return 1;
  return std::clamp<int64_t>(d.n * d.c * d.s / 32768, 1, std::clamp<int64_t>(d.n, 1, 32));
}

namespace {

// parts[p][k][c] = Σ f_k(c)(i) over the elements i of channel c in part p; f_k(c) makes the function of one channel
template <class T, class F0, class F1>
void channel_sums(Channels d, double* parts, F0 f0, F1 f1) {
  const int64_t count = channel_parts(d);
  const auto samples = [=](int64_t p) { return std::pair{d.n * p / count, d.n * (p + 1) / count}; };
  if (d.s == 1)  // neighbours belong to different channels: a row at a time
    return parallel_for(count, 1, [=](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p) {
        double *sum0 = parts + p * 2 * d.c, *sum1 = sum0 + d.c;
        std::fill_n(sum0, 2 * d.c, 0.0);
        const auto [from, to] = samples(p);
        for (int64_t i = from; i < to; ++i)
          for (int64_t c = 0; c < d.c; ++c) {
            sum0[c] += double(f0(c)(i * d.c + c));
            sum1[c] += double(f1(c)(i * d.c + c));
          }
      }
    });
  parallel_for(count * d.c, grain_for(2 * d.group() / count), [=](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t p = task / d.c, c = task % d.c;
      const auto g0 = f0(c);
      const auto g1 = f1(c);
      double sum0 = 0, sum1 = 0;
      const auto [from, to] = samples(p);
      for (int64_t i = from; i < to; ++i) {
        const int64_t plane = (i * d.c + c) * d.s;
        sum0 += sum<T>(d.s, [=](int64_t k) { return g0(plane + k); });
        sum1 += sum<T>(d.s, [=](int64_t k) { return g1(plane + k); });
      }
      parts[p * 2 * d.c + c] = sum0;
      parts[(p * 2 + 1) * d.c + c] = sum1;
    }
  });
}

// y[i] = f(c)(i) for every element i, c its channel
template <class T, class F>
void channel_map(Channels d, T* y, F f) {
  if (d.s == 1)
    return parallel_for(d.n, grain_for(d.c), [=](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i)
        for (int64_t c = 0; c < d.c; ++c) y[i * d.c + c] = f(c)(i * d.c + c);
    });
  parallel_for(d.n * d.c, grain_for(d.s), [=](int64_t from, int64_t to) {
    for (int64_t plane = from; plane < to; ++plane) {
      const auto g = f(plane % d.c);
      for (int64_t i = plane * d.s; i < (plane + 1) * d.s; ++i) y[i] = g(i);
    }
  });
}

}  // namespace

template <class T>
void channel_moments(const T* x, Channels d, Moments<T>* moments, double* var, double* parts) {
  const int64_t count = channel_parts(d);
  const double group = double(d.group());
  const auto total = [=](int64_t k, int64_t c) {
    double sum = 0;
    for (int64_t p = 0; p < count; ++p) sum += parts[(p * 2 + k) * d.c + c];
    return sum;
  };
  const auto nothing = [](int64_t) { return [](int64_t) { return T(0); }; };
  channel_sums<T>(d, parts, [=](int64_t) { return [=](int64_t i) { return x[i]; }; }, nothing);
  for (int64_t c = 0; c < d.c; ++c) moments[c].mean = T(total(0, c) / group);
  channel_sums<T>(
      d, parts, [=](int64_t c) { return [=, m = moments[c].mean](int64_t i) { return x[i] - m; }; },
      [=](int64_t c) { return [=, m = moments[c].mean](int64_t i) { return (x[i] - m) * (x[i] - m); }; });
  for (int64_t c = 0; c < d.c; ++c) {
    const double rest = total(0, c) / group, spread = total(1, c) / group - rest * rest;
    moments[c].rest = T(rest);
    var[c] = spread < 0 ? 0 : spread;  // rounding alone can make it negative; a NaN stays
  }
}

template <class T>
void channel_norm(const T* x, Channels d, const Moments<T>* moments, const T* weight, const T* bias, T* y) {
  channel_map<T>(d, y, [=](int64_t c) {
    const auto [mean, rest, rstd] = moments[c];
    const T scale = weight ? rstd * weight[c] : rstd, shift = bias ? bias[c] : T(0);
    return [=, mean = mean, rest = rest](int64_t i) { return ((x[i] - mean) - rest) * scale + shift; };
  });
}

template <class T>
void channel_norm_backward(const T* dy, const T* x, Channels d, const Moments<T>* moments, bool own, const T* weight,
                           T* dx, T* dweight, T* dbias, double* parts) {
  const int64_t count = channel_parts(d);
  if (dweight || dbias || own) {
    channel_sums<T>(
        d, parts,
        [=](int64_t c) {
          return [=, m = moments[c]](int64_t i) { return dy[i] * (((x[i] - m.mean) - m.rest) * m.rstd); };
        },
        [=](int64_t) { return [=](int64_t i) { return dy[i]; }; });
    if (dweight) add_parts(parts, count, d.c, 0, dweight);
    if (dbias) add_parts(parts, count, d.c, 1, dbias);
  }
  if (!dx) return;
  if (own) {  // the totals take the place of the first part
    add_parts(parts, count, d.c, 0, parts);
    add_parts(parts, count, d.c, 1, parts + d.c);
  }
  const double group = double(d.group());
  const double *sum_dyn = parts, *sum_dy = parts + d.c;
  if (own)
    channel_map<T>(d, dx, [=](int64_t c) {
      const Moments<T> m = moments[c];
      const T scale = weight ? m.rstd * weight[c] : m.rstd;
      const T avg_dy = T(sum_dy[c] / group), avg_dyn = T(sum_dyn[c] / group);
      return [=](int64_t i) { return scale * (dy[i] - avg_dy - ((x[i] - m.mean) - m.rest) * m.rstd * avg_dyn); };
    });
  else
    channel_map<T>(d, dx, [=](int64_t c) {
      const T scale = weight ? moments[c].rstd * weight[c] : moments[c].rstd;
      return [=](int64_t i) { return scale * dy[i]; };
    });
}

#define LAMINA_INSTANTIATE(T)                                                                                      \
  template void layer_norm(const T*, const T*, const T*, int64_t, int64_t, double, T*, Moments<T>*);               \
  template void layer_norm_backward(const T*, const T*, const T*, const Moments<T>*, int64_t, int64_t, T*, T*, T*, \
                                    double*);                                                                      \
  template void channel_moments(const T*, Channels, Moments<T>*, double*, double*);                                \
  template void channel_norm(const T*, Channels, const Moments<T>*, const T*, const T*, T*);                       \
  template void channel_norm_backward(const T*, const T*, Channels, const Moments<T>*, bool, const T*, T*, T*, T*, \
                                      double*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

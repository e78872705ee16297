#include "lamina/kernels/loss.h"

#include <cmath>

#include "lamina/core/threads.h"
#include "lamina/kernels/sum.h"

namespace lamina::kernels {

namespace {

// run(position, offset of its first class) for every position; its classes are s.inner apart
template <class F>
void each_position(Groups s, int64_t work, F run) {
  parallel_for(s.count(), grain_for(work), [=](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) run(i, i / s.inner * s.n * s.inner + i % s.inner);
  });
}

template <class T>
T weight_of(const T* weight, int64_t k) {
  return weight ? weight[k] : T(1);
}

}  // namespace

template <class T>
void cross_entropy(const T* x, Groups s, ClassTargets<T> target, const T* max, const T* log_sum, T* loss) {
  const T each = target.smoothing / T(s.n);
  each_position(s, each != 0 ? s.n : 1, [=](int64_t i, int64_t first) {
    const int64_t k = target.index[i];
    if (k == target.ignored) {
      loss[i] = 0;
      return;
    }
    const auto minus_log = [=](int64_t c) { return log_sum[i] - (x[first + c * s.inner] - max[i]); };
    const T picked = weight_of(target.weight, k) * minus_log(k);
    if (target.smoothing == 0) loss[i] = picked;
    else {
      const double all = sum<T>(s.n, [=](int64_t c) { return weight_of(target.weight, c) * minus_log(c); });
      loss[i] = (1 - target.smoothing) * picked + each * T(all);
    }
  });
}

template <class T>
void cross_entropy_backward(LossGradient<T> g, const T* x, Groups s, ClassTargets<T> target, const T* max,
                            const T* log_sum, T* dx) {
  const T each = target.smoothing / T(s.n);
  const T all =
      each == 0 ? T(0) : each * (target.weight ? T(sum<T>(s.n, [=](int64_t c) { return target.weight[c]; })) : T(s.n));
  each_position(s, 8 * s.n, [=](int64_t i, int64_t first) {
    const int64_t k = target.index[i];
    if (k == target.ignored) {
      for (int64_t c = 0; c < s.n; ++c) dx[first + c * s.inner] = 0;
      return;
    }
    const T dy = g(i), picked = (1 - target.smoothing) * weight_of(target.weight, k), mass = picked + all;
    for (int64_t c = 0; c < s.n; ++c) {
      const int64_t at = first + c * s.inner;
      const T softmax = std::exp((x[at] - max[i]) - log_sum[i]);
      dx[at] =
          dy * (mass * softmax - (each == 0 ? T(0) : each * weight_of(target.weight, c)) - (c == k ? picked : T(0)));
    }
  });
}

namespace {
// The target's distribution at class c.
template <class T>
struct Soft {
  const T *p, *weight;
  T smoothing, each;
  T operator()(int64_t at, int64_t c) const { return weight_of(weight, c) * (p[at] * (1 - smoothing) + each); }
};
}  // namespace

template <class T>
void soft_cross_entropy(const T* x, Groups s, const T* p, const T* weight, T smoothing, const T* max, const T* log_sum,
                        T* loss) {
  const Soft<T> t{p, weight, smoothing, smoothing / T(s.n)};
  each_position(s, 2 * s.n, [=](int64_t i, int64_t first) {
    loss[i] = T(sum<T>(s.n, [=](int64_t c) {
      const int64_t at = first + c * s.inner;
      const T part = t(at, c);
      return part == 0 ? T(0) : part * (log_sum[i] - (x[at] - max[i]));  // 0·∞ is 0 here
    }));
  });
}

template <class T>
void soft_cross_entropy_backward(LossGradient<T> g, const T* x, Groups s, const T* p, const T* weight, T smoothing,
                                 const T* max, const T* log_sum, T* dx, T* dp) {
  const Soft<T> t{p, weight, smoothing, smoothing / T(s.n)};
  each_position(s, 8 * s.n, [=](int64_t i, int64_t first) {
    const T dy = g(i), mass = T(sum<T>(s.n, [=](int64_t c) { return t(first + c * s.inner, c); }));
    for (int64_t c = 0; c < s.n; ++c) {
      const int64_t at = first + c * s.inner;
      const T log_softmax = (x[at] - max[i]) - log_sum[i];
      if (dx) dx[at] = dy * (mass * std::exp(log_softmax) - t(at, c));
      if (dp) dp[at] = -dy * (1 - smoothing) * weight_of(weight, c) * log_softmax;
    }
  });
}

template <class T>
void nll(const T* x, Groups s, ClassTargets<T> target, T* loss) {
  each_position(s, 1, [=](int64_t i, int64_t first) {
    const int64_t k = target.index[i];
    loss[i] = k == target.ignored ? T(0) : -weight_of(target.weight, k) * x[first + k * s.inner];
  });
}

template <class T>
void nll_backward(LossGradient<T> g, Groups s, ClassTargets<T> target, T* dx) {
  each_position(s, s.n, [=](int64_t i, int64_t first) {
    for (int64_t c = 0; c < s.n; ++c) dx[first + c * s.inner] = 0;
    const int64_t k = target.index[i];
    if (k != target.ignored) dx[first + k * s.inner] = -g(i) * weight_of(target.weight, k);
  });
}

template <class T>
double total_weight(int64_t positions, ClassTargets<T> target) {
  double total = 0;
  for (int64_t i = 0; i < positions; ++i)
    if (target.index[i] != target.ignored) total += double(weight_of(target.weight, target.index[i]));
  return total;
}

#define LAMINA_INSTANTIATE(T)                                                                                       \
  template void cross_entropy(const T*, Groups, ClassTargets<T>, const T*, const T*, T*);                           \
  template void cross_entropy_backward(LossGradient<T>, const T*, Groups, ClassTargets<T>, const T*, const T*, T*); \
  template void soft_cross_entropy(const T*, Groups, const T*, const T*, T, const T*, const T*, T*);                \
  template void soft_cross_entropy_backward(LossGradient<T>, const T*, Groups, const T*, const T*, T, const T*,     \
                                            const T*, T*, T*);                                                      \
  template void nll(const T*, Groups, ClassTargets<T>, T*);                                                         \
  template void nll_backward(LossGradient<T>, Groups, ClassTargets<T>, T*);                                         \
  template double total_weight(int64_t, ClassTargets<T>);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

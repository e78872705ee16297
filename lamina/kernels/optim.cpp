#include "lamina/kernels/optim.h"

#include <cmath>

#include "lamina/core/threads.h"

#define LAMINA_INLINE inline __attribute__((always_inline))

namespace lamina::kernels {

namespace {
constexpr int64_t kGrain = 16384;  // elements to a piece

// std::fma is one instruction only where the compiler may assume it, and a call into libm otherwise: the same bits, slowly.
// So each loop is compiled twice.
#if defined(__x86_64__) && !defined(__FMA__)
bool has_fma() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
template <class Loop>
__attribute__((target("avx2,fma"))) void run_fast(const Loop& loop, int64_t from, int64_t to) {
  loop.run(from, to);
}
#else
constexpr bool has_fma() { return false; }
template <class Loop>
void run_fast(const Loop&, int64_t, int64_t) {}
#endif
template <class Loop>
void run_plain(const Loop& loop, int64_t from, int64_t to) {
  loop.run(from, to);
}

template <class Loop>
void run(const Loop& loop, int64_t n) {
  static const bool fast = has_fma();
  parallel_for(n, kGrain,
               [&](int64_t from, int64_t to) { fast ? run_fast(loop, from, to) : run_plain(loop, from, to); });
}

LAMINA_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
LAMINA_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

template <class T>
LAMINA_INLINE compute_t<T> rounded(compute_t<T> v) {
  return compute_t<T>(T(v));
}

// What torch.add multiplies its second operand with is of the tensors' type; other factors are not rounded to 16 bits.
template <class T>
compute_t<T> factor(double v) {
  return rounded<T>(compute_t<T>(v));
}

enum class Momentum { None, First, Later };

template <class T, Momentum kMomentum, bool kDecay>
struct SgdLoop {
  using C = compute_t<T>;
  T *param, *buffer;
  const T* grad;
  C sign, decay, momentum, fresh, look_ahead, minus_lr;
  bool nesterov;

  LAMINA_INLINE void run(int64_t from, int64_t to) const {
    T *const p = param, *const b = buffer;  // members could alias what is written
    const T* const dp = grad;
    const C sign = this->sign, decay = this->decay, momentum = this->momentum, fresh = this->fresh,
            look_ahead = this->look_ahead, minus_lr = this->minus_lr;
    const bool nesterov = this->nesterov;
#pragma GCC ivdep
    for (int64_t i = from; i < to; ++i) {
      const C x = p[i];
      C g = sign * C(dp[i]);
      if constexpr (kDecay) g = rounded<T>(fma(x, decay, g));
      if constexpr (kMomentum != Momentum::None) {
        C v = g;
        if constexpr (kMomentum == Momentum::Later) v = rounded<T>(fma(g, fresh, rounded<T>(C(b[i]) * momentum)));
        b[i] = T(v);
        g = nesterov ? rounded<T>(fma(v, look_ahead, g)) : v;
      }
      p[i] = T(fma(g, minus_lr, x));
    }
  }
};

template <class T, bool kMaximum, bool kCoupled>
struct AdamLoop {
  using C = compute_t<T>;
  T *param, *m, *v, *v_max;
  const T* grad;
  C sign, shrink, coupled, weight, beta2, weight2, root2, eps, minus_size;

  LAMINA_INLINE void run(int64_t from, int64_t to) const {
    T *const p = param, *const first = m, *const second = v, *const largest = v_max;
    const T* const dp = grad;
    const C sign = this->sign, shrink = this->shrink, coupled = this->coupled, beta2 = this->beta2,
            weight2 = this->weight2, root2 = this->root2, eps = this->eps, minus_size = this->minus_size;
    const bool near = std::abs(weight) < C(0.5);  // torch.lerp starts from the nearer end
    const C step = near ? weight : weight - C(1);
#pragma GCC ivdep
    for (int64_t i = from; i < to; ++i) {
      const C x = rounded<T>(C(p[i]) * shrink);
      C g = sign * C(dp[i]);
      if constexpr (kCoupled) g = rounded<T>(fma(x, coupled, g));
      const C m0 = first[i];
      const C m1 = rounded<T>(fma(step, g - m0, near ? m0 : g));
      C v1 = rounded<T>(fma(weight2 * g, g, rounded<T>(C(second[i]) * beta2)));
      first[i] = T(m1);
      second[i] = T(v1);
      if constexpr (kMaximum) {
        const C before = largest[i];
        v1 = v1 > before || v1 != v1 ? v1 : before;  // a NaN stays
        largest[i] = T(v1);
      }
      const C denominator = rounded<T>(rounded<T>(rounded<T>(std::sqrt(v1)) / root2) + eps);
      p[i] = T(x + minus_size * m1 / denominator);
    }
  }
};

}  // namespace

template <class T>
void sgd_step(T* param, const T* grad, T* buffer, bool first, int64_t n, const SgdStep& s) {
  using C = compute_t<T>;
  const auto go = [&]<Momentum kMomentum, bool kDecay>() {
    run(SgdLoop<T, kMomentum, kDecay>{param, buffer, grad, C(s.maximize ? -1 : 1), factor<T>(s.weight_decay),
                                      C(s.momentum), factor<T>(1 - s.dampening), factor<T>(s.momentum),
                                      factor<T>(-s.lr), s.nesterov},
        n);
  };
  const auto with = [&]<Momentum kMomentum>() {
    if (s.weight_decay != 0) go.template operator()<kMomentum, true>();
    else go.template operator()<kMomentum, false>();
  };
  if (!buffer) with.template operator()<Momentum::None>();
  else if (first) with.template operator()<Momentum::First>();
  else with.template operator()<Momentum::Later>();
}

template <class T>
void adam_step(T* param, const T* grad, T* m, T* v, T* v_max, int64_t n, double t, const AdamStep& s) {
  using C = compute_t<T>;
  const double size = s.lr / (1 - std::pow(s.beta1, t)), root2 = std::sqrt(1 - std::pow(s.beta2, t));
  const double shrink = s.decoupled && s.weight_decay != 0 ? 1 - s.lr * s.weight_decay : 1;
  const bool coupled = !s.decoupled && s.weight_decay != 0;
  const auto go = [&]<bool kMaximum, bool kCoupled>() {
    run(AdamLoop<T, kMaximum, kCoupled>{param, m, v, v_max, grad, C(s.maximize ? -1 : 1), C(shrink),
                                        factor<T>(s.weight_decay), C(1 - s.beta1), C(s.beta2), C(1 - s.beta2), C(root2),
                                        C(s.eps), C(-size)},
        n);
  };
  if (v_max) coupled ? go.template operator()<true, true>() : go.template operator()<true, false>();
  else coupled ? go.template operator()<false, true>() : go.template operator()<false, false>();
}

template void sgd_step(float*, const float*, float*, bool, int64_t, const SgdStep&);
template void sgd_step(double*, const double*, double*, bool, int64_t, const SgdStep&);
template void sgd_step(bfloat16*, const bfloat16*, bfloat16*, bool, int64_t, const SgdStep&);
template void sgd_step(float16*, const float16*, float16*, bool, int64_t, const SgdStep&);
template void adam_step(float*, const float*, float*, float*, float*, int64_t, double, const AdamStep&);
template void adam_step(double*, const double*, double*, double*, double*, int64_t, double, const AdamStep&);
template void adam_step(bfloat16*, const bfloat16*, bfloat16*, bfloat16*, bfloat16*, int64_t, double, const AdamStep&);
template void adam_step(float16*, const float16*, float16*, float16*, float16*, int64_t, double, const AdamStep&);

}  // namespace lamina::kernels

#include "lamina/kernels/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "lamina/core/threads.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LAMINA_FMA_VARIANT __attribute__((target("avx2,fma")))
#endif

namespace lamina::kernels {

namespace {
constexpr int kBlock = 16, kHalf = 8;

// `yes` or `no` without a branch, which would keep the compiler from vectorising the blocks
[[gnu::always_inline]] inline float choose(bool condition, float yes, float no) {
  const uint32_t mask = 0u - uint32_t(condition);
  return std::bit_cast<float>((std::bit_cast<uint32_t>(yes) & mask) | (std::bit_cast<uint32_t>(no) & ~mask));
}

// ln u for u in (0, 1]: u = 2^e·m with m in [√½, √2), polynomial in m − 1
[[gnu::always_inline]] inline float log_of(float u) {
  const uint32_t bits = std::bit_cast<uint32_t>(u);
  float m = std::bit_cast<float>((bits & 0x007fffffu) | 0x3f000000u);  // [½, 1)
  float e = float(int32_t(bits >> 23) - 126);
  const bool low = m < 0.707106781186547524f;
  e -= choose(low, 1.0f, 0.0f);
  const float x = (m - 1.0f) + choose(low, m, 0.0f);
  const float z = x * x;
  float y = 7.0376836292E-2f;
  y = std::fma(y, x, -1.1514610310E-1f);
  y = std::fma(y, x, 1.1676998740E-1f);
  y = std::fma(y, x, -1.2420140846E-1f);
  y = std::fma(y, x, 1.4249322787E-1f);
  y = std::fma(y, x, -1.6668057665E-1f);
  y = std::fma(y, x, 2.0000714765E-1f);
  y = std::fma(y, x, -2.4999993993E-1f);
  y = std::fma(y, x, 3.3333331174E-1f);
  y *= x;
  y = std::fma(y, z, e * -2.12194440e-4f);
  y = std::fma(-z, 0.5f, y);
  return std::fma(e, 0.693359375f, x + y);
}

// sin and cos of x in [0, 2π]: x less the nearest even multiple of π/4 in three steps, a polynomial for each of the two
[[gnu::always_inline]] inline void sin_cos_of(float x, float& sine, float& cosine) {
  const int32_t j = (int32_t(x * 1.27323954473516f) + 1) & ~1;
  const float k = float(j);
  x = std::fma(k, -0.78515625f, x);
  x = std::fma(k, -2.4187564849853515625e-4f, x);
  x = std::fma(k, -3.77489497744594108e-8f, x);
  const float z = x * x;
  float c = 2.443315711809948E-005f;
  c = std::fma(c, z, -1.388731625493765E-003f);
  c = std::fma(c, z, 4.166664568298827E-002f);
  c *= z;
  c = std::fma(c, z, -(z * 0.5f)) + 1.0f;
  float s = -1.9515295891E-4f;
  s = std::fma(s, z, 8.3321608736E-3f);
  s = std::fma(s, z, -1.6666654611E-1f);
  s *= z;
  s = std::fma(s, x, x);
  const bool swapped = (j & 2) != 0;
  const float sine_size = choose(swapped, c, s), cosine_size = choose(swapped, s, c);
  sine = std::bit_cast<float>(std::bit_cast<uint32_t>(sine_size) ^ (uint32_t(j & 4) << 29));
  cosine = std::bit_cast<float>(std::bit_cast<uint32_t>(cosine_size) ^ (uint32_t(~(j - 2) & 4) << 29));
}

[[gnu::always_inline]] inline void blocks_in_float(float* x, int64_t n, float mean, float std) {
  for (int64_t block = 0; block < n; block += kBlock, x += kBlock)
    for (int j = 0; j < kHalf; ++j) {
      const float radius = std::sqrt(-2.0f * log_of(1.0f - x[j]));
      float sine, cosine;
      sin_cos_of(float(2 * std::numbers::pi) * x[j + kHalf], sine, cosine);
      x[j] = std::fma(radius * cosine, std, mean);
      x[j + kHalf] = std::fma(radius * sine, std, mean);
    }
}

void blocks_anywhere(float* x, int64_t n, float mean, float std) { blocks_in_float(x, n, mean, std); }
#ifdef LAMINA_FMA_VARIANT
LAMINA_FMA_VARIANT void blocks_with_fma(float* x, int64_t n, float mean, float std) {
  blocks_in_float(x, n, mean, std);
}
#endif

void normal_blocks(float* x, int64_t n, float mean, float std) {
#ifdef LAMINA_FMA_VARIANT
  static const bool fused = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (fused) return blocks_with_fma(x, n, mean, std);
#endif
  blocks_anywhere(x, n, mean, std);
}

void normal_blocks(double* x, int64_t n, double mean, double std) {
  for (int64_t block = 0; block < n; block += kBlock, x += kBlock)
    for (int j = 0; j < kHalf; ++j) {
      const double radius = std::sqrt(-2 * std::log(1 - x[j])), theta = 2 * std::numbers::pi * x[j + kHalf];
      x[j] = std::fma(radius * std::cos(theta), std, mean);
      x[j + kHalf] = std::fma(radius * std::sin(theta), std, mean);
    }
}
}  // namespace

template <class T>
void fill_uniform(Generator& generator, T* x, int64_t n, double from, double to) {
  using C = compute_t<T>;
  const C low = C(from), width = C(to) - low;
  const T bottom = T(C(from)), top = T(C(to));
  for (int64_t i = 0; i < n; ++i) {
    const T value = T(std::fma(generator.uniform<C>(), width, low));
    x[i] = C(value) == C(top) ? bottom : value;
  }
}

template <class T>
void fill_normal(Generator& generator, T* x, int64_t n, double mean, double std) {
  using C = compute_t<T>;
  const int64_t whole = n / kBlock * kBlock;
  C tail[kBlock];
  if constexpr (std::is_same_v<T, C>) {
    for (int64_t i = 0; i < n; ++i) x[i] = generator.uniform<C>();
    if (whole < n)
      for (C& u : tail) u = generator.uniform<C>();
    parallel_for(whole / kBlock, 1024, [&](int64_t from, int64_t to) {
      normal_blocks(x + from * kBlock, (to - from) * kBlock, C(mean), C(std));
    });
  } else {
    C block[kBlock];
    for (int64_t i = 0; i < whole; i += kBlock) {
      for (C& u : block) u = generator.uniform<C>();
      normal_blocks(block, kBlock, C(mean), C(std));
      for (int j = 0; j < kBlock; ++j) x[i + j] = T(block[j]);
    }
    if (whole < n)
      for (C& u : tail) u = generator.uniform<C>();
  }
  if (whole == n) return;
  normal_blocks(tail, kBlock, C(mean), C(std));
  for (int j = 0; j < kBlock; ++j) x[n - kBlock + j] = T(tail[j]);
}

template void fill_uniform(Generator&, float*, int64_t, double, double);
template void fill_uniform(Generator&, double*, int64_t, double, double);
template void fill_uniform(Generator&, bfloat16*, int64_t, double, double);
template void fill_uniform(Generator&, float16*, int64_t, double, double);
template void fill_normal(Generator&, float*, int64_t, double, double);
template void fill_normal(Generator&, double*, int64_t, double, double);
template void fill_normal(Generator&, bfloat16*, int64_t, double, double);
template void fill_normal(Generator&, float16*, int64_t, double, double);

}  // namespace lamina::kernels

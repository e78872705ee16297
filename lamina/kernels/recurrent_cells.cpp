#include "lamina/kernels/recurrent_cells.h"

#include <algorithm>

#include "lamina/core/threads.h"
#include "lamina/kernels/sigmoid.h"

namespace lamina::kernels {

namespace {

// Every body below is compiled twice, for any processor and for AVX2. Nothing is contracted or reordered, so both give the
// same bits.
#if defined(__x86_64__) && defined(__GNUC__)
template <class Body>
__attribute__((target("avx2"))) void run_wide(const Body& body, int64_t from, int64_t to) {
  for (int64_t r = from; r < to; ++r) body(r);
}
bool wide() {
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  return has_avx2;
}
#else
template <class Body>
void run_wide(const Body& body, int64_t from, int64_t to) {}
constexpr bool wide() { return false; }
#endif

// body(r) for all rows, in pieces by shape; `work` units an element of a row
template <class Body>
void each_row(int64_t rows, int64_t hidden, int64_t work, const Body& body) {
  parallel_for(rows, grain_for(work * hidden), [&](int64_t from, int64_t to) {
    if (wide()) return run_wide(body, from, to);
    for (int64_t r = from; r < to; ++r) body(r);
  });
}

// dh += row r of dy, if there is one
template <class T>
LAMINA_INLINE void add_row(const T* dy, int64_t stride, int64_t r, int64_t n, T* dh) {
  if (!dy) return;
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) dh[j] += dy[r * stride + j];
}

// ---- LSTM ----------------------------------------------------------------------------------------------------------

template <class T, bool kKeep>
struct LstmRow {
  const LstmStep<T>& s;
  LAMINA_INLINE void operator()(int64_t r) const {
    const int64_t n = s.hidden;
    T* __restrict gi = s.gates + r * 4 * n, * __restrict gf = gi + n, * __restrict gg = gf + n, * __restrict go = gg + n;
    const T* __restrict bi = s.bias, * __restrict bf = bi + n, * __restrict bg = bf + n, * __restrict bo = bg + n;
    T* __restrict c = s.c + r * n, * __restrict h = s.h + r * n;
    T* __restrict before = kKeep ? s.c_before + r * n : nullptr, * __restrict tanh_c =
                                                                     kKeep ? s.tanh_c + r * n : nullptr;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      const T i = sigmoid(gi[j] + bi[j]), f = sigmoid(gf[j] + bf[j]);
      const T g = hyperbolic_tangent(gg[j] + bg[j]), o = sigmoid(go[j] + bo[j]);
      const T was = c[j], now = f * was + i * g, t = hyperbolic_tangent(now);
      c[j] = now;
      h[j] = o * t;
      if constexpr (kKeep) {
        gi[j] = i, gf[j] = f, gg[j] = g, go[j] = o;
        before[j] = was;
        tanh_c[j] = t;
      }
    }
    if (s.y) std::copy_n(h, n, s.y + r * s.y_stride);
  }
};

template <class T>
struct LstmRowBackward {
  const LstmStepBackward<T>& s;
  LAMINA_INLINE void operator()(int64_t r) const {
    const int64_t n = s.hidden;
    const T* __restrict gi = s.gates + r * 4 * n, * __restrict gf = gi + n, * __restrict gg = gf + n, * __restrict go = gg + n;
    const T* __restrict before = s.c_before + r * n, * __restrict tanh_c = s.tanh_c + r * n;
    T* __restrict dh = s.dh_next + r * n, * __restrict dc_next = s.dc_next + r * n;
    T* __restrict di = s.dgates + r * 4 * n, * __restrict df = di + n, * __restrict dg = df + n, * __restrict d_o = dg + n;
    add_row(s.dy, s.dy_stride, r, n, dh);
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      const T i = gi[j], f = gf[j], g = gg[j], o = go[j], t = tanh_c[j];
      const T dc = dc_next[j] + dh[j] * o * (T(1) - t * t);
      di[j] = dc * g * i * (T(1) - i);
      df[j] = dc * before[j] * f * (T(1) - f);
      dg[j] = dc * i * (T(1) - g * g);
      d_o[j] = dh[j] * t * o * (T(1) - o);
      dc_next[j] = dc * f;
    }
    if (!s.h) return;
    T* __restrict h = s.h + r * n;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) h[j] = go[j] * tanh_c[j];
  }
};

// ---- GRU -----------------------------------------------------------------------------------------------------------

template <class T, bool kKeep>
struct GruRow {
  const GruStep<T>& s;
  LAMINA_INLINE void operator()(int64_t row) const {
    const int64_t n = s.hidden;
    T* __restrict gr = s.gates + row * 3 * n, * __restrict gz = gr + n, * __restrict gn = gz + n;
    const T* __restrict hr = s.hidden_gates + row * 3 * n, * __restrict hz = hr + n, * __restrict hn = hz + n;
    const T* __restrict br = s.bias, * __restrict bz = br + n, * __restrict bin = bz + n, * __restrict bhn = bin + n;
    T* __restrict h = s.h + row * n, * __restrict hidden_n = kKeep ? s.hidden_n + row * n : nullptr;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      const T r = sigmoid(gr[j] + hr[j] + br[j]), z = sigmoid(gz[j] + hz[j] + bz[j]), beside = hn[j] + bhn[j];
      const T candidate = hyperbolic_tangent(gn[j] + bin[j] + r * beside);
      h[j] = candidate + z * (h[j] - candidate);
      if constexpr (kKeep) {
        gr[j] = r, gz[j] = z, gn[j] = candidate;
        hidden_n[j] = beside;
      }
    }
    if (s.y) std::copy_n(h, n, s.y + row * s.y_stride);
  }
};

template <class T>
struct GruRowBackward {
  const GruStepBackward<T>& s;
  LAMINA_INLINE void operator()(int64_t row) const {
    const int64_t m = s.hidden;
    const T* __restrict gr = s.gates + row * 3 * m, * __restrict gz = gr + m, * __restrict gn = gz + m;
    const T* __restrict beside = s.hidden_n + row * m, * __restrict before = s.h_before + row * m;
    T* __restrict dh_next = s.dh_next + row * m;
    T* __restrict xr = s.dgates + row * 3 * m, * __restrict xz = xr + m, * __restrict xn = xz + m;
    T* __restrict hr = s.dhidden_gates + row * 3 * m, * __restrict hz = hr + m, * __restrict hn = hz + m;
    add_row(s.dy, s.dy_stride, row, m, dh_next);
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) {
      const T dh = dh_next[j], r = gr[j], z = gz[j], n = gn[j];
      const T dn = dh * (T(1) - z) * (T(1) - n * n);
      const T dr = dn * beside[j] * r * (T(1) - r), dz = dh * (before[j] - n) * z * (T(1) - z);
      xr[j] = dr, xz[j] = dz, xn[j] = dn;
      hr[j] = dr, hz[j] = dz, hn[j] = dn * r;
      dh_next[j] = dh * z;
    }
  }
};

// ---- tanh and relu -------------------------------------------------------------------------------------------------

template <class T>
struct RnnRow {
  const RnnStep<T>& s;
  LAMINA_INLINE void operator()(int64_t r) const {
    T* __restrict gates = s.gates + r * s.hidden, * __restrict h = s.h + r * s.hidden;
    const T* __restrict bias = s.bias;
    if (s.relu)
#pragma GCC ivdep
      for (int64_t j = 0; j < s.hidden; ++j) {
        const T x = gates[j] + bias[j];
        h[j] = gates[j] = x < T(0) ? T(0) : x;  // a NaN stays
      }
    else
#pragma GCC ivdep
      for (int64_t j = 0; j < s.hidden; ++j) h[j] = gates[j] = hyperbolic_tangent(gates[j] + bias[j]);
    if (s.y) std::copy_n(h, s.hidden, s.y + r * s.y_stride);
  }
};

template <class T>
struct RnnRowBackward {
  const RnnStepBackward<T>& s;
  LAMINA_INLINE void operator()(int64_t r) const {
    const T* __restrict h = s.gates + r * s.hidden;
    T* __restrict dh = s.dh_next + r * s.hidden, * __restrict dgates = s.dgates + r * s.hidden;
    add_row(s.dy, s.dy_stride, r, s.hidden, dh);
    if (s.relu)
#pragma GCC ivdep
      for (int64_t j = 0; j < s.hidden; ++j) dgates[j] = h[j] <= T(0) ? T(0) : dh[j];
    else
#pragma GCC ivdep
      for (int64_t j = 0; j < s.hidden; ++j) dgates[j] = dh[j] * (T(1) - h[j] * h[j]);
  }
};

}  // namespace

template <class T>
void lstm_step(const LstmStep<T>& s) {
  if (s.c_before) each_row(s.rows, s.hidden, 40, LstmRow<T, true>{s});
  else each_row(s.rows, s.hidden, 40, LstmRow<T, false>{s});
}
template <class T>
void lstm_step_backward(const LstmStepBackward<T>& s) {
  each_row(s.rows, s.hidden, 12, LstmRowBackward<T>{s});
}
template <class T>
void gru_step(const GruStep<T>& s) {
  if (s.hidden_n) each_row(s.rows, s.hidden, 24, GruRow<T, true>{s});
  else each_row(s.rows, s.hidden, 24, GruRow<T, false>{s});
}
template <class T>
void gru_step_backward(const GruStepBackward<T>& s) {
  each_row(s.rows, s.hidden, 12, GruRowBackward<T>{s});
}
template <class T>
void rnn_step(const RnnStep<T>& s) {
  each_row(s.rows, s.hidden, 8, RnnRow<T>{s});
}
template <class T>
void rnn_step_backward(const RnnStepBackward<T>& s) {
  each_row(s.rows, s.hidden, 3, RnnRowBackward<T>{s});
}

#define LAMINA_INSTANTIATE(T)                                   \
  template void lstm_step(const LstmStep<T>&);                  \
  template void lstm_step_backward(const LstmStepBackward<T>&); \
  template void gru_step(const GruStep<T>&);                    \
  template void gru_step_backward(const GruStepBackward<T>&);   \
  template void rnn_step(const RnnStep<T>&);                    \
  template void rnn_step_backward(const RnnStepBackward<T>&);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

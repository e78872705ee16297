#include "lamina/kernels/recurrent.h"

#include <algorithm>

#include "lamina/kernels/gemm.h"
#include "lamina/kernels/recurrent_cells.h"

namespace lamina::kernels {

namespace {

// y (m, n) = x (m, k)·wᵀ + beta·y, everything contiguous
template <class T>
void times_transposed(const T* x, const T* w, int64_t m, int64_t n, int64_t k, T beta, T* y) {
  gemm(false, true, m, n, k, T(1), x, k, w, k, beta, y, n);
}
// y (m, n) = x (m, k)·w + beta·y
template <class T>
void times(const T* x, const T* w, int64_t m, int64_t n, int64_t k, T beta, T* y) {
  gemm(false, false, m, n, k, T(1), x, k, w, n, beta, y, n);
}

template <class T>
T* at(T* p, int64_t offset) {
  return p ? p + offset : nullptr;
}

template <class T>
void lstm_forward(const RecurrentShape& s, const RecurrentForward<T>& f, int64_t from, int64_t n) {
  T* h = s.projected() ? f.scratch : f.h;
  T* y = s.projected() ? nullptr : at(f.y, from * f.y_stride);
  lstm_step<T>({n, s.hidden, f.gates + from * s.gates(), f.bias, f.c, h, y, f.y_stride, at(f.c_before, from * s.hidden),
                at(f.tanh_c, from * s.hidden)});
  if (!s.projected()) return;
  times_transposed(h, f.w_project, n, s.out, s.hidden, T(0), f.h);
  if (f.y)
    for (int64_t r = 0; r < n; ++r) std::copy_n(f.h + r * s.out, s.out, f.y + (from + r) * f.y_stride);
}

template <class T>
void lstm_backward(const RecurrentShape& s, const RecurrentBackward<T>& b, int64_t from, int64_t n, bool carry) {
  T* dh = b.dh;
  const T* dy = at(b.dy, from * b.dy_stride);
  if (s.projected()) {
    T* arrived = b.dprojected + from * s.out;
    for (int64_t r = 0; r < n; ++r)
      for (int64_t j = 0; j < s.out; ++j)
        arrived[r * s.out + j] = b.dh[r * s.out + j] + (dy ? dy[r * b.dy_stride + j] : T(0));
    times(arrived, b.w_project, n, s.hidden, s.out, T(0), b.scratch);
    dh = b.scratch, dy = nullptr;
  }
  const int64_t state = from * s.hidden;
  T* dgates = b.dgates + from * s.gates();
  lstm_step_backward<T>({n, s.hidden, b.gates + from * s.gates(), b.c_before + state, b.tanh_c + state, dy, b.dy_stride,
                         dh, b.dc, dgates, at(b.projected, state)});
  if (carry) times(dgates, b.w_hidden, n, s.out, s.gates(), T(0), b.dh);
}

// step(first row, rows) at every time, in order, or from the last to the first
template <class F>
void each_time(const Steps& steps, bool backwards, F step) {
  for (int64_t k = 0; k < steps.count; ++k) {
    const int64_t t = backwards ? steps.count - 1 - k : k;
    step(steps.offset(t), steps.size(t));
  }
}

}  // namespace

template <class T>
void recurrent_forward(const RecurrentShape& s, const RecurrentForward<T>& f) {
  bool zero = f.zero_state;
  each_time(s.steps, s.reverse, [&](int64_t from, int64_t n) {
    if (f.h_before) std::copy_n(f.h, n * s.out, f.h_before + from * s.out);
    T* gates = f.gates + from * s.gates();
    T* y = at(f.y, from * f.y_stride);
    if (s.kind == Recurrence::Gru) {
      if (zero) std::fill_n(f.scratch, n * s.gates(), T(0));
      else times_transposed(f.h, f.w_hidden, n, s.gates(), s.out, T(0), f.scratch);
      gru_step<T>({n, s.hidden, gates, f.scratch, f.bias, f.h, y, f.y_stride, at(f.hidden_n, from * s.hidden)});
    } else {
      if (!zero) times_transposed(f.h, f.w_hidden, n, s.gates(), s.out, T(1), gates);
      if (s.kind == Recurrence::Lstm) lstm_forward(s, f, from, n);
      else rnn_step<T>({n, s.hidden, s.kind == Recurrence::Relu, gates, f.bias, f.h, y, f.y_stride});
    }
    zero = false;
  });
}

template <class T>
void recurrent_backward(const RecurrentShape& s, const RecurrentBackward<T>& b) {
  int64_t left = s.steps.count;
  each_time(s.steps, !s.reverse, [&](int64_t from, int64_t n) {
    const bool carry = --left > 0 || b.first_state;
    if (s.kind == Recurrence::Lstm) return lstm_backward(s, b, from, n, carry);
    const T *gates = b.gates + from * s.gates(), *dy = at(b.dy, from * b.dy_stride);
    T* dgates = b.dgates + from * s.gates();
    if (s.kind == Recurrence::Gru) {
      T* dhidden = b.dhidden_gates + from * s.gates();
      gru_step_backward<T>({n, s.hidden, gates, b.hidden_n + from * s.hidden, b.h_before + from * s.hidden, dy,
                            b.dy_stride, b.dh, dgates, dhidden});
      if (carry) times(dhidden, b.w_hidden, n, s.out, s.gates(), T(1), b.dh);
    } else {
      rnn_step_backward<T>({n, s.hidden, s.kind == Recurrence::Relu, gates, dy, b.dy_stride, b.dh, dgates});
      if (carry) times(dgates, b.w_hidden, n, s.out, s.gates(), T(0), b.dh);
    }
  });
}

#define LAMINA_INSTANTIATE(T)                                                         \
  template void recurrent_forward(const RecurrentShape&, const RecurrentForward<T>&); \
  template void recurrent_backward(const RecurrentShape&, const RecurrentBackward<T>&);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

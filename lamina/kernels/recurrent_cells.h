// One step of a recurrent layer after its matrix products, forward and backward, for float and double: everything between
// two products in one pass. Buffers are contiguous and do not overlap unless it says so. σ is the sigmoid.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// LSTM: i, f, o = σ(·), g = tanh(·);  c ← f·c + i·g;  h = o·tanh c
template <class T>
struct LstmStep {
  int64_t rows, hidden;
  T* gates;       // (rows, 4·hidden): in Wx + Uh, out the activated i, f, g, o
  const T* bias;  // (4·hidden)
  T* c;           // (rows, hidden), in and out
  T* h;           // (rows, hidden), out
  T* y;           // another copy of h, its rows y_stride apart; or null
  int64_t y_stride;
  T *c_before, *tanh_c;  // (rows, hidden), out, what the backward needs; both null when nothing is kept
};
template <class T>
void lstm_step(const LstmStep<T>& s);

/// With dh = dy + dh_next, dc = dc_next + dh·o·(1 − tanh² c):
///   di = dc·g·i·(1 − i);  df = dc·c_before·f·(1 − f);  dg = dc·i·(1 − g²);  do = dh·tanh c·o·(1 − o);  dc_next ← dc·f
template <class T>
struct LstmStepBackward {
  int64_t rows, hidden;
  const T *gates, *c_before, *tanh_c;  // as lstm_step left them
  const T* dy;                         // rows dy_stride apart, or null
  int64_t dy_stride;
  T *dh_next, *dc_next;  // (rows, hidden), in and out; dh_next is left with dy added
  T* dgates;             // (rows, 4·hidden), out
  T* h;                  // (rows, hidden), out: o·tanh c again; or null
};
template <class T>
void lstm_step_backward(const LstmStepBackward<T>& s);

/// GRU: r, z = σ(·), n = tanh(x_n + b_in + r·(h_n + b_hn));  h ← n + z·(h − n)
template <class T>
struct GruStep {
  int64_t rows, hidden;
  T* gates;               // (rows, 3·hidden): in Wx, out the activated r, z, n
  const T* hidden_gates;  // (rows, 3·hidden): Uh
  const T* bias;          // (4·hidden): of r, of z (both biases added), of n beside x, of n beside h
  T* h;                   // (rows, hidden), in and out
  T* y;                   // another copy of the new h, its rows y_stride apart; or null
  int64_t y_stride;
  T* hidden_n;  // (rows, hidden), out: h_n + b_hn, which the backward needs; or null
};
template <class T>
void gru_step(const GruStep<T>& s);

/// With dh = dy + dh_next: dn = dh·(1 − z)·(1 − n²);  dr = dn·hidden_n·r·(1 − r);  dz = dh·(h_before − n)·z·(1 − z);
///   of Wx: dr, dz, dn;  of Uh: dr, dz, dn·r;  dh_next ← dh·z, to which the caller adds what comes through U
template <class T>
struct GruStepBackward {
  int64_t rows, hidden;
  const T *gates, *hidden_n, *h_before;  // (rows, 3·hidden), (rows, hidden), (rows, hidden)
  const T* dy;                           // rows dy_stride apart, or null
  int64_t dy_stride;
  T* dh_next;                 // (rows, hidden), in and out
  T *dgates, *dhidden_gates;  // (rows, 3·hidden), out
};
template <class T>
void gru_step_backward(const GruStepBackward<T>& s);

/// h = tanh(·), or max(·, 0)
template <class T>
struct RnnStep {
  int64_t rows, hidden;
  bool relu;
  T* gates;       // (rows, hidden): in Wx + Uh, out h
  const T* bias;  // (hidden)
  T* h;           // (rows, hidden), out
  T* y;           // another copy of h, its rows y_stride apart; or null
  int64_t y_stride;
};
template <class T>
void rnn_step(const RnnStep<T>& s);

/// dgates = (dy + dh_next)·(1 − h²), or where h > 0
template <class T>
struct RnnStepBackward {
  int64_t rows, hidden;
  bool relu;
  const T* gates;  // h
  const T* dy;     // rows dy_stride apart, or null
  int64_t dy_stride;
  T* dh_next;  // (rows, hidden), in; left with dy added
  T* dgates;   // (rows, hidden), out
};
template <class T>
void rnn_step_backward(const RnnStepBackward<T>& s);

}  // namespace lamina::kernels

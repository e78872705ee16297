// One direction of one recurrent layer over a whole sequence, forward and backward, for float and double: a product and a
// fused step (kernels/recurrent_cells.h) for each time. Nothing is allocated; the caller has made every buffer.
//
// Rows are packed by time: those of time t stand at steps.offset(t), steps.size(t) of them, the longest sequences first, so
// that sizes only fall. A state of `batch` rows is updated in its first size(t) rows at time t; so a sequence that has ended
// keeps its last state, and, in reverse, one that has not begun keeps its first.
#pragma once
#include <cstdint>

namespace lamina::kernels {

enum class Recurrence : uint8_t { Tanh, Relu, Lstm, Gru };
constexpr int64_t gate_count(Recurrence r) { return r == Recurrence::Lstm ? 4 : r == Recurrence::Gru ? 3 : 1; }

struct Steps {
  int64_t count, batch;
  const int64_t* offsets = nullptr;  // (count + 1); null when every time has `batch` rows
  int64_t offset(int64_t t) const { return offsets ? offsets[t] : t * batch; }
  int64_t size(int64_t t) const { return offsets ? offsets[t + 1] - offsets[t] : batch; }
  int64_t rows() const { return offset(count); }
};

/// G gates of `hidden` values; h has `out` of them: hidden, or the size it is projected to (LSTM).
struct RecurrentShape {
  Recurrence kind;
  Steps steps;
  bool reverse;
  int64_t hidden, out;
  int64_t gates() const { return gate_count(kind) * hidden; }
  bool projected() const { return out != hidden; }
};

template <class T>
struct RecurrentForward {
  T* gates;            // (rows, G·hidden): in W·x, out the activated gates, kept for the backward
  const T* bias;       // (G·hidden), of both products together; GRU: (4·hidden), see GruStep
  const T* w_hidden;   // U (G·hidden, out)
  const T* w_project;  // (out, hidden) or null
  bool zero_state;     // h is zero at the start
  T *h, *c;            // (batch, out), (batch, hidden): in the first states, out the last; c of LSTM
  T* y;                // (rows, out), its rows y_stride apart; or null
  int64_t y_stride;
  // What the backward needs beside the gates; null when nothing is kept.
  T* h_before;           // (rows, out)
  T *c_before, *tanh_c;  // (rows, hidden), LSTM
  T* hidden_n;           // (rows, hidden), GRU
  T* scratch;            // (batch, G·hidden) for GRU, (batch, hidden) with a projection, else null
};
template <class T>
void recurrent_forward(const RecurrentShape& shape, const RecurrentForward<T>& f);

template <class T>
struct RecurrentBackward {
  const T *gates, *h_before, *c_before, *tanh_c, *hidden_n;  // as the forward left them
  const T *w_hidden, *w_project;
  const T* dy;  // rows dy_stride apart, or null
  int64_t dy_stride;
  bool first_state;  // whether dh is wanted in the end
  T *dh, *dc;        // (batch, out), (batch, hidden): in the gradients of the last states, out those of the first
  T* dgates;         // (rows, G·hidden), out
  T* dhidden_gates;  // (rows, G·hidden), out, GRU: what U·h gets; else null
  T *projected,
      *dprojected;  // (rows, hidden), (rows, out), out, with a projection: what is projected, and its gradient
  T* scratch;       // (batch, hidden) with a projection
};
template <class T>
void recurrent_backward(const RecurrentShape& shape, const RecurrentBackward<T>& b);

}  // namespace lamina::kernels

// Recurrent steps as their formulas read, one number at a time: what the fused kernels are compared with.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

namespace lamina::reference {

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Rows of a state; c of LSTM alone.
struct Cell { std::vector<double> h, c; };

/// Σ_k w[row, k]·x[k] + b[row]
inline double affine(const double* w, const double* b, const double* x, int64_t row, int64_t n) {
  double sum = b ? b[row] : 0;
  for (int64_t k = 0; k < n; ++k) sum += w[row * n + k] * x[k];
  return sum;
}

struct CellWeights { const double *ih, *hh, *bias_ih, *bias_hh; };

/// LSTM: i, f, o = σ(·), g = tanh(·), c' = f·c + i·g, h' = o·tanh c'
inline Cell lstm(const CellWeights& w, const double* x, const Cell& was, int64_t in, int64_t hidden) {
  Cell now = was;
  for (int64_t j = 0; j < hidden; ++j) {
    const auto gate = [&](int64_t g) {
      const int64_t row = g * hidden + j;
      return affine(w.ih, w.bias_ih, x, row, in) + affine(w.hh, w.bias_hh, was.h.data(), row, hidden);
    };
    const double i = sigmoid(gate(0)), f = sigmoid(gate(1)), g = std::tanh(gate(2)), o = sigmoid(gate(3));
    now.c[size_t(j)] = f * was.c[size_t(j)] + i * g;
    now.h[size_t(j)] = o * std::tanh(now.c[size_t(j)]);
  }
  return now;
}

/// GRU: r, z = σ(·), n = tanh(W·x + b + r·(U·h + d)), h' = (1 − z)·n + z·h
inline Cell gru(const CellWeights& w, const double* x, const Cell& was, int64_t in, int64_t hidden) {
  Cell now = was;
  for (int64_t j = 0; j < hidden; ++j) {
    const auto of_x = [&](int64_t g) { return affine(w.ih, w.bias_ih, x, g * hidden + j, in); };
    const auto of_h = [&](int64_t g) { return affine(w.hh, w.bias_hh, was.h.data(), g * hidden + j, hidden); };
    const double r = sigmoid(of_x(0) + of_h(0)), z = sigmoid(of_x(1) + of_h(1));
    now.h[size_t(j)] = (1 - z) * std::tanh(of_x(2) + r * of_h(2)) + z * was.h[size_t(j)];
  }
  return now;
}

/// h' = tanh(W·x + b + U·h + d), or max(·, 0)
inline Cell rnn(const CellWeights& w, const double* x, const Cell& was, int64_t in, int64_t hidden, bool relu) {
  Cell now = was;
  for (int64_t j = 0; j < hidden; ++j) {
    const double sum = affine(w.ih, w.bias_ih, x, j, in) + affine(w.hh, w.bias_hh, was.h.data(), j, hidden);
    now.h[size_t(j)] = relu ? std::max(sum, 0.0) : std::tanh(sum);
  }
  return now;
}

}  // namespace lamina::reference

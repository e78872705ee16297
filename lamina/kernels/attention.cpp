#include "lamina/kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>

#include "lamina/core/threads.h"
#include "lamina/kernels/gemm.h"
#include "lamina/kernels/philox.h"
#include "lamina/kernels/sigmoid.h"
#include "lamina/kernels/sum.h"

namespace lamina::kernels {

namespace {

constexpr int64_t kRows = 64, kCols = 256;  // of a tile: its scores stay in the second cache
constexpr int64_t kHeadsForWholeOnes = 16;  // from here on the backward is cut by heads, and computes a tile once

struct Tile { int64_t head, row, rows, col, cols; };

int64_t blocks(int64_t n, int64_t size) { return (n + size - 1) / size; }

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();

// eˣ for x ≤ 0, or above it by no more than rounding
template <class T>
LAMINA_INLINE T exponential(T x) {
  constexpr T lowest = std::is_same_v<T, float> ? T(-87) : T(-708);
  const auto [power, rest] = split_exponent(x, lowest);
  return x < lowest ? T(0) : power + power * rest;
}

// Scores of a tile: s (rows, cols), rows kCols apart.
template <class T>
void scores(const AttentionInput<T>& a, const Tile& t, T* s) {
  gemm(false, true, t.rows, t.cols, a.e, a.scale, a.q.at(t.head, t.row), a.q.row, a.k.at(t.head, t.col), a.k.row, T(0),
       s, kCols);
  for (int64_t r = 0; r < t.rows; ++r) {
    T* row = s + r * kCols;
    if (a.added || a.seen) {
      const int64_t first = a.mask_offsets[t.head] + (t.row + r) * a.mask_row + t.col * a.mask_col;
      if (a.added)
        for (int64_t c = 0; c < t.cols; ++c) row[c] += a.added[first + c * a.mask_col];
      else
        for (int64_t c = 0; c < t.cols; ++c) row[c] = a.seen[first + c * a.mask_col] ? row[c] : -kInfinity<T>;
    }
    if (a.causal)
      for (int64_t c = std::max<int64_t>(0, t.row + r + 1 - t.col); c < t.cols; ++c) row[c] = -kInfinity<T>;
  }
}

// What dropout multiplies row r of a tile by: f (cols).
template <class T>
void dropout_factors(const AttentionInput<T>& a, const Tile& t, int64_t r, T* f) {
  uint32_t bits[kCols];
  philox_bits(a.key, (t.head * a.l + t.row + r) * a.s + t.col, bits, t.cols);
  const uint32_t threshold = philox_threshold(a.dropout);
  const T scale = T(1) / T(1 - a.dropout);
  for (int64_t c = 0; c < t.cols; ++c) f[c] = bits[c] >= threshold ? scale : T(0);
}

// Columns that any row of this block sees.
template <class T>
int64_t last_column(const AttentionInput<T>& a, int64_t row, int64_t rows) {
  return a.causal ? std::min(a.s, row + rows) : a.s;
}

template <class T>
void forward_block(const AttentionInput<T>& a, int64_t head, int64_t row, const HeadRows<T>& y, T* lse, T* s) {
  const int64_t rows = std::min(kRows, a.l - row);
  T most[kRows], factors[kCols];
  double total[kRows];
  std::fill_n(most, rows, -kInfinity<T>);
  std::fill_n(total, rows, 0.0);
  for (int64_t r = 0; r < rows; ++r) std::fill_n(y.at(head, row + r), a.ev, T(0));
  for (int64_t col = 0, end = last_column(a, row, rows); col < end; col += kCols) {
    const Tile t{head, row, rows, col, std::min(kCols, end - col)};
    scores(a, t, s);
    for (int64_t r = 0; r < rows; ++r) {
      T* p = s + r * kCols;
      T m = most[r];
      for (int64_t c = 0; c < t.cols; ++c) m = p[c] > m ? p[c] : m;
      const T shift = m == -kInfinity<T> ? T(0) : m;
      for (int64_t c = 0; c < t.cols; ++c) p[c] = exponential(p[c] - shift);
      if (col > 0 && m != most[r]) {
        const T shrink = exponential(most[r] - m);
        total[r] *= double(shrink);
        T* out = y.at(head, row + r);
        for (int64_t i = 0; i < a.ev; ++i) out[i] *= shrink;
      }
      most[r] = m;
      total[r] += sum<T>(t.cols, [=](int64_t c) { return p[c]; });
      if (a.dropout > 0) {
        dropout_factors(a, t, r, factors);
        for (int64_t c = 0; c < t.cols; ++c) p[c] *= factors[c];
      }
    }
    gemm(false, false, rows, a.ev, t.cols, T(1), s, kCols, a.v.at(head, col), a.v.row, T(1), y.at(head, row), y.row);
  }
  for (int64_t r = 0; r < rows; ++r) {
    const bool blind = total[r] == 0;
    const T factor = blind ? T(0) : T(1 / total[r]);
    T* out = y.at(head, row + r);
    for (int64_t i = 0; i < a.ev; ++i) out[i] *= factor;
    lse[head * a.l + row + r] = blind ? kInfinity<T> : T(double(most[r]) + std::log(total[r]));
  }
}

// The backward of single tiles, each of which adds to the rows of dq, or of dk and dv, that it belongs to.
template <class T>
struct TileBackward {
  const AttentionInput<T>& a;
  HeadRows<const T> dy;
  const T *lse, *products;  // products = Σ dy·y (heads, l)
  T *dq, *dk, *dv, *dmask;

  // p, ds (kRows, kCols) is scratch
  void operator()(const Tile& t, bool for_queries, bool for_keys, T* p, T* ds) const {
    scores(a, t, p);
    gemm(false, true, t.rows, t.cols, a.ev, T(1), dy.at(t.head, t.row), dy.row, a.v.at(t.head, t.col), a.v.row, T(0),
         ds, kCols);
    T factors[kCols];
    for (int64_t r = 0; r < t.rows; ++r) {
      T *weights = p + r * kCols, *slopes = ds + r * kCols;
      const int64_t at = t.head * a.l + t.row + r;
      const T total = lse[at], product = products[at];
      for (int64_t c = 0; c < t.cols; ++c) weights[c] = exponential(weights[c] - total);
      if (a.dropout > 0) {
        dropout_factors(a, t, r, factors);
        for (int64_t c = 0; c < t.cols; ++c) {
          slopes[c] = weights[c] * (slopes[c] * factors[c] - product);
          weights[c] *= factors[c];
        }
      } else {
        for (int64_t c = 0; c < t.cols; ++c) slopes[c] = weights[c] * (slopes[c] - product);
      }
      if (for_queries && dmask) std::copy_n(slopes, t.cols, dmask + at * a.s + t.col);
    }
    if (for_queries && dq)
      gemm(false, false, t.rows, a.e, t.cols, a.scale, ds, kCols, a.k.at(t.head, t.col), a.k.row, T(1),
           dq + (t.head * a.l + t.row) * a.e, a.e);
    if (for_keys && dk)
      gemm(true, false, t.cols, a.e, t.rows, a.scale, ds, kCols, a.q.at(t.head, t.row), a.q.row, T(1),
           dk + (t.head * a.s + t.col) * a.e, a.e);
    if (for_keys && dv)
      gemm(true, false, t.cols, a.ev, t.rows, T(1), p, kCols, dy.at(t.head, t.row), dy.row, T(1),
           dv + (t.head * a.s + t.col) * a.ev, a.ev);
  }
};

template <class T>
std::unique_ptr<T[]> scratch(int64_t n) {
  return std::make_unique_for_overwrite<T[]>(size_t(n));
}

template <class T>
void fill_zero(T* x, int64_t n) {
  if (x) std::fill_n(x, n, T(0));
}

}  // namespace

template <class T>
void attention(const AttentionInput<T>& a, HeadRows<T> y, T* lse) {
  const int64_t row_blocks = blocks(a.l, kRows);
  parallel_for(a.heads * row_blocks, grain_for(std::min(a.l, kRows) * a.s * (a.e + a.ev)),
               [&](int64_t from, int64_t to) {
                 const auto s = scratch<T>(kRows * kCols);
                 for (int64_t i = from; i < to; ++i)
                   forward_block(a, i / row_blocks, i % row_blocks * kRows, y, lse, s.get());
               });
}

template <class T>
void attention_backward(const AttentionInput<T>& a, HeadRows<const T> dy, HeadRows<const T> y, const T* lse, T* dq,
                        T* dk, T* dv, T* dmask) {
  const auto products = scratch<T>(a.heads * a.l);
  parallel_for(a.heads * a.l, grain_for(a.ev), [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const T *g = dy.at(i / a.l, i % a.l), *out = y.at(i / a.l, i % a.l);
      products[size_t(i)] = T(sum<T>(a.ev, [=](int64_t c) { return g[c] * out[c]; }));
    }
  });
  const TileBackward<T> tile{a, dy, lse, products.get(), dq, dk, dv, dmask};
  const int64_t row_blocks = blocks(a.l, kRows), col_blocks = blocks(a.s, kCols), work = a.s * (a.e + a.ev);
  const auto each_column = [&](int64_t head, int64_t row, auto&& run) {
    const int64_t rows = std::min(kRows, a.l - row), end = last_column(a, row, rows);
    for (int64_t col = 0; col < end; col += kCols) run(Tile{head, row, rows, col, std::min(kCols, end - col)});
  };
  const auto clear_queries = [&](int64_t head, int64_t row, int64_t rows) {
    if (dq) fill_zero(dq + (head * a.l + row) * a.e, rows * a.e);
    if (dmask) fill_zero(dmask + (head * a.l + row) * a.s, rows * a.s);
  };
  const auto clear_keys = [&](int64_t head, int64_t col, int64_t cols) {
    if (dk) fill_zero(dk + (head * a.s + col) * a.e, cols * a.e);
    if (dv) fill_zero(dv + (head * a.s + col) * a.ev, cols * a.ev);
  };

  if (a.heads >= kHeadsForWholeOnes || row_blocks * col_blocks <= 1) {
    parallel_for(a.heads, grain_for(2 * a.l * work), [&](int64_t from, int64_t to) {
      const auto p = scratch<T>(kRows * kCols), ds = scratch<T>(kRows * kCols);
      for (int64_t head = from; head < to; ++head) {
        clear_queries(head, 0, a.l);
        clear_keys(head, 0, a.s);
        for (int64_t row = 0; row < a.l; row += kRows)
          each_column(head, row, [&](const Tile& t) { tile(t, true, true, p.get(), ds.get()); });
      }
    });
    return;
  }
  // Few long heads: once for the rows of dq, once for those of dk and dv, so that no two pieces add to the same row.
  if (dq || dmask)
    parallel_for(a.heads * row_blocks, grain_for(2 * kRows * work), [&](int64_t from, int64_t to) {
      const auto p = scratch<T>(kRows * kCols), ds = scratch<T>(kRows * kCols);
      for (int64_t i = from; i < to; ++i) {
        const int64_t head = i / row_blocks, row = i % row_blocks * kRows;
        clear_queries(head, row, std::min(kRows, a.l - row));
        each_column(head, row, [&](const Tile& t) { tile(t, true, false, p.get(), ds.get()); });
      }
    });
  if (dk || dv)
    parallel_for(a.heads * col_blocks, grain_for(2 * a.l * kCols * (a.e + a.ev)), [&](int64_t from, int64_t to) {
      const auto p = scratch<T>(kRows * kCols), ds = scratch<T>(kRows * kCols);
      for (int64_t i = from; i < to; ++i) {
        const int64_t head = i / col_blocks, col = i % col_blocks * kCols;
        clear_keys(head, col, std::min(kCols, a.s - col));
        // a causal row below col sees none of these columns
        for (int64_t row = a.causal ? col / kRows * kRows : 0; row < a.l; row += kRows) {
          const int64_t rows = std::min(kRows, a.l - row), end = std::min(col + kCols, last_column(a, row, rows));
          if (col < end) tile(Tile{head, row, rows, col, end - col}, false, true, p.get(), ds.get());
        }
      }
    });
}

template void attention(const AttentionInput<float>&, HeadRows<float>, float*);
template void attention(const AttentionInput<double>&, HeadRows<double>, double*);
template void attention_backward(const AttentionInput<float>&, HeadRows<const float>, HeadRows<const float>,
                                 const float*, float*, float*, float*, float*);
template void attention_backward(const AttentionInput<double>&, HeadRows<const double>, HeadRows<const double>,
                                 const double*, double*, double*, double*, double*);

}  // namespace lamina::kernels

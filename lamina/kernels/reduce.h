// Reductions of contiguous buffers (outer, n, inner) over n, in an order that depends on the sizes only: a long row is cut
// into pieces of fixed length, whose results are combined in order.
//   Floating sums run in 16 lanes of at most 8 values, added up in double: closer to the exact sum than a pairwise one.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "lamina/core/threads.h"

namespace lamina::kernels {

// An operation: `Lane` is what a lane holds, `Total` what lanes are gathered in.
template <class T>
struct Sum {
  using Lane = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;  // integers wrap around
  using Total = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  static Lane start() { return 0; }
  static Lane join(Lane a, Lane b) { return a + b; }
  static Total join_total(Total a, Total b) { return a + b; }
};
template <class T>
struct Product {
  using Lane = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
  using Total = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  static Lane start() { return 1; }
  static Lane join(Lane a, Lane b) { return a * b; }
  static Total join_total(Total a, Total b) { return a * b; }
};
// A NaN wins over every number.
template <class T>
struct Largest {
  using Lane = T;
  using Total = T;
  static T start() {
    if constexpr (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
    else return std::numeric_limits<T>::lowest();
  }
  static T join(T a, T b) { return a > b || a != a ? a : b; }
  static T join_total(T a, T b) { return join(a, b); }
};
template <class T>
struct Smallest {
  using Lane = T;
  using Total = T;
  static T start() {
    if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::infinity();
    else return std::numeric_limits<T>::max();
  }
  static T join(T a, T b) { return a < b || a != a ? a : b; }
  static T join_total(T a, T b) { return join(a, b); }
};
struct Any {
  using Lane = bool;
  using Total = bool;
  static bool start() { return false; }
  static bool join(bool a, bool b) { return a | b; }
  static bool join_total(bool a, bool b) { return a | b; }
};
struct All {
  using Lane = bool;
  using Total = bool;
  static bool start() { return true; }
  static bool join(bool a, bool b) { return a & b; }
  static bool join_total(bool a, bool b) { return a & b; }
};

namespace detail {
constexpr int64_t kLanes = 16;        // independent chains of a row
constexpr int64_t kDepth = 8;         // values of a lane before it is gathered
constexpr int64_t kRowPiece = 65536;  // values to a piece of one long row
constexpr int64_t kMostPieces = 256;  // of one row, however long
constexpr int64_t kTile = 256;        // columns side by side

// f(x[from]) ∘ … ∘ f(x[to − 1])
template <class Op, class In, class F>
typename Op::Total reduce_row(const In* x, int64_t n, F f) {
  using Lane = typename Op::Lane;
  using Total = typename Op::Total;
  Total total = Total(Op::start());
  int64_t i = 0;
  while (n - i >= kLanes) {
    Lane lanes[kLanes];
    for (int64_t l = 0; l < kLanes; ++l) lanes[l] = Lane(f(x[i + l]));
    i += kLanes;
    for (int64_t d = 1; d < kDepth && n - i >= kLanes; ++d, i += kLanes)
      for (int64_t l = 0; l < kLanes; ++l) lanes[l] = Op::join(lanes[l], Lane(f(x[i + l])));
    for (int64_t l = 0; l < kLanes; ++l) total = Op::join_total(total, Total(lanes[l]));
  }
  for (; i < n; ++i) total = Op::join_total(total, Total(Lane(f(x[i]))));
  return total;
}

// The same for `cols` columns (at most kTile) of rows that lie `stride` apart, into totals[cols].
template <class Op, class In, class F>
void reduce_columns(const In* x, int64_t n, int64_t stride, int64_t cols, F f, typename Op::Total* totals) {
  using Lane = typename Op::Lane;
  using Total = typename Op::Total;
  for (int64_t c = 0; c < cols; ++c) totals[c] = Total(Op::start());
  Lane lanes[kTile];
  for (int64_t i = 0; i < n;) {
    const int64_t end = std::min(n, i + kDepth);
    for (int64_t c = 0; c < cols; ++c) lanes[c] = Lane(f(x[i * stride + c]));
    for (++i; i < end; ++i)
      for (int64_t c = 0; c < cols; ++c) lanes[c] = Op::join(lanes[c], Lane(f(x[i * stride + c])));
    for (int64_t c = 0; c < cols; ++c) totals[c] = Op::join_total(totals[c], Total(lanes[c]));
  }
}
}  // namespace detail

/// out[o, i] = finish(f(x[o, 0, i]) ∘ … ∘ f(x[o, n − 1, i])); x (outer, n, inner), out (outer, inner).
/// n = 0 gives finish(Op::start()).
template <class Op, class In, class Out, class F, class Finish>
void reduce(const In* x, int64_t outer, int64_t n, int64_t inner, Out* out, F f, Finish finish) {
  using namespace detail;
  using Total = typename Op::Total;
  const int64_t width = std::min(inner, kTile), tiles = inner ? (inner + kTile - 1) / kTile : 0;
  const int64_t piece =
      std::max<int64_t>({1, kRowPiece / std::max<int64_t>(width, 1), (n + kMostPieces - 1) / kMostPieces});
  const int64_t pieces = std::max<int64_t>(1, (n + piece - 1) / piece), blocks = outer * tiles;
  // one unit of work: piece p of tile t of outer o, summed into totals
  const auto run = [&](int64_t block, int64_t p, Total* totals) {
    const int64_t o = block / tiles, first = block % tiles * kTile, cols = std::min(kTile, inner - first);
    const int64_t from = p * piece, rows = std::min(n, from + piece) - from;
    const In* start = x + (o * n + from) * inner + first;
    if (inner == 1) totals[0] = reduce_row<Op>(start, rows, f);
    else reduce_columns<Op>(start, rows, inner, cols, f, totals);
  };
  const auto write = [&](int64_t block, const Total* totals) {
    const int64_t first = block % tiles * kTile, cols = std::min(kTile, inner - first);
    for (int64_t c = 0; c < cols; ++c) out[block / tiles * inner + first + c] = Out(finish(totals[c]));
  };
  if (pieces == 1)
    return parallel_for(blocks, grain_for(width * std::max<int64_t>(n, 1)), [&](int64_t from, int64_t to) {
      Total totals[kTile];
      for (int64_t b = from; b < to; ++b) {
        run(b, 0, totals);
        write(b, totals);
      }
    });
  struct Totals {  // not std::vector<bool>
    Total values[kTile];
  };
  std::vector<Totals> parts(size_t(blocks * pieces));
  parallel_for(blocks * pieces, 1, [&](int64_t from, int64_t to) {
    for (int64_t u = from; u < to; ++u) run(u / pieces, u % pieces, parts[size_t(u)].values);
  });
  for (int64_t b = 0; b < blocks; ++b) {
    Total* totals = parts[size_t(b * pieces)].values;
    for (int64_t p = 1; p < pieces; ++p)
      for (int64_t c = 0; c < width; ++c)
        totals[c] = Op::join_total(totals[c], parts[size_t(b * pieces + p)].values[c]);
    write(b, totals);
  }
}

}  // namespace lamina::kernels

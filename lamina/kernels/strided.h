// Loops over N strided buffers of one shape, element by element, cut into pieces for parallel_for.
// The caller (ops/iterate.h) has broadcast the operands and merged dimensions that lie behind one another.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "lamina/core/threads.h"

namespace lamina::kernels {

constexpr int kMaxLoopRank = 64;  // after merging; a loop of more dimensions is refused by ops/iterate.h

/// N buffers of the same sizes; the last dimension is the innermost. Strides in bytes.
template <int N>
struct Strided {
  int rank = 0;
  int64_t numel = 1;
  std::array<int64_t, kMaxLoopRank> sizes;
  std::array<std::array<int64_t, kMaxLoopRank>, N> strides;
  std::array<std::byte*, N> data;
};

/// Calls row(pointers, strides, n) for runs of the innermost dimension that together cover elements [from, to).
template <int N, class F>
void each_row(const Strided<N>& s, int64_t from, int64_t to, F&& row) {
  if (from >= to) return;
  const int inner = s.rank - 1;
  std::array<int64_t, N> step{};
  for (int k = 0; k < N; ++k) step[k] = s.rank ? s.strides[k][inner] : 0;
  if (s.rank <= 1) {
    std::array<std::byte*, N> p;
    for (int k = 0; k < N; ++k) p[k] = s.data[k] + from * step[k];
    return row(p, step, to - from);
  }
  std::array<int64_t, kMaxLoopRank> index;
  int64_t rest = from;
  for (int d = inner; d >= 0; --d) {
    index[d] = rest % s.sizes[d];
    rest /= s.sizes[d];
  }
  std::array<std::byte*, N> p;
  for (int k = 0; k < N; ++k) {
    p[k] = s.data[k];
    for (int d = 0; d <= inner; ++d) p[k] += index[d] * s.strides[k][d];
  }
  while (from < to) {
    const int64_t n = std::min(s.sizes[inner] - index[inner], to - from);
    row(p, step, n);
    from += n;
    for (int k = 0; k < N; ++k) p[k] -= index[inner] * step[k];  // back to the start of this row
    index[inner] = 0;
    for (int d = inner - 1; d >= 0; --d) {
      for (int k = 0; k < N; ++k) p[k] += s.strides[k][d];
      if (++index[d] < s.sizes[d]) break;
      for (int k = 0; k < N; ++k) p[k] -= s.sizes[d] * s.strides[k][d];
      index[d] = 0;
    }
  }
}

constexpr int64_t kPointwiseGrain = 16384;  // elements to a piece

/// A run of map: contiguous operands, and one contiguous beside one repeated element, in loops that the compiler vectorises.
template <class Out, class... In, class F, size_t... I>
void map_row(const std::array<std::byte*, 1 + sizeof...(In)>& p, const std::array<int64_t, 1 + sizeof...(In)>& step,
             int64_t n, F f, std::index_sequence<I...>) {
  auto* out = reinterpret_cast<Out*>(p[0]);
  const bool dense = step[0] == int64_t(sizeof(Out));
  if (dense && ((step[I + 1] == int64_t(sizeof(In))) && ...)) {
    for (int64_t i = 0; i < n; ++i) out[i] = Out(f(reinterpret_cast<const In*>(p[I + 1])[i]...));
    return;
  }
  if constexpr (sizeof...(In) == 2) {
    using A = std::tuple_element_t<0, std::tuple<In...>>;
    using B = std::tuple_element_t<1, std::tuple<In...>>;
    const auto* a = reinterpret_cast<const A*>(p[1]);
    const auto* b = reinterpret_cast<const B*>(p[2]);
    if (dense && step[1] == int64_t(sizeof(A)) && step[2] == 0) {
      const B same = *b;
      for (int64_t i = 0; i < n; ++i) out[i] = Out(f(a[i], same));
      return;
    }
    if (dense && step[1] == 0 && step[2] == int64_t(sizeof(B))) {
      const A same = *a;
      for (int64_t i = 0; i < n; ++i) out[i] = Out(f(same, b[i]));
      return;
    }
  }
  for (int64_t i = 0; i < n; ++i)
    *reinterpret_cast<Out*>(p[0] + i * step[0]) = Out(f(*reinterpret_cast<const In*>(p[I + 1] + i * step[I + 1])...));
}

/// out[i] = f(in[i]…) over all elements. Element 0 of `s` is the output.
template <class Out, class... In, class F>
void map(const Strided<1 + sizeof...(In)>& s, F f) {
  parallel_for(s.numel, kPointwiseGrain, [&](int64_t from, int64_t to) {
    each_row(s, from, to, [&](const auto& p, const auto& step, int64_t n) {
      map_row<Out, In...>(p, step, n, f, std::index_sequence_for<In...>{});
    });
  });
}

}  // namespace lamina::kernels

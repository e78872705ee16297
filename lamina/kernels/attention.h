// Scaled dot-product attention in tiles: a block of rows of q meets one block of rows of k after another, and the softmax is
// put together as they come, so that memory grows with the length and not with its square.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// A matrix for each head: that of head b starts offsets[b] elements after data, its rows lie `row` apart, and the elements
/// of a row beside one another.
template <class T>
struct HeadRows {
  T* data;
  const int64_t* offsets;
  int64_t row;
  T* at(int64_t head, int64_t r) const { return data + offsets[head] + r * row; }
};

/// What attention reads. A key that a query may not see counts as a score of −∞.
template <class T>
struct AttentionInput {
  int64_t heads, l, s, e, ev;  // l queries and s keys of e elements, s values of ev, for each of the heads
  T scale;
  bool causal;          // query i sees keys 0 … i
  HeadRows<const T> q;  // (heads, l, e)
  HeadRows<const T> k;  // (heads, s, e)
  HeadRows<const T> v;  // (heads, s, ev)
  const T* added;       // (heads, l, s) added to the scores, or null
  const bool* seen;     // (heads, l, s) whether a query sees a key, or null
  const int64_t* mask_offsets;
  int64_t mask_row, mask_col;  // strides of the mask, which may be 0
  double dropout;              // probability of a weight to become zero; element i of (heads, l, s) uses word i of
  uint64_t key;                // the key's stream (kernels/philox.h)
};

// y = dropout(softmax(scale·q·kᵀ + mask))·v, 0 in a row that sees nothing; lse = log Σ exp of the scores, +∞ in such a row
//   y (heads, l, ev);  lse (heads, l)
template <class T>
void attention(const AttentionInput<T>& a, HeadRows<T> y, T* lse);

// p = exp(scores − lse), m = dropout's factors, dp = m∘(dy·vᵀ):  ds = p∘(dp − Σ dy·y)
//   dq = scale·ds·k;  dk = scale·dsᵀ·q;  dv = (m∘p)ᵀ·dy;  dmask = ds
//   dq (heads, l, e), dk (heads, s, e), dv (heads, s, ev), dmask (heads, l, s), contiguous; each may be null
template <class T>
void attention_backward(const AttentionInput<T>& a, HeadRows<const T> dy, HeadRows<const T> y, const T* lse, T* dq,
                        T* dk, T* dv, T* dmask);

}  // namespace lamina::kernels

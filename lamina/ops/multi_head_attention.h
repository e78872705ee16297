// Attention of several heads between projections: all that nn::MultiheadAttention computes.
#pragma once
#include "lamina/ops/attention.h"

namespace lamina::ops {

/// The weights of multi-head attention. E is the size of a query.
struct MultiHeadAttentionWeights {
  Tensor in_proj_weight = {};  // (3·E, E): of query, key and value, one above the other; or the next three, separately
  Tensor q_proj_weight = {}, k_proj_weight = {}, v_proj_weight = {};  // (E, E), (E, kdim), (E, vdim)
  Tensor in_proj_bias = {};                                           // (3·E), or undefined
  Tensor bias_k = {}, bias_v = {};                  // (1, 1, E): a further key and value, or undefined
  Tensor out_proj_weight = {}, out_proj_bias = {};  // (E, E) and (E) or undefined
};

/// How it is called. Defaults are PyTorch's.
struct MultiHeadAttentionOptions {
  int64_t embed_dim, num_heads;
  bool add_zero_attn = false;  // a further key and value of zeros
  double dropout_p = 0;        // of the weights, while training
  bool training = true;
  bool batch_first = false;      // (N, L, E) instead of (L, N, E)
  Tensor key_padding_mask = {};  // (N, S), or (S) unbatched: bool, true hides a key; or floats that are added
  bool need_weights = true;
  Tensor attn_mask =
      {};  // (L, S) or (N·num_heads, L, S): bool, true hides a key from a query; or floats that are added
  bool average_attn_weights = true;
  bool is_causal = false;               // a hint: attn_mask is the causal one
  Tensor static_k = {}, static_v = {};  // (N·num_heads, S, E/num_heads): instead of the projected key or value
};

/// out_proj(concat_h softmax(q_h·k_hᵀ/√(E/num_heads) + masks)·v_h) with q, k, v = query, key, value projected
///   query (L, N, E), key (S, N, kdim), value (S, N, vdim), or without N → output (L, N, E)
///   weights (N, L, S), or (N, num_heads, L, S) without average_attn_weights; undefined without need_weights
/// A query that no key is left for gives out_proj_bias. One product projects all that are the same tensor.
/// Errors: ShapeError, DTypeError, OptionError. Source: torch.nn.functional.multi_head_attention_forward.
AttentionResult multi_head_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                     const MultiHeadAttentionWeights& weights,
                                     const MultiHeadAttentionOptions& options);

}  // namespace lamina::ops

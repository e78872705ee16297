// Attention: rows of values, weighted by how well their keys match a query.
#pragma once
#include <optional>

#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What scaled_dot_product_attention takes by name. Defaults and order are PyTorch's.
struct AttentionOptions {
  Tensor attn_mask = {};  // bool: true takes part; or floats that are added to the scores; broadcasts to (…, L, S)
  double dropout_p = 0;   // applied to the weights, always: pass 0 in eval mode
  bool is_causal = false;
  std::optional<double> scale = {};  // 1/√E unless given
  bool enable_gqa = false;           // each head of key and value serves a group of query's heads
};

/// softmax(query · keyᵀ · scale + mask) · value
///   query (…, L, E), key (…, S, E), value (…, S, Ev), leading dimensions broadcast → (…, L, Ev)
/// With is_causal, row i sees keys 0 … i. A row that sees no key gives zeros and has zero gradients.
/// Computed in tiles, in memory that grows with L + S; second derivatives, and masks drawn as PyTorch draws them, take L·S.
/// Errors: ShapeError, DTypeError, OptionError.
/// Source: Vaswani et al. 2017 (arXiv:1706.03762); torch.nn.functional.scaled_dot_product_attention.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {}, const GeneratorRef& generator = {});

struct AttentionResult {
  Tensor output;   // (…, L, Ev)
  Tensor weights;  // (…, L, S), after dropout
};
/// The same with its weights, which take memory that grows with L·S; gradients flow through both.
AttentionResult attention_with_weights(const Tensor& query, const Tensor& key, const Tensor& value,
                                       const AttentionOptions& options = {}, const GeneratorRef& generator = {});

}  // namespace lamina::ops

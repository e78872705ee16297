// MultiheadAttention: attention of several heads between projections.
//   nn::MultiheadAttention attention(64, 4, {.batch_first = true});
//   auto [output, weights] = attention(x, x, x);                             // x (N, L, 64): output the same, weights (N, L, L)
//   auto [out, none] = attention(x, memory, memory, {.need_weights = false});  // faster, and in less memory
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/module.h"
#include "lamina/ops/multi_head_attention.h"

namespace lamina::nn {

/// A Linear under the name that PyTorch prints for MultiheadAttention's out_proj.
class NonDynamicallyQuantizableLinearImpl : public LinearImpl {
 public:
  using LinearImpl::LinearImpl;
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

class NonDynamicallyQuantizableLinear : public ModuleHolder<NonDynamicallyQuantizableLinearImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  NonDynamicallyQuantizableLinear(int64_t in_features, int64_t out_features, LinearOptions options = {})
      : ModuleHolder(std::in_place, in_features, out_features, options) {}
};

/// What MultiheadAttention takes by name. Defaults and order are PyTorch's.
struct MultiheadAttentionOptions {
  Scalar dropout = 0.0;
  bool bias = true;
  bool add_bias_kv = false;
  bool add_zero_attn = false;
  std::optional<int64_t> kdim = {}, vdim = {};  // embed_dim when left out
  bool batch_first = false;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// What a call takes by name. Defaults and order are PyTorch's.
struct AttentionCall {
  Tensor key_padding_mask = {};  // (N, S), or (S) unbatched: bool, true hides a key; or floats that are added
  bool need_weights = true;
  Tensor attn_mask =
      {};  // (L, S) or (N·num_heads, L, S): bool, true hides a key from a query; or floats that are added
  bool average_attn_weights = true;
  bool is_causal = false;  // a hint: attn_mask is the causal one
};

using ops::AttentionResult;

/// out_proj(concat_h softmax(q_h·k_hᵀ/√head_dim + masks)·v_h) with q, k, v the projected query, key and value.
/// Shape: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim) → output (L, N, embed_dim), weights (N, L, S) or
///   (N, num_heads, L, S); (N, L, …) with batch_first; all without N, too. Weights are undefined without need_weights.
/// in_proj_weight (3·embed_dim, embed_dim), or q_, k_ and v_proj_weight where kdim or vdim differ; in_proj_bias
///   (3·embed_dim); bias_k and bias_v (1, 1, embed_dim); out_proj.weight, out_proj.bias.
/// A query that no key is left for gives out_proj.bias. Dropout acts on the weights in training.
/// Throws OptionError, ShapeError, DTypeError.
/// Source: Vaswani et al. 2017 (arXiv:1706.03762); torch.nn.MultiheadAttention.
class MultiheadAttentionImpl : public Module {
 public:
  MultiheadAttentionImpl(int64_t embed_dim, int64_t num_heads, MultiheadAttentionOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  AttentionResult forward(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionCall& call) const;
  /// The output of self-attention alone: what a Sequential passes on.
  Tensor forward(const Tensor& input) override;
  /// forward; an Error that escapes learns this module's name.
  AttentionResult operator()(const Tensor& query, const Tensor& key, const Tensor& value,
                             const AttentionCall& call = {});
  using Module::operator();
  /// Xavier's for the projections of the input, zeros for the biases beside them; out_proj.weight stays as it is.
  void reset_attention();

  /// A binding's classes may compute a member anew for every call (a parametrized out_proj): asked for a member that is
  /// undefined, of this module or of out_proj.
  static inline Tensor (*foreign_member)(const Module& module, const char* name) = nullptr;

  int64_t embed_dim, num_heads;
  MultiheadAttentionOptions options;
  Tensor in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias, bias_k, bias_v;  // some undefined
  NonDynamicallyQuantizableLinear out_proj;
};

class MultiheadAttention : public ModuleHolder<MultiheadAttentionImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  MultiheadAttention(int64_t embed_dim, int64_t num_heads, MultiheadAttentionOptions options = {})
      : ModuleHolder(std::in_place, embed_dim, num_heads, options) {}
  using ModuleHolder::operator();
  AttentionResult operator()(const Tensor& query, const Tensor& key, const Tensor& value,
                             const AttentionCall& call = {}) const {
    return (**this)(query, key, value, call);
  }
};

namespace functional {
using ops::multi_head_attention;
using ops::scaled_dot_product_attention;
}  // namespace functional

}  // namespace lamina::nn

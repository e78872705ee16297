#include "lamina/nn/attention.h"

#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

namespace {

// Before out_proj is made of them.
int64_t checked_embed_dim(int64_t embed_dim, int64_t num_heads) {
  if (embed_dim <= 0 || num_heads <= 0)
    throw OptionError(
        str("embed_dim and num_heads must be greater than 0, got embed_dim=", embed_dim, " and num_heads=", num_heads));
  if (embed_dim % num_heads != 0)
    throw OptionError(str("embed_dim=", embed_dim, " must be divisible by num_heads=", num_heads));
  checked_numel({embed_dim, embed_dim}, 8);
  return embed_dim;
}

Tensor value_of(const Module& module, const char* name) {
  for (const TensorSlot& slot : module.tensor_slots()) {
    if (slot.name != name) continue;
    const bool computed = slot.kind == TensorSlot::Kind::Absent && !slot.value->defined();
    if (computed && MultiheadAttentionImpl::foreign_member) return MultiheadAttentionImpl::foreign_member(module, name);
    return *slot.value;
  }
  return {};
}

}  // namespace

const Declaration& NonDynamicallyQuantizableLinearImpl::declared() {
  static const Declaration d = [] {
    Declaration own = LinearImpl::declared();
    own.name = "NonDynamicallyQuantizableLinear";
    own.source = "torch.nn.modules.linear.NonDynamicallyQuantizableLinear";
    own.construct = [](const std::vector<Value>& v) -> Module* {
      return new NonDynamicallyQuantizableLinearImpl(
          FieldType<int64_t>::from(v[0]), FieldType<int64_t>::from(v[1]),
          {.bias = FieldType<bool>::from(v[2]), .dtype = FieldType<std::optional<DType>>::from(v[4])});
    };
    return own;
  }();
  return d;
}

MultiheadAttentionImpl::MultiheadAttentionImpl(int64_t embed_dim, int64_t num_heads, MultiheadAttentionOptions given)
    : embed_dim(checked_embed_dim(embed_dim, num_heads)),
      num_heads(num_heads),
      options(given),
      out_proj(embed_dim, embed_dim, {.bias = given.bias, .dtype = given.dtype}) {
  if (!options.kdim) options.kdim = embed_dim;
  if (!options.vdim) options.vdim = embed_dim;
  for (const auto& [what, size] : {std::pair("kdim", *options.kdim), {"vdim", *options.vdim}})
    if (size < 0) throw OptionError(str(what, "=", size, " must not be negative"));
  const DType dtype = options.dtype.value_or(default_dtype());
  const auto parameter = [&](const char* name, Tensor& member, bool wanted, const Shape& shape) {
    bind_parameter(name, member, wanted ? empty(shape, dtype) : Tensor());
  };
  const bool packed = options.kdim == embed_dim && options.vdim == embed_dim;
  parameter("in_proj_weight", in_proj_weight, packed, {3 * embed_dim, embed_dim});
  parameter("q_proj_weight", q_proj_weight, !packed, {embed_dim, embed_dim});
  parameter("k_proj_weight", k_proj_weight, !packed, {embed_dim, *options.kdim});
  parameter("v_proj_weight", v_proj_weight, !packed, {embed_dim, *options.vdim});
  parameter("in_proj_bias", in_proj_bias, options.bias, {3 * embed_dim});
  parameter("bias_k", bias_k, options.add_bias_kv, {1, 1, embed_dim});
  parameter("bias_v", bias_v, options.add_bias_kv, {1, 1, embed_dim});
  register_module("out_proj", out_proj);
  if (!SkipInitialization::active()) reset_attention();
}

void MultiheadAttentionImpl::reset_attention() {
  for (const Tensor* weight : {&in_proj_weight, &q_proj_weight, &k_proj_weight, &v_proj_weight})
    if (weight->defined()) init::xavier_uniform_(*weight);
  if (in_proj_bias.defined()) {
    init::zeros_(in_proj_bias);
    if (const Tensor bias = value_of(*out_proj, "bias"); bias.defined()) init::zeros_(bias);
  }
  for (const Tensor* bias : {&bias_k, &bias_v})
    if (bias->defined()) init::xavier_normal_(*bias);
}

AttentionResult MultiheadAttentionImpl::forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                                const AttentionCall& call) const {
  const ChildSlot* slot = nullptr;  // a script may have put another layer there
  for (const ChildSlot& child : child_slots())
    if (child.name == "out_proj") slot = &child;
  if (!slot || !slot->module) throw Error("out_proj is missing", "It was deleted from the layer or set to None");
  return ops::multi_head_attention(query, key, value,
                                   {.in_proj_weight = value_of(*this, "in_proj_weight"),
                                    .q_proj_weight = value_of(*this, "q_proj_weight"),
                                    .k_proj_weight = value_of(*this, "k_proj_weight"),
                                    .v_proj_weight = value_of(*this, "v_proj_weight"),
                                    .in_proj_bias = value_of(*this, "in_proj_bias"),
                                    .bias_k = value_of(*this, "bias_k"),
                                    .bias_v = value_of(*this, "bias_v"),
                                    .out_proj_weight = value_of(*slot->module, "weight"),
                                    .out_proj_bias = value_of(*slot->module, "bias")},
                                   {.embed_dim = embed_dim,
                                    .num_heads = num_heads,
                                    .add_zero_attn = options.add_zero_attn,
                                    .dropout_p = options.dropout.to_double(),
                                    .training = training,
                                    .batch_first = options.batch_first,
                                    .key_padding_mask = call.key_padding_mask,
                                    .need_weights = call.need_weights,
                                    .attn_mask = call.attn_mask,
                                    .average_attn_weights = call.average_attn_weights,
                                    .is_causal = call.is_causal});
}

Tensor MultiheadAttentionImpl::forward(const Tensor& input) {
  return forward(input, input, input, {.need_weights = false}).output;
}

AttentionResult MultiheadAttentionImpl::operator()(const Tensor& query, const Tensor& key, const Tensor& value,
                                                   const AttentionCall& call) {
  try {
    return forward(query, key, value, call);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

const Declaration& MultiheadAttentionImpl::declared() {
  using L = MultiheadAttentionImpl;
  using O = MultiheadAttentionOptions;
  static const Declaration d = Declare<L, O>{
      .name = "MultiheadAttention",
      .formula = "y = out_proj(concat_h softmax(q_h·k_hᵀ/√head_dim + masks)·v_h), q, k, v projected query, key, value",
      .shape =
          "query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim) → output (L, N, embed_dim), weights (N, L, S) "
          "or (N, num_heads, L, S); (N, L, …) with batch_first; all without N, too",
      .source = "Vaswani et al. 2017 (arXiv:1706.03762); torch.nn.MultiheadAttention",
      .notes =
          "forward(query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, "
          "average_attn_weights=True, is_causal=False) returns (output, weights), weights None without need_weights, "
          "which is faster. key_padding_mask is (N, S), attn_mask (L, S) or (N·num_heads, L, S): bool, True hides a "
          "key; or floats that are added to the scores. A query that no key is left for gives out_proj.bias.",
      .required = {{"embed_dim", &L::embed_dim, "size of the output, split between the heads", Show::Never},
                   {"num_heads", &L::num_heads, "how many heads attend in parallel", Show::Never}},
      .options = {{"dropout", &O::dropout, "probability of a weight to become zero in training", Show::Never},
                  {"bias", &O::bias, "learn biases of the projections", Show::Never},
                  {"add_bias_kv", &O::add_bias_kv, "learn a further key and value", Show::Never},
                  {"add_zero_attn", &O::add_zero_attn, "add a key and a value of zeros", Show::Never},
                  {"kdim", &O::kdim, "size of a key; embed_dim when left out", Show::Never},
                  {"vdim", &O::vdim, "size of a value; embed_dim when left out", Show::Never},
                  {"batch_first", &O::batch_first, "the first dimension counts samples, the second time", Show::Never},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); }};
  return d;
}

}  // namespace lamina::nn

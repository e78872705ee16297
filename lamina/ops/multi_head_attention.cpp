#include "lamina/ops/multi_head_attention.h"

#include <limits>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linear.h"
#include "lamina/ops/pad.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

using Options = MultiHeadAttentionOptions;
using Weights = MultiHeadAttentionWeights;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Lengths of a call: n samples, l queries, s keys.
struct Lengths {
  bool batched;
  int64_t n, l, s;
};

// ---- checks --------------------------------------------------------------------------------------------------------

Lengths lengths_of(const Tensor& query, const Tensor& key, const Options& o) {
  const bool batched = query.rank() == 3, sideways = batched && o.batch_first;
  return {batched, batched ? query.size(sideways ? 0 : 1) : 1, query.size(sideways ? 1 : 0),
          key.size(sideways ? 1 : 0)};
}

void check_operands(const Tensor& query, const Tensor& key, const Tensor& value, const Weights& w, const Options& o) {
  if (query.rank() != 2 && query.rank() != 3)
    throw ShapeError(str("query ", query.shape(), " must have 3 dimensions, or 2 without a batch"));
  if (key.rank() != query.rank() || value.rank() != query.rank())
    throw ShapeError(str("key ", key.shape(), " and value ", value.shape(), " must have ", query.rank(),
                         " dimensions, as query ", query.shape()));
  if (query.size(-1) != o.embed_dim)
    throw ShapeError(str("query ", query.shape(), " must end in embed_dim=", o.embed_dim));
  const Shape lead = key.shape().slice(0, -1);
  if (lead != value.shape().slice(0, -1))
    throw ShapeError(str("key ", key.shape(), " and value ", value.shape(), " must have the same length and batch"));
  const bool packed = w.in_proj_weight.defined();
  const int64_t kdim = packed ? o.embed_dim : w.k_proj_weight.size(-1);
  const int64_t vdim = packed ? o.embed_dim : w.v_proj_weight.size(-1);
  if (key.size(-1) != kdim) throw ShapeError(str("key ", key.shape(), " must end in kdim=", kdim));
  if (value.size(-1) != vdim) throw ShapeError(str("value ", value.shape(), " must end in vdim=", vdim));
  if (query.rank() == 3) {
    const int64_t batch = o.batch_first ? 0 : 1;
    if (key.size(batch) != query.size(batch))
      throw ShapeError(str("key ", key.shape(), " must have ", query.size(batch), " samples, as query ", query.shape()),
                       o.batch_first ? "" : "With batch_first=False the samples are the second dimension");
  }
  check_same_dtype(query, {{"key", &key}, {"value", &value}});
}

void check_weights(const Weights& w, const Options& o) {
  if (o.num_heads <= 0 || o.embed_dim % o.num_heads != 0)
    throw ShapeError(str("embed_dim=", o.embed_dim, " must be divisible by num_heads=", o.num_heads));
  const int64_t e = o.embed_dim;
  const auto must_be = [](const char* what, const Tensor& t, const Shape& shape) {
    if (t.shape() != shape) throw ShapeError(str(what, " ", t.shape(), " must be ", shape));
  };
  if (w.in_proj_weight.defined()) {
    must_be("in_proj_weight", w.in_proj_weight, {3 * e, e});
  } else {
    for (const auto& [what, t] : {std::pair("q_proj_weight", &w.q_proj_weight),
                                  {"k_proj_weight", &w.k_proj_weight},
                                  {"v_proj_weight", &w.v_proj_weight}}) {
      if (!t->defined()) throw Error(str(what, " is missing, and so is in_proj_weight"));
      if (t->rank() != 2) throw ShapeError(str(what, " ", t->shape(), " must have two dimensions"));
      must_be(what, *t, {e, t == &w.q_proj_weight ? e : t->size(1)});
    }
  }
  if (w.in_proj_bias.defined()) must_be("in_proj_bias", w.in_proj_bias, {3 * e});
  if (w.bias_k.defined() != w.bias_v.defined()) throw OptionError("bias_k and bias_v go together: one is missing");
  if (w.bias_k.defined() && (o.static_k.defined() || o.static_v.defined()))
    throw OptionError("bias_k and bias_v cannot be added to static_k and static_v");
  for (const auto& [what, t] : {std::pair("bias_k", &w.bias_k), {"bias_v", &w.bias_v}})
    if (t->defined()) must_be(what, *t, {1, 1, e});
}

void check_masks(const Lengths& n, const Options& o) {
  for (const auto& [what, mask] : {std::pair("key_padding_mask", &o.key_padding_mask), {"attn_mask", &o.attn_mask}})
    if (mask->defined() && mask->dtype() != kBool && !mask->is_floating_point())
      throw OptionError(str(what, " is ", name(mask->dtype()), ": only bool and floating types are supported"));
  const Shape padding = n.batched ? Shape{n.n, n.s} : Shape{n.s};
  if (o.key_padding_mask.defined() && o.key_padding_mask.shape() != padding)
    throw ShapeError(
        str("key_padding_mask ", o.key_padding_mask.shape(), " must be ", padding, ": a value for each key"));
  const Shape one{n.l, n.s}, each{n.n * o.num_heads, n.l, n.s};
  if (o.attn_mask.defined() && o.attn_mask.shape() != one && o.attn_mask.shape() != each)
    throw ShapeError(
        str("attn_mask ", o.attn_mask.shape(), " must be (L, S) = ", one, " or (N·num_heads, L, S) = ", each));
  if (o.is_causal && !o.attn_mask.defined())
    throw Error("is_causal is a hint about attn_mask, which is missing",
                "Pass the causal mask as attn_mask, or use scaled_dot_product_attention");
}

// ---- masks ---------------------------------------------------------------------------------------------------------

// bool, or floats that are added to the scores
Tensor added(const Tensor& mask, DType dtype) {
  return mask.dtype() == kBool ? masked_fill(zeros(mask.shape(), dtype), mask, -kInfinity) : to(mask, dtype);
}

// Both masks as one that broadcasts to (N, heads, L, S) and follows attention's rule: bool is what takes part.
// `more` keys that nothing hides were appended.
Tensor joined_mask(const Lengths& n, const Options& o, DType dtype, int64_t more) {
  Tensor padding = o.key_padding_mask, mask = o.attn_mask;
  if (padding.defined()) padding = reshape(padding, {n.n, 1, 1, n.s});
  if (mask.defined() && mask.rank() == 3) mask = unflatten(mask, 0, {n.n, o.num_heads});
  Tensor joined = padding.defined() ? padding : mask;
  if (padding.defined() && mask.defined())
    joined = padding.dtype() == kBool && mask.dtype() == kBool ? logical_or(padding, mask)
                                                               : add(added(padding, dtype), added(mask, dtype));
  if (!joined.defined()) return {};
  if (more > 0) joined = pad(joined, {0, more});
  return joined.dtype() == kBool ? logical_not(joined) : to(joined, dtype);
}

// ---- projections ---------------------------------------------------------------------------------------------------

struct Projected { Tensor q, k, v; };

Projected projected(const Tensor& query, const Tensor& key, const Tensor& value, const Weights& w, int64_t e) {
  const auto bias = [&](int64_t from, int64_t parts) {
    return w.in_proj_bias.defined() ? narrow(w.in_proj_bias, 0, from * e, parts * e) : Tensor();
  };
  if (!w.in_proj_weight.defined())
    return {linear(query, w.q_proj_weight, bias(0, 1)), linear(key, w.k_proj_weight, bias(1, 1)),
            linear(value, w.v_proj_weight, bias(2, 1))};
  const auto project = [&](const Tensor& x, int64_t from, int64_t parts) {
    return linear(x, narrow(w.in_proj_weight, 0, from * e, parts * e), bias(from, parts));
  };
  if (query.is(key) && key.is(value)) {
    const Tensor all = linear(query, w.in_proj_weight, w.in_proj_bias);
    return {narrow(all, -1, 0, e), narrow(all, -1, e, e), narrow(all, -1, 2 * e, e)};
  }
  if (key.is(value)) {
    const Tensor both = project(key, 1, 2);
    return {project(query, 0, 1), narrow(both, -1, 0, e), narrow(both, -1, e, e)};
  }
  return {project(query, 0, 1), project(key, 1, 1), project(value, 2, 1)};
}

// x (L, N, E) with `bias` (1, 1, E) as one more row
Tensor with_row(const Tensor& x, const Tensor& bias, bool sideways) {
  const int dim = sideways ? 1 : 0;
  Shape shape = x.shape();
  shape[dim] = 1;
  return cat({x, expand(bias, shape)}, dim);
}

// (L, N, E) → (N, heads, L, E/heads), a view
Tensor split_heads(const Tensor& x, int64_t heads, bool sideways) {
  const Tensor split = unflatten(x, -1, {heads, x.size(-1) / heads});
  return permute(split, sideways ? Shape{0, 2, 1, 3} : Shape{1, 2, 0, 3});
}

// (N, heads, S, E/heads) with a row of zeros behind
Tensor with_zeros(const Tensor& x) {
  Shape shape = x.shape();
  shape[-2] = 1;
  return cat({x, zeros(shape, x.dtype())}, -2);
}

Tensor given_heads(const char* what, const Tensor& t, int64_t n, const Options& o) {
  const int64_t size = o.embed_dim / o.num_heads;
  if (t.rank() != 3 || t.size(0) != n * o.num_heads || t.size(2) != size)
    throw ShapeError(
        str(what, " ", t.shape(), " must be (N·num_heads, S, head_dim) = (", n * o.num_heads, ", S, ", size, ")"));
  return unflatten(t, 0, {n, o.num_heads});
}

}  // namespace

AttentionResult multi_head_attention(const Tensor& query, const Tensor& key, const Tensor& value, const Weights& w,
                                     const Options& o) {
  check_weights(w, o);
  check_operands(query, key, value, w, o);
  const Lengths n = lengths_of(query, key, o);
  check_masks(n, o);

  Projected p = projected(query, key, value, w, o.embed_dim);
  const bool sideways = n.batched && o.batch_first;
  if (!n.batched) p = {unsqueeze(p.q, 1), unsqueeze(p.k, 1), unsqueeze(p.v, 1)};
  if (w.bias_k.defined()) p = {p.q, with_row(p.k, w.bias_k, sideways), with_row(p.v, w.bias_v, sideways)};
  const Tensor q = split_heads(p.q, o.num_heads, sideways);
  Tensor k =
      o.static_k.defined() ? given_heads("static_k", o.static_k, n.n, o) : split_heads(p.k, o.num_heads, sideways);
  Tensor v =
      o.static_v.defined() ? given_heads("static_v", o.static_v, n.n, o) : split_heads(p.v, o.num_heads, sideways);
  if (o.add_zero_attn) k = with_zeros(k), v = with_zeros(v);

  AttentionOptions attention{.dropout_p = o.training ? o.dropout_p : 0};
  attention.is_causal = o.is_causal && !o.key_padding_mask.defined() && !o.need_weights;
  if (!attention.is_causal) attention.attn_mask = joined_mask(n, o, q.dtype(), w.bias_k.defined() + o.add_zero_attn);
  AttentionResult r = o.need_weights ? attention_with_weights(q, k, v, attention)
                                     : AttentionResult{scaled_dot_product_attention(q, k, v, attention), {}};

  const Tensor heads = flatten(permute(r.output, sideways ? Shape{0, 2, 1, 3} : Shape{2, 0, 1, 3}), -2);
  r.output = linear(n.batched ? heads : squeeze(heads, 1), w.out_proj_weight, w.out_proj_bias);
  if (!o.need_weights) return r;
  if (o.average_attn_weights) r.weights = mean(r.weights, {1});
  if (!n.batched) r.weights = squeeze(r.weights, 0);
  return r;
}

}  // namespace lamina::ops

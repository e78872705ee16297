#include "lamina/ops/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check_operands(const Tensor& query, const Tensor& key, const Tensor& value) {
  if (std::min({query.rank(), key.rank(), value.rank()}) < 2)
    throw ShapeError(str("query ", query.shape(), ", key ", key.shape(), " and value ", value.shape(),
                         " must each have two dimensions or more: (…, length, size)"));
  if (query.dtype() != key.dtype() || query.dtype() != value.dtype())
    throw DTypeError(str("query is ", name(query.dtype()), ", key ", name(key.dtype()), " and value ",
                         name(value.dtype()), ": they must have the same dtype"));
  if (!query.is_floating_point()) throw_unsupported("scaled_dot_product_attention", query.dtype());
  if (query.size(-1) != key.size(-1))
    throw ShapeError(str("query ", query.shape(), " and key ", key.shape(), " must have the same last size"));
  if (key.size(-2) != value.size(-2))
    throw ShapeError(str("key ", key.shape(), " and value ", value.shape(), " must have the same length, ",
                         key.size(-2), " is not ", value.size(-2)));
}

void check_options(const Tensor& query, const AttentionOptions& o) {
  check_dropout_probability(o.dropout_p);
  if (o.scale && std::isnan(*o.scale)) throw OptionError("scale must be a number, got nan");
  if (!o.attn_mask.defined()) return;
  if (o.is_causal)
    throw OptionError("attn_mask and is_causal=True exclude one another", "Put the causal part into attn_mask");
  const DType mask = o.attn_mask.dtype();
  if (mask != kBool && mask != query.dtype() && !(mask == kFloat32 && is_half(query.dtype())))
    throw DTypeError(str("attn_mask is ", name(mask), ": it must be bool or ", name(query.dtype()), ", query's dtype"));
}

void check_mask_shape(const Shape& mask, const Shape& scores) {
  bool fits = mask.rank() <= scores.rank();
  for (int d = 1; fits && d <= mask.rank(); ++d) fits = mask[-d] == 1 || mask[-d] == scores[-d];
  if (!fits) throw ShapeError(str("attn_mask ", mask, " must broadcast to the scores (…, L, S) = ", scores));
}

// Each head of x repeated so that there are as many as query has.
Tensor grouped(const char* what, const Tensor& x, const Tensor& query) {
  if (x.rank() < 3 || query.rank() < 3)
    throw ShapeError(str("enable_gqa: query ", query.shape(), " and ", what, " ", x.shape(),
                         " must have heads in their third dimension from the end"));
  const int64_t heads = query.size(-3), own = x.size(-3);
  if (own == 0 || heads % own != 0)
    throw ShapeError(str("enable_gqa: the ", own, " heads of ", what, " must divide the ", heads, " heads of query"));
  return own == heads ? x : repeat_interleave(x, heads / own, -3);
}

// Softmax over the last dimension, zero in a row that is −∞ throughout.
Tensor weights_of(const Tensor& scores, bool masked) {
  if (!masked || scores.size(-1) == 0) return softmax(scores, -1);
  const Tensor none = eq(amax(scores.detach(), {-1}, true), -kInfinity);
  return masked_fill(softmax(masked_fill(scores, none, 0), -1), none, 0);
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& o, const GeneratorRef& generator) {
  check_operands(query, key, value);
  check_options(query, o);
  if (is_half(query.dtype())) {
    AttentionOptions single = o;
    if (o.attn_mask.defined() && o.attn_mask.dtype() != kBool) single.attn_mask = to(o.attn_mask, kFloat32);
    return to(
        scaled_dot_product_attention(to(query, kFloat32), to(key, kFloat32), to(value, kFloat32), single, generator),
        query.dtype());
  }
  const Tensor k = o.enable_gqa ? grouped("key", key, query) : key;
  const Tensor v = o.enable_gqa ? grouped("value", value, query) : value;
  const int64_t size = query.size(-1);
  const double scale = o.scale.value_or(size > 0 ? 1 / std::sqrt(double(size)) : 1);
  Tensor scores = matmul(mul(query, scale), transpose(k, -2, -1));
  const Tensor& mask = o.attn_mask;
  if (mask.defined()) {
    check_mask_shape(mask.shape(), scores.shape());
    scores = mask.dtype() == kBool ? masked_fill(scores, logical_not(mask), -kInfinity) : add(scores, mask);
  } else if (o.is_causal) {
    const Shape rows{query.size(-2), k.size(-2)};
    scores = masked_fill(scores, eq(tril(ones(rows, kUInt8)), 0), -kInfinity);
  }
  return matmul(dropout(weights_of(scores, mask.defined()), o.dropout_p, true, false, generator), v);
}

}  // namespace lamina::ops

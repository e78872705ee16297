#include "lamina/ops/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/attention.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
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
  if (o.scale && !std::isfinite(*o.scale)) throw OptionError(str("scale must be a finite number, got ", *o.scale));
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

// What every way to compute needs to know: operands of one leading shape, mask expanded to the scores or undefined.
struct Plan {
  double scale;
  bool causal;
  double dropout;
  GeneratorRef generator;
  uint64_t key = 0;  // of dropout's mask where `keyed`
  bool keyed = false;
};

Tensor dropped(const Tensor& weights, const Plan& plan) {
  if (plan.keyed) return dropout_with_key(weights, plan.dropout, plan.key);
  return dropout(weights, plan.dropout, true, false, plan.generator);
}

// Softmax over the last dimension, zero in a row that is −∞ throughout.
Tensor weights_of(const Tensor& scores, bool masked) {
  if (!masked || scores.size(-1) == 0) return softmax(scores, -1);
  const Tensor none = eq(amax(scores.detach(), {-1}, true), -kInfinity);
  return masked_fill(softmax(masked_fill(scores, none, 0), -1), none, 0);
}

// query, key, value, mask → output and weights
AttentionResult plain(const Tensors& in, const Plan& plan) {
  const Tensor &query = in[0], &key = in[1], &value = in[2], &mask = in[3];
  Tensor scores = matmul(mul(query, plan.scale), transpose(key, -2, -1));
  if (mask.defined())
    scores = mask.dtype() == kBool ? masked_fill(scores, logical_not(mask), -kInfinity) : add(scores, mask);
  else if (plan.causal)
    scores = masked_fill(scores, eq(tril(ones({query.size(-2), key.size(-2)}, kUInt8)), 0), -kInfinity);
  const Tensor weights = dropped(weights_of(scores, mask.defined()), plan);
  return {matmul(weights, value), weights};
}

// ---- in tiles ------------------------------------------------------------------------------------------------------

// Where the matrices of the last two dimensions start, in elements after the first.
std::vector<int64_t> matrix_offsets(const Tensor& t) {
  std::vector<int64_t> offsets = {0};
  for (int d = 0; d + 2 < t.rank(); ++d) {
    std::vector<int64_t> more;
    more.reserve(offsets.size() * size_t(t.shape()[d]));
    for (const int64_t offset : offsets)
      for (int64_t i = 0; i < t.shape()[d]; ++i) more.push_back(offset + i * t.strides()[d]);
    offsets = std::move(more);
  }
  return offsets;
}

// A tensor as the kernel takes it; only one whose rows are not dense, or overlap, is copied.
struct Matrices {
  explicit Matrices(const Tensor& t) : tensor(t.detach()) {
    const int64_t rows = t.size(-2), cols = t.size(-1);
    if ((cols > 1 && t.strides()[-1] != 1) || (rows > 1 && t.strides()[-2] < cols)) tensor = contiguous(tensor);
    offsets = matrix_offsets(tensor);
  }
  template <class T>
  kernels::HeadRows<T> rows() const {
    return {tensor.data<std::remove_const_t<T>>(), offsets.data(),
            tensor.size(-2) > 1 ? tensor.strides()[-2] : std::max<int64_t>(tensor.size(-1), 1)};
  }
  Tensor tensor;
  std::vector<int64_t> offsets;
};

struct Operands {
  explicit Operands(const Tensors& in)
      : query(in[0]), key(in[1]), value(in[2]), mask(in[3].defined() ? in[3].detach() : Tensor()) {
    if (mask.defined()) mask_offsets = matrix_offsets(mask);
  }
  template <class T>
  kernels::AttentionInput<T> input(const Plan& plan) const {
    const bool seen = mask.defined() && mask.dtype() == kBool;
    return {.heads = int64_t(query.offsets.size()),
            .l = query.tensor.size(-2),
            .s = key.tensor.size(-2),
            .e = query.tensor.size(-1),
            .ev = value.tensor.size(-1),
            .scale = T(plan.scale),
            .causal = plan.causal,
            .q = query.rows<const T>(),
            .k = key.rows<const T>(),
            .v = value.rows<const T>(),
            .added = mask.defined() && !seen ? mask.data<T>() : nullptr,
            .seen = seen ? mask.data<bool>() : nullptr,
            .mask_offsets = mask_offsets.data(),
            .mask_row = mask.defined() ? mask.strides()[-2] : 0,
            .mask_col = mask.defined() ? mask.strides()[-1] : 0,
            .dropout = plan.keyed ? plan.dropout : 0,
            .key = plan.key};
  }
  Matrices query, key, value;
  Tensor mask;
  std::vector<int64_t> mask_offsets;
};

// Unset, the dimensions in query's order in memory, so that heads that were split from one row can be joined without a copy.
Tensor empty_output(const Tensor& query, int64_t size) {
  if (size == query.size(-1))
    if (const Tensor y = empty_in_layout_of(query); size == 1 || y.strides()[-1] == 1) return y;
  Shape shape = query.shape();
  shape[-1] = size;
  return empty(shape, query.dtype());
}

Tensors gradients(const Backward& g, const Tensors& in, const Tensor& y, const Tensor& lse, const Plan& plan) {
  const Operands operands(in);
  const Matrices dy(g.dy()), out(y);
  Tensors d(4);
  for (size_t i = 0; i < 4; ++i)
    if (g.needs(i)) d[i] = empty(in[i].shape(), y.dtype());
  dispatch_real(y.dtype(), "scaled_dot_product_attention", [&]<class T>() {
    kernels::attention_backward(operands.input<T>(plan), dy.rows<const T>(), out.rows<const T>(), lse.data<T>(),
                                d[0].data_or_null<T>(), d[1].data_or_null<T>(), d[2].data_or_null<T>(),
                                d[3].data_or_null<T>());
  });
  return d;
}

Tensor tiled(const Tensors& in, const Plan& plan) {
  const Operands operands(in);
  const Matrices y(empty_output(in[0], in[2].size(-1)));
  const Tensor lse = empty(in[0].shape().slice(0, -1), in[0].dtype());
  dispatch_real(in[0].dtype(), "scaled_dot_product_attention",
                [&]<class T>() { kernels::attention(operands.input<T>(plan), y.rows<T>(), lse.data<T>()); });
  if (needs_grad(in))
    record("ScaledDotProductFlashAttentionForCpuBackward0", y.tensor, {&in[0], &in[1], &in[2], &in[3]},
           [query = Saved(in[0]), key = Saved(in[1]), value = Saved(in[2]), mask = Saved(in[3]),
            y = Saved::output(y.tensor), lse, plan](const Backward& g) -> Tensors {
             const Tensors in = {query.get(), key.get(), value.get(), mask.get()};
             if (g.create_graph)
               return differentiate(g, in, [&](const Tensors& again) { return plain(again, plan).output; });
             return gradients(g, in, y.get(), lse, plan);
           });
  return y.tensor;
}

// ---- both ----------------------------------------------------------------------------------------------------------

AttentionResult attend(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionOptions& o,
                       const GeneratorRef& generator, bool want_weights) {
  check_operands(query, key, value);
  check_options(query, o);
  if (is_half(query.dtype())) {
    AttentionOptions single = o;
    if (o.attn_mask.defined() && o.attn_mask.dtype() != kBool) single.attn_mask = to(o.attn_mask, kFloat32);
    const AttentionResult r =
        attend(to(query, kFloat32), to(key, kFloat32), to(value, kFloat32), single, generator, want_weights);
    return {to(r.output, query.dtype()), want_weights ? to(r.weights, query.dtype()) : Tensor()};
  }
  Tensors in = {query, o.enable_gqa ? grouped("key", key, query) : key,
                o.enable_gqa ? grouped("value", value, query) : value, o.attn_mask};
  Shape leading;
  for (size_t i = 0; i < 3; ++i) leading = broadcast(leading, in[i].shape().slice(0, -2));
  for (size_t i = 0; i < 3; ++i)
    if (in[i].rank() != leading.rank() + 2 || in[i].shape().slice(0, -2) != leading)
      in[i] = expand(in[i], leading + in[i].shape().last(2));
  if (o.attn_mask.defined()) {
    const Shape scores = leading + Shape{in[0].size(-2), in[1].size(-2)};
    check_mask_shape(o.attn_mask.shape(), scores);
    in[3] = expand(o.attn_mask, scores);
  }
  const int64_t size = query.size(-1);
  Plan plan{.scale = o.scale.value_or(size > 0 ? 1 / std::sqrt(double(size)) : 1),
            .causal = o.is_causal,
            .dropout = o.dropout_p,
            .generator = generator};
  const bool drops = o.dropout_p > 0;
  if (want_weights || (drops && (o.dropout_p == 1 || match_torch()))) return plain(in, plan);
  if (drops) plan.key = draw_key(generator), plan.keyed = true;
  return {tiled(in, plan), {}};
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options, const GeneratorRef& generator) {
  return attend(query, key, value, options, generator, false).output;
}

AttentionResult attention_with_weights(const Tensor& query, const Tensor& key, const Tensor& value,
                                       const AttentionOptions& options, const GeneratorRef& generator) {
  return attend(query, key, value, options, generator, true);
}

}  // namespace lamina::ops

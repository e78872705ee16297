#include "lamina/ops/embedding_bag.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/embedding_bag.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/embedding.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

BagMode bag_mode_of(const std::string& name) {
  if (name == "sum") return BagMode::Sum;
  if (name == "mean") return BagMode::Mean;
  if (name == "max") return BagMode::Max;
  throw OptionError(str("mode has to be one of sum, mean or max, got ", name));
}

namespace {

bool is_index(const Tensor& t) { return t.dtype() == kInt64 || t.dtype() == kInt32; }

void check_operands(const Tensor& input, const Tensor& weight, const EmbeddingBagCall& call) {
  check_defined("weight", weight);
  if (weight.rank() != 2) throw ShapeError(str("weight ", weight.shape(), " must be (num_embeddings, embedding_dim)"));
  if (!is_index(input))
    throw DTypeError(str("input is ", name(input.dtype()), ": indices must be int64 or int32"),
                     "Convert the input with .long()");
  if (input.rank() != 1 && input.rank() != 2)
    throw ShapeError(str("input ", input.shape(), " must be (bags, size), or (n) with offsets"));
  if (input.rank() == 2 && call.offsets.defined())
    throw ShapeError(str("offsets ", call.offsets.shape(), " beside an input ", input.shape(),
                         ": each row of a 2D input is a bag already"),
                     "Leave offsets out, or flatten the input");
  if (input.rank() == 1 && !call.offsets.defined())
    throw ShapeError(str("offsets has to be a 1D Tensor but got None, beside an input ", input.shape()),
                     "Say where each bag begins, or give an input of two dimensions");
}

void check_call(const Tensor& input, const Tensor& weight, const EmbeddingBagCall& call, BagMode mode) {
  if (mode == BagMode::Max && call.scale_grad_by_freq)
    throw OptionError("max mode does not support scaling the gradient by the frequency");
  if (mode == BagMode::Max && call.sparse) throw OptionError("max mode does not support sparse weights");
  if (call.sparse && needs_grad(weight))
    throw NotImplementedError("sparse gradients are not implemented", "Use sparse=False: the gradient is then dense");
  const Tensor& factors = call.per_sample_weights;
  if (!factors.defined()) return;
  if (factors.shape() != input.shape())
    throw ShapeError(str("per_sample_weights ", factors.shape(), " must have the input's shape ", input.shape()));
  if (mode != BagMode::Sum)
    throw NotImplementedError(str("per_sample_weights is only supported for mode='sum' (got mode='", call.mode, "')"));
  check_same_dtype(weight, {{"per_sample_weights", &factors}});
}

// Where the bags begin, and where the last one ends.
Tensor starts_of(const Tensor& input, const EmbeddingBagCall& call) {
  const int64_t n = input.numel();
  if (input.rank() == 2) {
    const Tensor starts = empty({input.size(0) + 1}, kInt64);
    for (int64_t b = 0; b <= input.size(0); ++b) starts.data<int64_t>()[b] = b * input.size(1);
    return starts;
  }
  if (!is_index(call.offsets))
    throw DTypeError(str("offsets is ", name(call.offsets.dtype()), ": it must be int64 or int32"));
  if (call.offsets.rank() != 1) throw ShapeError(str("offsets ", call.offsets.shape(), " has to be a 1D Tensor"));
  const int64_t given = call.offsets.numel();
  if (call.include_last_offset && given == 0)
    throw ShapeError("include_last_offset: number of offsets should be at least 1");
  const Tensor offsets = contiguous(to(call.offsets.detach(), kInt64));
  const Tensor starts = empty({call.include_last_offset ? given : given + 1}, kInt64);
  int64_t* out = starts.data<int64_t>();
  std::copy_n(offsets.data<int64_t>(), given, out);
  if (!call.include_last_offset) out[given] = n;
  if (given > 0 && out[0] != 0)
    throw OptionError(str("offsets[0] has to be 0, the first bag begins there; got ", out[0]));
  for (int64_t b = 1; b < given; ++b)
    if (out[b] < out[b - 1])
      throw OptionError(str("offsets go backwards: offsets[", b, "] is ", out[b], " after ", out[b - 1]));
  if (given > 0 && out[given - 1] > n)
    throw OptionError(
        str("offsets[-1] can not be greater than the input's length ", n, ", but it is ", out[given - 1]));
  if (given == 0) out[0] = 0;
  return starts;
}

// Everything about a call that the kernels are given; kept for the backward.
struct Bagging {
  Tensor index, starts;  // int64, contiguous
  BagMode mode;
  int64_t rows, cols, padding;
  bool by_frequency;
  kernels::Bags bags() const {
    return {index.data<int64_t>(), starts.data<int64_t>(), starts.numel() - 1, cols, padding};
  }
  int64_t count() const { return starts.numel() - 1; }
  int64_t entries() const { return index.numel(); }
};

struct Scales { Tensor scale, bag; };  // (n): what each entry's row is multiplied by, and the bag it lies in
Scales scales_of(const Bagging& b, const Tensor& factor, DType dtype, bool by_frequency) {
  const Scales s{empty({b.entries()}, dtype), empty({b.entries()}, kInt64)};
  const Tensor counts = empty({by_frequency ? b.rows : 0}, kInt64);
  dispatch_real(dtype, "embedding_bag", [&]<class T>() {
    kernels::bag_scales(b.bags(), b.entries(), b.rows, factor.data_or_null<T>(), b.mode == BagMode::Mean, by_frequency,
                        s.scale.data<T>(), s.bag.data<int64_t>(), counts.data<int64_t>());
  });
  return s;
}

Tensor contiguous_values(const Tensor& t) { return t.defined() ? contiguous(t.detach()) : t; }

// The same in recorded operations, from the table and the factors of the entries (or undefined).
Tensor sum_plain(const Tensors& in, const Bagging& b) {
  const Scales s = scales_of(b, {}, in[0].dtype(), false);
  const std::optional<int64_t> padding = b.padding >= 0 ? std::optional(b.padding) : std::nullopt;
  Tensor rows = mul(embedding(b.index, in[0], padding, {}, 2, b.by_frequency), unsqueeze(s.scale, 1));
  if (in[1].defined()) rows = mul(rows, unsqueeze(in[1], 1));
  const Tensor bag = clamp_min(s.bag, 0);  // an entry behind the last bag has the scale 0
  return index_add(zeros({b.count(), b.cols}, rows.dtype()), 0, bag, rows);
}

Tensor max_plain(const Tensor& weight, const Tensor& row) {
  const Tensor empty_bag = lt(row, 0);
  return masked_fill(gather(weight, 0, clamp_min(row, 0)), empty_bag, 0);
}

Tensor bag_sum(const Tensor& weight, const Tensor& factor, const Bagging& b) {
  const Tensor table = contiguous_values(weight), factors = contiguous_values(factor);
  Tensor y = empty({b.count(), b.cols}, weight.dtype());
  dispatch_real(y.dtype(), "embedding_bag", [&]<class T>() {
    kernels::bag_sum(b.bags(), table.data<T>(), factors.data_or_null<T>(), b.mode == BagMode::Mean, y.data<T>());
  });
  if (needs_grad(weight, factor))
    record("EmbeddingBagBackward0", y, {&weight, &factor},
           [weight = Saved(weight), factor = Saved(factor), b](const Backward& g) -> Tensors {
             if (g.create_graph)
               return differentiate(g, {weight.get(), factor.get()},
                                    [&](const Tensors& in) { return sum_plain(in, b); });
             const Tensor dy = contiguous_values(g.dy()), table = contiguous_values(weight.get()),
                          factors = contiguous_values(factor.get());
             const Scales s = scales_of(b, factors, dy.dtype(), b.by_frequency);
             Tensor dweight, dfactor;
             dispatch_real(dy.dtype(), "embedding_bag", [&]<class T>() {
               if (g.needs(0)) {
                 dweight = empty({b.rows, b.cols}, dy.dtype());
                 const Tensor starts = empty({b.rows + 1}, kInt64), order = empty({b.entries()}, kInt64);
                 kernels::bag_sum_backward(dy.data<T>(), b.index.data<int64_t>(), s.scale.data<T>(),
                                           s.bag.data<int64_t>(), b.entries(), b.rows, b.cols, b.padding,
                                           dweight.data<T>(), starts.data<int64_t>(), order.data<int64_t>());
               }
               if (g.needs(1)) {
                 dfactor = empty({b.entries()}, dy.dtype());
                 kernels::bag_factor_backward(b.bags(), b.entries(), dy.data<T>(), table.data<T>(),
                                              s.bag.data<int64_t>(), dfactor.data<T>());
               }
             });
             return {dweight, dfactor};
           });
  return y;
}

Tensor bag_max(const Tensor& weight, const Bagging& b) {
  const Tensor table = contiguous_values(weight), row = empty({b.count(), b.cols}, kInt64);
  Tensor y = empty(row.shape(), weight.dtype());
  dispatch_real(y.dtype(), "embedding_bag",
                [&]<class T>() { kernels::bag_max(b.bags(), table.data<T>(), y.data<T>(), row.data<int64_t>()); });
  if (needs_grad(weight))
    record("EmbeddingBagBackward0", y, {&weight}, [weight = Saved(weight), b, row](const Backward& g) -> Tensors {
      if (g.create_graph)
        return differentiate(g, {weight.get()}, [&](const Tensors& in) { return max_plain(in[0], row); });
      const Tensor dy = contiguous_values(g.dy()), dweight = zeros({b.rows, b.cols}, dy.dtype());
      dispatch_real(dy.dtype(), "embedding_bag", [&]<class T>() {
        kernels::bag_max_backward(dy.data<T>(), row.data<int64_t>(), b.count(), b.cols, dweight.data<T>());
      });
      return {dweight};
    });
  return y;
}

}  // namespace

Tensor embedding_bag(const Tensor& input, const Tensor& weight, const EmbeddingBagCall& call) {
  check_operands(input, weight, call);
  const BagMode mode = bag_mode_of(call.mode);
  check_call(input, weight, call, mode);
  const int64_t rows = weight.size(0);
  const Tensor starts = starts_of(input, call);
  const int64_t padding = call.padding_idx ? wrapped_padding_idx(*call.padding_idx, rows) : -1;
  const Tensor index = reshape(clone(to(input.detach(), kInt64)), {input.numel()});  // what the backward keeps
  check_embedding_range(index, rows);
  if (call.max_norm) renormalise_rows(weight.detach(), index, *call.max_norm, call.norm_type);
  const Tensor factors =
      call.per_sample_weights.defined() ? reshape(call.per_sample_weights, {input.numel()}) : Tensor();
  const Bagging b{index, starts, mode, rows, weight.size(1), padding, call.scale_grad_by_freq};
  const bool half = is_half(weight.dtype());
  const Tensor table = half ? to(weight, kFloat32) : weight;
  const Tensor y = mode == BagMode::Max
                       ? bag_max(table, b)
                       : bag_sum(table, half && factors.defined() ? to(factors, kFloat32) : factors, b);
  return half ? to(y, weight.dtype()) : y;
}

}  // namespace lamina::ops

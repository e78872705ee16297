#include "lamina/ops/embedding.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/embedding.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/row_sparse.h"
#include "lamina/ops/same_dtype.h"

namespace lamina::ops {

Shape embedding_shape(const Tensor& input, const Tensor& weight) {
  check_defined("weight", weight);
  if (weight.rank() != 2) throw ShapeError(str("weight ", weight.shape(), " must be (num_embeddings, embedding_dim)"));
  if (input.dtype() != kInt64 && input.dtype() != kInt32)
    throw DTypeError(str("input is ", name(input.dtype()), ": indices must be int64 or int32"),
                     "Convert the input with .long()");
  return input.shape() + Shape{weight.size(1)};
}

int64_t wrapped_padding_idx(int64_t padding_idx, int64_t num_embeddings) {
  if (padding_idx < -num_embeddings || padding_idx >= num_embeddings)
    throw OptionError(str("padding_idx ", padding_idx, " must be within num_embeddings=", num_embeddings));
  return padding_idx < 0 ? padding_idx + num_embeddings : padding_idx;
}

namespace {

// How a table's rows answer for their gradient: `padding` gets none, others an average over their uses where `mean`.
struct Rule {
  int64_t rows, padding;
  bool mean;
};

Tensor as_index(const Tensor& input) { return contiguous(to(input, kInt64)); }

Tensor table_gradient(const Tensor& dy, const Tensor& index, Rule rule);

// The rows, each times what Rule makes of its gradient: linear in weight, and table_gradient is its transpose.
Tensor scaled_rows(const Tensor& weight, const Tensor& index, Rule rule) {
  const Tensor table = contiguous(weight.detach()), counts = empty({rule.rows}, kInt64);
  Tensor y = empty(index.shape() + Shape{weight.size(1)}, weight.dtype());
  dispatch_real(weight.dtype(), "embedding", [&]<class T>() {
    kernels::embedding_scaled(table.data<T>(), index.data<int64_t>(), index.numel(), rule.rows, weight.size(1),
                              rule.padding, rule.mean, y.data<T>(), counts.data<int64_t>());
  });
  if (needs_grad(weight))
    record("EmbeddingBackward0", y, {&weight},
           [index, rule](const Backward& g) -> Tensors { return {table_gradient(g.dy(), index, rule)}; });
  return y;
}

Tensor table_gradient(const Tensor& dy, const Tensor& index, Rule rule) {
  if (is_half(dy.dtype())) return to(table_gradient(to(dy, kFloat32), index, rule), dy.dtype());
  const Tensor given = contiguous(dy.detach()), starts = empty({rule.rows + 1}, kInt64),
               order = empty({index.numel()}, kInt64);
  Tensor dweight = empty({rule.rows, dy.size(-1)}, dy.dtype());
  dispatch_real(dy.dtype(), "embedding", [&]<class T>() {
    kernels::embedding_backward(given.data<T>(), index.data<int64_t>(), index.numel(), rule.rows, dy.size(-1),
                                rule.padding, rule.mean, dweight.data<T>(), starts.data<int64_t>(),
                                order.data<int64_t>());
  });
  if (needs_grad(dy))
    record("EmbeddingDenseBackwardBackward0", dweight, {&dy},
           [index, rule](const Backward& g) -> Tensors { return {scaled_rows(g.dy(), index, rule)}; });
  return dweight;
}

// The same as a sparse tensor: the gradients of the used rows are computed as those of a table of their own.
Tensor sparse_table_gradient(const Tensor& dy, const Tensor& index, Rule rule) {
  const int64_t n = index.numel();
  const auto* given = index.data<int64_t>();
  std::vector<int64_t> used(given, given + n);
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  const auto place = [&](int64_t row) { return std::lower_bound(used.begin(), used.end(), row) - used.begin(); };
  const Tensor places = empty(index.shape(), kInt64);
  for (int64_t i = 0; i < n; ++i) places.data<int64_t>()[i] = place(given[i]);
  const Tensor compact = table_gradient(dy.detach(), places, {int64_t(used.size()), -1, false});
  std::vector<int64_t> rows = used;
  std::erase(rows, rule.padding);
  Tensor dweight = make_row_sparse({rule.rows, dy.size(-1)}, dy.dtype(), rows);
  const int64_t bytes = dy.size(-1) * element_size(dy.dtype());
  for (const int64_t row : rows)
    std::memcpy(dweight.bytes() + row * bytes, compact.bytes() + place(row) * bytes, size_t(bytes));
  return dweight;
}

}  // namespace

void check_embedding_range(const Tensor& index, int64_t rows) {
  const int64_t* values = index.data<int64_t>();
  for (int64_t i = 0; i < index.numel(); ++i)
    if (values[i] < 0 || values[i] >= rows)
      throw IndexError(str("index ", values[i], " is out of range for a table of num_embeddings=", rows, " rows"),
                       values[i] < 0 ? "Indices count from 0; negative ones have no meaning here" : "");
}

void renormalise_rows(const Tensor& weight, const Tensor& index, double max_norm, double norm_type) {
  if (!(max_norm >= 0)) throw OptionError(str("max_norm must not be negative, got ", max_norm));
  if (std::isnan(norm_type)) throw OptionError("norm_type must be a number, got nan");
  check_inplace(weight, "embedding_renorm_");
  if (is_half(weight.dtype())) {
    const Tensor wide = to(weight, kFloat32);
    renormalise_rows(wide, index, max_norm, norm_type);
    copy_values(weight, wide);
  } else {
    const Tensor seen = empty({weight.size(0)}, kBool);
    dispatch_real(weight.dtype(), "embedding with max_norm", [&]<class T>() {
      kernels::embedding_renorm(weight.data<T>(), weight.strides()[0], weight.strides()[1], index.data<int64_t>(),
                                index.numel(), weight.size(0), weight.size(1), max_norm, norm_type, seen.data<bool>());
    });
  }
  weight.bump_version();
}

Tensor embedding(const Tensor& input, const Tensor& weight, std::optional<int64_t> padding_idx,
                 std::optional<double> max_norm, double norm_type, bool scale_grad_by_freq, bool sparse) {
  const Shape shape = embedding_shape(input, weight);
  const int64_t rows = weight.size(0);
  const Rule rule{rows, padding_idx ? wrapped_padding_idx(*padding_idx, rows) : -1, scale_grad_by_freq};
  const Tensor index = as_index(input);
  check_embedding_range(index, rows);
  if (sparse && scale_grad_by_freq && needs_grad(weight))
    throw OptionError("scale_grad_by_freq is not supported with sparse gradients", "Set one of them to False");
  if (max_norm) renormalise_rows(weight.detach(), index, *max_norm, norm_type);
  const Tensor table = contiguous(weight.detach());
  Tensor y = empty(shape, weight.dtype());
  kernels::embedding(table.bytes(), index.data<int64_t>(), index.numel(), weight.size(1) * element_size(weight.dtype()),
                     y.bytes());
  if (needs_grad(weight))
    record("EmbeddingBackward0", y, {&weight}, [input = Saved(input), rule, sparse](const Backward& g) -> Tensors {
      const Tensor used = as_index(input.get());
      return {sparse && !g.create_graph ? sparse_table_gradient(g.dy(), used, rule)
                                        : table_gradient(g.dy(), used, rule)};
    });
  return y;
}

}  // namespace lamina::ops

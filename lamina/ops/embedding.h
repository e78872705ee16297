// Rows of a table by index.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// The output's shape; ShapeError or DTypeError when the operands do not fit. Forward, summary and check call this one.
Shape embedding_shape(const Tensor& input, const Tensor& weight);

/// padding_idx counted from the start; OptionError outside [−num_embeddings, num_embeddings).
int64_t wrapped_padding_idx(int64_t padding_idx, int64_t num_embeddings);

/// IndexError, which names it, for an index (int64, contiguous) outside [0, rows).
void check_embedding_range(const Tensor& index, int64_t rows);

/// The rows that index names, scaled down in place where their norm_type-norm is above max_norm.
void renormalise_rows(const Tensor& weight, const Tensor& index, double max_norm, double norm_type);

/// y = weight[input]
///   input (any shape) of int64 or int32; weight (num_embeddings, embedding_dim) → (input's shape, embedding_dim)
/// padding_idx: a row that gets no gradient.  max_norm: looked-up rows whose norm_type-norm is above it are first scaled
/// down to it in weight itself, without history.  scale_grad_by_freq: a row's gradient is divided by how often the row
/// occurs in input.  sparse: weight's gradient is row-sparse (core/row_sparse.h); not
/// with scale_grad_by_freq.
/// Errors: IndexError that names the index and the table's size, ShapeError, DTypeError, OptionError.
/// Source: torch.nn.functional.embedding.
Tensor embedding(const Tensor& input, const Tensor& weight, std::optional<int64_t> padding_idx = {},
                 std::optional<double> max_norm = {}, double norm_type = 2, bool scale_grad_by_freq = false,
                 bool sparse = false);

}  // namespace lamina::ops

// Normalisation over the last dimensions of each sample (layer) and over batch and space of each channel (batch).
#pragma once
#include <string_view>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// The output's shape; ShapeError when the input does not end in normalized_shape. Forward, summary and check call this one.
Shape layer_norm_shape(const Shape& input, const Shape& normalized_shape);

/// y = (x − E[x]) / √(Var[x] + eps) · weight + bias over the last dimensions; Var is biased
///   input (…, normalized_shape) → same;  weight, bias (normalized_shape) or undefined
/// Errors: ShapeError, DTypeError, OptionError for an eps that is negative or NaN.
/// Source: Ba, Kiros, Hinton 2016 (arXiv:1607.06450); torch.nn.functional.layer_norm.
Tensor layer_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// The output's shape of a batch norm layer called `layer` for inputs of min_rank to max_rank dimensions; ShapeError when the
/// rank or the number of channels differs.
Shape batch_norm_shape(const Shape& input, int64_t num_features, int min_rank, int max_rank, std::string_view layer);

/// y = (x − E[x]) / √(Var[x] + eps) · weight + bias over all dimensions but the second
///   input (N, C, …) → same;  running_mean, running_var, weight, bias (C) or undefined
/// In training the moments are the input's (Var biased), and the running ones move: r ← (1 − momentum)·r + momentum·new,
/// with the unbiased variance. Otherwise the running ones are taken, which must then be given.
/// Errors: ShapeError (also for one value per channel in training), DTypeError, OptionError.
/// Source: Ioffe, Szegedy 2015 (arXiv:1502.03167); torch.nn.functional.batch_norm.
Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight = {},
                  const Tensor& bias = {}, bool training = false, double momentum = 0.1, double eps = 1e-5);

}  // namespace lamina::ops

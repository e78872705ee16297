// Normalisation over groups of channels of each sample (group) and over each channel of each sample (instance).
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// OptionError unless num_groups is at least 1 and divides num_channels.
void check_groups(int64_t num_groups, int64_t num_channels);

/// y = (x − E[x]) / √(Var[x] + eps) · weight + bias, the moments of each sample's groups of C / num_groups channels; Var is biased
///   input (N, C, …) → same;  weight, bias (C) or undefined
/// Errors: ShapeError (also for a batch with one value a group), DTypeError, OptionError for an eps that is negative or NaN.
/// Source: Wu, He 2018 (arXiv:1803.08494); torch.nn.functional.group_norm.
Tensor group_norm(const Tensor& input, int64_t num_groups, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

/// The same over the space of each channel of each sample; or, without use_input_stats, by the running moments.
///   input (N, C, …) → same;  running_mean, running_var, weight, bias (C) or undefined
/// With use_input_stats the running moments move by the average over the batch: r ← (1 − momentum)·r + momentum·new, with the
/// unbiased variance. Errors: ShapeError (also for one value in space), DTypeError, OptionError.
/// Source: Ulyanov et al. 2016 (arXiv:1607.08022); torch.nn.functional.instance_norm.
Tensor instance_norm(const Tensor& input, const Tensor& running_mean = {}, const Tensor& running_var = {},
                     const Tensor& weight = {}, const Tensor& bias = {}, bool use_input_stats = true,
                     double momentum = 0.1, double eps = 1e-5);

}  // namespace lamina::ops

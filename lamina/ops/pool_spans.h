// Max pooling to a given output size: over adaptive windows, or over windows of random steps.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "lamina/core/tensor.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

/// The largest value of windows so chosen that the output has this size: output o covers ⌊o·in/out⌋, …, below
/// ⌈(o + 1)·in/out⌉. The first of equal values wins, a NaN always does.
///   input (N, C, *space) or (C, *space) → (N, C, *output_size) or (C, *output_size); floating point
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.adaptive_max_pool2d.
Tensor adaptive_max_pool1d(const Tensor& input, const OutputSizes& output_size);
Tensor adaptive_max_pool2d(const Tensor& input, const OutputSizes& output_size);
Tensor adaptive_max_pool3d(const Tensor& input, const OutputSizes& output_size);

/// The values and where they were: int64 indices into the input's plane, counted through all of its space.
std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& input, const OutputSizes& output_size);
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& input, const OutputSizes& output_size);
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& input, const OutputSizes& output_size);

/// What fractional max pooling takes by name: one of output_size and output_ratio.
struct FractionalPoolOptions {
  std::optional<Shape> output_size = {};
  std::optional<std::vector<double>> output_ratio = {};  // of the input's size, rounded down; in (0, 1)
  Tensor random_samples =
      {};  // (N, C, n) in [0, 1), the windows' phase; drawn from the default generator when undefined
};

/// The largest value of windows of kernel_size whose starts lie in random steps of ⌊α⌋ or ⌈α⌉ elements,
/// α = (in − kernel_size) / (out − 1); the last one ends with the input.
///   input (N, C, *space) or (C, *space) → (N, C, *output_size) or without N; floating point
/// Draws rand(N, C, n) as PyTorch does. Throws ShapeError, OptionError, DTypeError.
/// Source: Graham 2014 (arXiv:1412.6071); torch.nn.functional.fractional_max_pool2d.
Tensor fractional_max_pool2d(const Tensor& input, const Shape& kernel_size, const FractionalPoolOptions& options);
Tensor fractional_max_pool3d(const Tensor& input, const Shape& kernel_size, const FractionalPoolOptions& options);

/// The values and where they were, as adaptive_max_pool2d_with_indices.
std::pair<Tensor, Tensor> fractional_max_pool2d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                             const FractionalPoolOptions& options);
std::pair<Tensor, Tensor> fractional_max_pool3d_with_indices(const Tensor& input, const Shape& kernel_size,
                                                             const FractionalPoolOptions& options);

}  // namespace lamina::ops

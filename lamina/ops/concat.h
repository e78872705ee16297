// Tensors beside one another, and repeated, shifted or turned. All of them copy and are differentiable; names and rules
// are PyTorch's.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Along an existing dimension; all other sizes are equal. Types are promoted. A tensor of shape (0,) fits everywhere.
Tensor cat(const Tensors& tensors, int64_t dim = 0);
/// Along a new dimension; all shapes are equal.
Tensor stack(const Tensors& tensors, int64_t dim = 0);
/// cat along dimension 1 (0 for vectors), after atleast_1d.
Tensor hstack(const Tensors& tensors);
/// cat along dimension 0, after atleast_2d.
Tensor vstack(const Tensors& tensors);

/// Elements shifted along dims, those that leave at one end come back at the other; without dims the flattened tensor.
Tensor roll(const Tensor& x, const Shape& shifts, const Shape& dims = {});
/// The order along dims reversed.
Tensor flip(const Tensor& x, const Shape& dims);
/// The whole tensor repeated repeats[d] times along d; more repeats than dimensions add dimensions in front.
Tensor repeat(const Tensor& x, const Shape& repeats);
/// The same; fewer repeats than dimensions are for the last ones.
Tensor tile(const Tensor& x, const Shape& repeats);
/// Each element repeated along dim; without one the flattened tensor. `repeats` (one for each element, or one) is int64.
Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim = {});
Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim = {});

}  // namespace lamina::ops

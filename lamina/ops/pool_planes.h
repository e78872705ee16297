// What poolings that remember where a value came from share: the places are int64 indices into a plane of n spatial
// dimensions. Gathering and scattering are each other's gradient.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Zeros of `shape` with dy added in the places that indices names; an index below 0 names none.
///   dy, indices (…, *out) → shape (…, *in)
Tensor scatter_planes(const Tensor& dy, const Tensor& indices, const Shape& shape, int n);
/// The elements of x (…, *in) that indices (…, *out) names, 0 for an index below 0.
Tensor gather_planes(const Tensor& x, const Tensor& indices, int n);

}  // namespace lamina::ops

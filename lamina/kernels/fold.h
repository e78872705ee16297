// Sliding blocks of an image as columns, and back: planes (images and channels merged) of two dimensions.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// `out` blocks in each dimension of an image of size `in`.
struct FoldGeometry {
  int64_t planes;
  int64_t in[2], out[2], kernel[2], stride[2], padding[2], dilation[2];
  int64_t in_space() const { return in[0] * in[1]; }
  int64_t blocks() const { return out[0] * out[1]; }
  int64_t taps() const { return kernel[0] * kernel[1]; }
};

/// columns[n, t, p] = x[n, p·stride − padding + t·dilation], 0 outside;  x (planes, in), columns (planes, taps, blocks)
template <class T>
void unfold(const T* x, const FoldGeometry& g, T* columns);

/// x[n, i] = Σ columns[n, t, p] over all t, p that unfold reads from i; of bools, whether one of them is true
template <class T>
void fold(const T* columns, const FoldGeometry& g, T* x);

}  // namespace lamina::kernels

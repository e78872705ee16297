// Weighted sums along each of one to three spatial dimensions: interpolation, its gradient (the same with the tables
// turned round), and interpolation of bytes in fixed-point arithmetic. Planes (images and channels merged) of contiguous space.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// What each output index of one dimension is made of: Σ weight[k]·x[index[k]], k from offset[o], …, below offset[o + 1].
template <class W>
struct ResampleAxis {
  const int64_t* offset;
  const int64_t* index;
  const W* weight;
  bool copies;  // one input with weight 1 to each output
};

/// Fewer than three dimensions stand at the end, with sizes of 1 before them.
template <class W>
struct ResampleGeometry {
  int64_t planes;
  int64_t in[3], out[3];
  ResampleAxis<W> axis[3];
  int64_t in_space() const { return in[0] * in[1] * in[2]; }
};

/// y[n, d, h, w] = Σ wd·wh·ww·x[n, d', h', w'];  x (planes, in), y (planes, out). 16-bit floats are summed in float, W.
template <class T, class W>
void resample(const T* x, const ResampleGeometry<W>& g, T* y);

/// The last two dimensions of bytes: first along the last, then along the other, each result rounded to a byte. Weights
/// are fractions of 2^precision[d], d = 0 of the height, 1 of the width.
void resample_bytes(const uint8_t* x, const ResampleGeometry<int16_t>& g, const int (&precision)[2], uint8_t* y);

}  // namespace lamina::kernels

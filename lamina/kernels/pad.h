// Padding by a table of sources: every output position of a plane takes one input position.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// Planes of three dimensions; fewer stand at the end. `source[d][i]` is the input index that output index i takes.
struct PadGeometry {
  int64_t planes;
  int64_t in[3], out[3];
  const int64_t* source[3];
};

/// y[n, d, h, w] = x[n, source0[d], source1[h], source2[w]];  x (planes, in), y (planes, out)
template <class T>
void pad_gather(const T* x, const PadGeometry& g, T* y);

/// dx[n, source0[d], source1[h], source2[w]] += dy[n, d, h, w], from zero, in the order of dy
template <class T>
void pad_scatter(const T* dy, const PadGeometry& g, T* dx);

}  // namespace lamina::kernels

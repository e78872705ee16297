// Maxima over windows that are given one by one (adaptive and fractional pooling), and the way back (unpooling): planes
// (images and channels merged) of contiguous space.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// The window of one output index along one dimension: inputs from, …, below to; never empty.
struct Span { int64_t from, to; };

/// Fewer than three spatial dimensions stand at the end, with sizes of 1 before them.
struct SpanGeometry {
  int64_t planes;
  int64_t in[3], out[3];
  const Span* spans[3];     // one for each output index of the dimension
  int64_t plane_stride[3];  // from one plane's spans to the next one's; 0: all planes have the same
  int64_t in_space() const { return in[0] * in[1] * in[2]; }
  int64_t out_space() const { return out[0] * out[1] * out[2]; }
};

/// y[n, o] = max of x over o's window; the first of equal values, the last NaN.
///   x (planes, in); y, indices (planes, out), indices into x's plane, or null when not kept
template <class T>
void max_over_spans(const T* x, const SpanGeometry& g, T* y, int64_t* indices);

/// y[n, indices[n, i]] = x[n, i], zero elsewhere, the last of equal indices;  x, indices (planes, in); y (planes, out)
template <class T>
void place_in_planes(const T* x, const int64_t* indices, int64_t planes, int64_t in, int64_t out, T* y);

}  // namespace lamina::kernels

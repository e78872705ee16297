// Pooling over windows of one to three spatial dimensions: planes (images and channels merged) of contiguous space.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// Sizes of a pooling. Fewer than three spatial dimensions stand at the end, with sizes and steps of 1 before them.
struct PoolGeometry {
  int64_t planes;
  int64_t in[3], out[3], kernel[3], stride[3], padding[3], dilation[3];
  int64_t in_space() const { return in[0] * in[1] * in[2]; }
  int64_t out_space() const { return out[0] * out[1] * out[2]; }
};

/// y[n, o] = max of x over o's window, what lies outside x left out; the first of equal values, the last NaN.
/// A window that lies outside altogether gives −∞ (the lowest integer) and index −1.
///   x (planes, in); y, indices (planes, out), indices into x's plane, or null when not kept
template <class T>
void max_pool(const T* x, const PoolGeometry& g, T* y, int64_t* indices);

/// dx[n, indices[n, o]] += dy[n, o], from zero, indices below 0 left out;  dx (planes, in); dy, indices (planes, out)
template <class T>
void scatter_planes(const T* dy, const int64_t* indices, int64_t planes, int64_t in, int64_t out, T* dx);
/// y[n, o] = x[n, indices[n, o]], 0 for an index below 0
template <class T>
void gather_planes(const T* x, const int64_t* indices, int64_t planes, int64_t in, int64_t out, T* y);

}  // namespace lamina::kernels

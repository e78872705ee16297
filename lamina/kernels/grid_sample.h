// Images and volumes at given positions: contiguous buffers, channels before space.
#pragma once
#include <cstdint>

namespace lamina::kernels {

enum class SampleMode : uint8_t { Linear, Nearest, Cubic };
enum class SamplePadding : uint8_t { Zeros, Border, Reflection };

/// Two dimensions stand at the end, with sizes of 1 before them; `dims` are the coordinates of a position, the last
/// dimension's first. Cubic is for two dimensions.
struct GridGeometry {
  int64_t batch, channels;
  int64_t in[3], out[3];
  int dims;
  SampleMode mode;
  SamplePadding padding;
  bool align_corners;
  int64_t in_space() const { return in[0] * in[1] * in[2]; }
  int64_t out_space() const { return out[0] * out[1] * out[2]; }
};

// Coordinate g in [−1, 1] of a dimension of size s is place ((g + 1)·s − 1) / 2, with align_corners (g + 1)·(s − 1) / 2.
// A place outside counts as zero, as the nearest border, or as its mirror image. NaN counts as −1.
//   y[n, c, o] = Σ_k w_k(grid[n, o]) · x[n, c, place_k(grid[n, o])]
//   x (batch, channels, in); grid (batch, out, dims); y (batch, channels, out), written
template <class T>
void grid_sample(const T* x, const T* grid, const GridGeometry& g, T* y);
//   dx[n, c, place_k] += w_k · dy[n, c, o], from zero, in the order of o
template <class T>
void grid_sample_input_gradient(const T* dy, const T* grid, const GridGeometry& g, T* dx);
//   dgrid[n, o, i] = Σ_c dy[n, c, o] · Σ_k dw_k/dgrid_i · x[n, c, place_k]; zero in mode Nearest
template <class T>
void grid_sample_grid_gradient(const T* dy, const T* x, const T* grid, const GridGeometry& g, T* dgrid);

// The gradients of the two gradients above: for L = <vx, dx> + <vgrid, dgrid>, vx or vgrid null for none,
//   ddy = ∂L/∂dy (as dy), dgrid = ∂L/∂grid (as grid); ddx = ∂L/∂x (as x) is there where vgrid is; all written
template <class T>
void grid_sample_second_gradient(const T* vx, const T* vgrid, const T* dy, const T* x, const T* grid,
                                 const GridGeometry& g, T* ddy, T* ddx, T* dgrid);

}  // namespace lamina::kernels

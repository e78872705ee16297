// Normalisation over rows and over channels of contiguous buffers, for float and double. The caller has checked shapes.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// What is known of a group of values. Its mean is mean + rest: far from zero T alone is too coarse for x − mean.
template <class T>
struct Moments {
  T mean, rest, rstd;  // rstd = 1/√(var + eps), var biased and found in a second pass over x − mean
};

// ---- rows ----------------------------------------------------------------------------------------------------------
// y[r,c] = (x[r,c] − mean[r])·rstd[r]·weight[c] + bias[c]
//   x, y (rows, cols), not overlapping;  weight, bias (cols) or null;  moments (rows)
template <class T>
void layer_norm(const T* x, const T* weight, const T* bias, int64_t rows, int64_t cols, double eps, T* y,
                Moments<T>* moments);

/// How many parts the sums over rows are cut into, by shape.
int64_t layer_norm_parts(int64_t rows);
// g = weight·dy, n = (x − mean)·rstd:  dx = rstd·(g − avg g − n·avg(g·n));  dweight = Σ_r dy·n;  dbias = Σ_r dy
//   dx (rows, cols);  dweight, dbias (cols);  each of the three may be null;  parts (layer_norm_parts(rows), 2, cols) is scratch
template <class T>
void layer_norm_backward(const T* dy, const T* x, const T* weight, const Moments<T>* moments, int64_t rows,
                         int64_t cols, T* dx, T* dweight, T* dbias, double* parts);

// ---- channels ------------------------------------------------------------------------------------------------------
/// A buffer (n, c, s) of n samples with c channels of s values; a channel's group is its n·s values.
struct Channels {
  int64_t n, c, s;
  int64_t group() const { return n * s; }
};
/// How many parts the sums over samples are cut into, by shape.
int64_t channel_parts(Channels shape);

// mean and biased variance of each channel
//   x (n, c, s);  moments (c), whose rstd is left unset;  var (c);  parts (channel_parts(shape), 2, c) is scratch
template <class T>
void channel_moments(const T* x, Channels shape, Moments<T>* moments, double* var, double* parts);

// y = (x − mean)·rstd·weight + bias, each by channel
//   x, y (n, c, s);  moments (c);  weight, bias (c) or null
template <class T>
void channel_norm(const T* x, Channels shape, const Moments<T>* moments, const T* weight, const T* bias, T* y);

// n = (x − mean)·rstd:  dweight = Σ dy·n;  dbias = Σ dy;  dx = weight·rstd·(dy − avg dy − n·avg(dy·n)) where the moments are
// those of x itself (`own`), weight·rstd·dy where they are given
//   dx (n, c, s);  dweight, dbias (c);  each of the three may be null;  parts (channel_parts(shape), 2, c) is scratch
template <class T>
void channel_norm_backward(const T* dy, const T* x, Channels shape, const Moments<T>* moments, bool own,
                           const T* weight, T* dx, T* dweight, T* dbias, double* parts);

}  // namespace lamina::kernels

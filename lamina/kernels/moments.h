// Mean, spread and size of a row, for the normalisations that work row by row; exact far from zero, and for values whose squares
// leave the range of T.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "lamina/kernels/norm.h"
#include "lamina/kernels/sum.h"

namespace lamina::kernels {

/// The largest |x|; NaN where one is.
template <class T>
double largest_magnitude(const T* x, int64_t n) {
  double m = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double v = std::fabs(double(x[i]));
    m = v > m || std::isnan(v) ? v : m;
  }
  return m;
}

/// The same as row_moments, over x / max |x| in double: for values whose sum or squares overflow.
template <class T>
Moments<T> moments_of_huge_row(const T* x, int64_t n, double eps) {
  const double size = largest_magnitude(x, n);
  if (!(size > 0 && size < std::numeric_limits<double>::infinity())) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    return {nan, nan, nan};
  }
  const double mean = sum<double>(n, [=](int64_t i) { return double(x[i]) / size; }) / double(n);
  const double var = sum<double>(n,
                                 [=](int64_t i) {
                                   const double d = double(x[i]) / size - mean;
                                   return d * d;
                                 }) /
                     double(n);
  const double whole = mean * size, rstd = 1 / std::sqrt(var + eps / size / size) / size;
  return {T(whole), T(whole - double(T(whole))), T(rstd)};
}

template <class T>
Moments<T> row_moments(const T* x, int64_t n, double eps) {
  const T mean = T(sum<T>(n, [=](int64_t i) { return x[i]; }) / double(n));
  const T rest = T(sum<T>(n, [=](int64_t i) { return x[i] - mean; }) / double(n));
  const double var = sum<T>(n,
                            [=](int64_t i) {
                              const T d = (x[i] - mean) - rest;
                              return d * d;
                            }) /
                     double(n);
  if (n > 0 && !(var < std::numeric_limits<T>::max())) return moments_of_huge_row(x, n, eps);
  return {mean, rest, T(1 / std::sqrt(var + eps))};
}

/// 1 / √(avg x² + eps)
template <class T>
T inverse_root_mean_square(const T* x, int64_t n, double eps) {
  const double mean = sum<T>(n, [=](int64_t i) { return x[i] * x[i]; }) / double(n);
  constexpr double kTiny = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();
  if (n == 0 || (mean < std::numeric_limits<T>::max() && (mean > kTiny || eps > kTiny)))
    return T(1 / std::sqrt(mean + eps));
  const double size = largest_magnitude(x, n);
  if (!(size > 0 && size < std::numeric_limits<double>::infinity())) return T(1 / std::sqrt(mean + eps));
  const double scaled = sum<double>(n, [=](int64_t i) { return double(x[i]) / size * (double(x[i]) / size); });
  return T(1 / std::sqrt(scaled / double(n) + eps / size / size) / size);
}

}  // namespace lamina::kernels

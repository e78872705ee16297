#include "lamina/kernels/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "lamina/core/threads.h"
#include "lamina/kernels/sum.h"

namespace lamina::kernels {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
double difference(const T* a, const T* b, int64_t c) {
  return std::fabs(double(a[c]) - double(b[c]));
}

template <class T>
double largest_difference(const T* a, const T* b, int64_t cols) {
  double m = 0;
  for (int64_t c = 0; c < cols; ++c) {
    const double d = difference(a, b, c);
    m = d > m || std::isnan(d) ? d : m;
    if (std::isnan(m)) break;
  }
  return m;
}

// (Σ f(|d|))^… over differences divided by the largest one
template <class T>
double scaled_distance(const T* a, const T* b, int64_t cols, double p) {
  const double size = largest_difference(a, b, cols);
  if (!(size > 0 && size < kInfinity)) return size;
  const double total = sum<double>(cols, [=](int64_t c) {
    const double d = difference(a, b, c) / size;
    return p == 2 ? d * d : std::pow(d, p);
  });
  return size * (p == 2 ? std::sqrt(total) : std::pow(total, 1 / p));
}

template <class T>
double distance(const T* a, const T* b, int64_t cols, double p) {
  constexpr double kSmall = 1e-280, kLarge = 1e300;  // between them no digit of a sum was lost
  if (p == 1) return sum<double>(cols, [=](int64_t c) { return difference(a, b, c); });
  if (p == 0) return sum<double>(cols, [=](int64_t c) { return difference(a, b, c) != 0 ? 1.0 : 0.0; });
  if (p == kInfinity) return largest_difference(a, b, cols);
  if (p == 2) {
    const double total = sum<double>(cols, [=](int64_t c) {
      const double d = double(a[c]) - double(b[c]);
      return d * d;
    });
    if (total > kSmall && total < kLarge) return std::sqrt(total);
  }
  return scaled_distance(a, b, cols, p);
}

// total[c] += dy·∂y/∂a[c]
template <class T>
void add_gradient(const T* a, const T* b, int64_t cols, double p, double y, double dy, double* total) {
  if (y == 0 || p == 0) return;
  const auto add = [=](auto slope) {  // slope(|d|) of a difference that is not zero
    for (int64_t c = 0; c < cols; ++c) {
      const double d = double(a[c]) - double(b[c]);
      if (d == 0) continue;
      const double g = dy * slope(std::fabs(d));
      total[c] += d < 0 ? -g : g;
    }
  };
  if (p == 2) {
    const double factor = dy / y;
    if (std::isfinite(factor))
      for (int64_t c = 0; c < cols; ++c) total[c] += factor * (double(a[c]) - double(b[c]));
    else add([=](double d) { return d / y; });
  } else if (p == 1) {
    add([](double) { return 1.0; });
  } else if (p == kInfinity) {
    add([=](double d) { return T(d) == T(y) ? 1.0 : 0.0; });
  } else {
    add([=](double d) { return std::pow(d / y, p - 1); });
  }
}

}  // namespace

template <class T>
void row_distances(const T* a, const T* b, RowPairs s, T* y) {
  parallel_for(s.batch * s.n, grain_for(s.m * (s.cols + 4)), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      const T *row = a + r * s.cols, *others = b + r / s.n * s.m * s.cols;
      for (int64_t j = 0; j < s.m; ++j) y[r * s.m + j] = T(distance(row, others + j * s.cols, s.cols, s.p));
    }
  });
}

template <class T>
void row_distances_backward(const T* dy, const T* y, const T* a, const T* b, RowPairs s, bool transposed, T* da) {
  parallel_for(s.batch * s.n, grain_for(2 * s.m * (s.cols + 4)), [=](int64_t from, int64_t to) {
    std::vector<double> total(size_t(s.cols));
    for (int64_t r = from; r < to; ++r) {
      const int64_t batch = r / s.n, i = r % s.n;
      const T *row = a + r * s.cols, *others = b + batch * s.m * s.cols;
      std::fill(total.begin(), total.end(), 0.0);
      for (int64_t j = 0; j < s.m; ++j) {
        const int64_t at = batch * s.n * s.m + (transposed ? j * s.n + i : i * s.m + j);
        add_gradient(row, others + j * s.cols, s.cols, s.p, double(y[at]), double(dy[at]), total.data());
      }
      for (int64_t c = 0; c < s.cols; ++c) da[r * s.cols + c] = T(total[size_t(c)]);
    }
  });
}

#define LAMINA_INSTANTIATE(T)                                    \
  template void row_distances(const T*, const T*, RowPairs, T*); \
  template void row_distances_backward(const T*, const T*, const T*, const T*, RowPairs, bool, T*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

#include "lamina/kernels/embedding.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lamina/core/threads.h"

namespace lamina::kernels {

void embedding(const std::byte* weight, const int64_t* index, int64_t n, int64_t row_bytes, std::byte* y) {
  parallel_for(n, grain_for(row_bytes / 4), [=](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i)
      std::memcpy(y + i * row_bytes, weight + index[i] * row_bytes, size_t(row_bytes));
  });
}

namespace {
constexpr int64_t kBlock = 64;  // columns that are added up at once, in double

template <class T>
void add_rows(const T* dy, const int64_t* order, int64_t count, int64_t cols, double divisor, T* out) {
  for (int64_t c = 0; c < cols; c += kBlock) {
    const int64_t width = std::min(kBlock, cols - c);
    double total[kBlock] = {};
    for (int64_t k = 0; k < count; ++k) {
      const T* term = dy + order[k] * cols + c;
      for (int64_t j = 0; j < width; ++j) total[j] += double(term[j]);
    }
    for (int64_t j = 0; j < width; ++j) out[c + j] = T(total[j] / divisor);
  }
}
}  // namespace

template <class T>
void embedding_backward(const T* dy, const int64_t* index, int64_t n, int64_t rows, int64_t cols, int64_t skipped,
                        bool mean, T* dweight, int64_t* starts, int64_t* order) {
  std::fill_n(starts, rows + 1, 0);  // a counting sort: the i of row r are order[starts[r]] … order[starts[r + 1] − 1]
  for (int64_t i = 0; i < n; ++i) ++starts[index[i] + 1];
  for (int64_t r = 0; r < rows; ++r) starts[r + 1] += starts[r];
  for (int64_t i = 0; i < n; ++i) order[starts[index[i]]++] = i;
  for (int64_t r = rows; r > 0; --r) starts[r] = starts[r - 1];
  starts[0] = 0;
  parallel_for(rows, grain_for(cols * (1 + n / std::max<int64_t>(rows, 1))), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      T* out = dweight + r * cols;
      const int64_t count = starts[r + 1] - starts[r];
      if (count == 0 || r == skipped) std::fill_n(out, cols, T(0));
      else add_rows(dy, order + starts[r], count, cols, mean ? double(count) : 1.0, out);
    }
  });
}

template <class T>
void embedding_scaled(const T* weight, const int64_t* index, int64_t n, int64_t rows, int64_t cols, int64_t skipped,
                      bool mean, T* y, int64_t* counts) {
  std::fill_n(counts, rows, 0);
  for (int64_t i = 0; i < n; ++i) ++counts[index[i]];
  parallel_for(n, grain_for(cols), [=](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const T factor = index[i] == skipped ? T(0) : mean ? T(1) / T(counts[index[i]]) : T(1);
      for (int64_t c = 0; c < cols; ++c) y[i * cols + c] = factor * weight[index[i] * cols + c];
    }
  });
}

namespace {
template <class T>
double row_norm(const T* row, int64_t step, int64_t cols, double p) {
  double total = 0;
  if (std::isinf(p)) {
    for (int64_t c = 0; c < cols; ++c) {
      const double size = std::abs(double(row[c * step]));
      total = c == 0 || (p > 0 ? size > total : size < total) ? size : total;
    }
    return total;
  }
  for (int64_t c = 0; c < cols; ++c) {
    const double size = std::abs(double(row[c * step]));
    total += p == 2 ? size * size : p == 1 ? size : p == 0 ? double(size != 0) : std::pow(size, p);
  }
  return p == 2 ? std::sqrt(total) : p == 1 || p == 0 ? total : std::pow(total, 1 / p);
}
}  // namespace

template <class T>
void embedding_renorm(T* weight, int64_t row_stride, int64_t col_stride, const int64_t* index, int64_t n, int64_t rows,
                      int64_t cols, double max_norm, double p, bool* seen) {
  std::fill_n(seen, rows, false);
  for (int64_t i = 0; i < n; ++i) seen[index[i]] = true;
  parallel_for(rows, grain_for(4 * cols), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      if (!seen[r]) continue;
      T* row = weight + r * row_stride;
      const double norm = row_norm(row, col_stride, cols, p);
      if (!(norm > max_norm)) continue;
      const T factor = T(max_norm / (norm + 1e-7));
      for (int64_t c = 0; c < cols; ++c) row[c * col_stride] *= factor;
    }
  });
}

#define LAMINA_INSTANTIATE(T)                                                                                        \
  template void embedding_backward(const T*, const int64_t*, int64_t, int64_t, int64_t, int64_t, bool, T*, int64_t*, \
                                   int64_t*);                                                                        \
  template void embedding_scaled(const T*, const int64_t*, int64_t, int64_t, int64_t, int64_t, bool, T*, int64_t*);  \
  template void embedding_renorm(T*, int64_t, int64_t, const int64_t*, int64_t, int64_t, int64_t, double, double,    \
                                 bool*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

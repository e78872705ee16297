#include "lamina/kernels/embedding_bag.h"

#include <algorithm>
#include <cmath>

#include "lamina/core/threads.h"
#include "lamina/kernels/sum.h"

namespace lamina::kernels {

namespace {

constexpr int64_t kBlock = 64;  // columns that are added up at once, in double

// y[c] = Σ scale(i)·row(i)[c] / divisor over i in [from, to); row(i) is null for what does not count
template <class T, class Row, class Scale>
void add_up(int64_t from, int64_t to, int64_t cols, Row row, Scale scale, double divisor, T* y) {
  for (int64_t c = 0; c < cols; c += kBlock) {
    const int64_t width = std::min(kBlock, cols - c);
    double total[kBlock] = {};
    for (int64_t i = from; i < to; ++i) {
      const T* values = row(i);
      if (!values) continue;
      const double s = scale(i);
      for (int64_t j = 0; j < width; ++j) total[j] += s * double(values[c + j]);
    }
    for (int64_t j = 0; j < width; ++j) y[c + j] = T(total[j] / divisor);
  }
}

int64_t counted(Bags b, int64_t bag) {
  int64_t n = 0;
  for (int64_t i = b.starts[bag]; i < b.starts[bag + 1]; ++i) n += b.index[i] != b.padding;
  return n;
}

int64_t bag_grain(Bags b) {
  const int64_t entries = b.bags > 0 ? b.starts[b.bags] / b.bags : 0;
  return grain_for(b.cols * (entries + 1));
}

}  // namespace

template <class T>
void bag_sum(Bags b, const T* weight, const T* factor, bool mean, T* y) {
  parallel_for(b.bags, bag_grain(b), [=](int64_t from, int64_t to) {
    for (int64_t k = from; k < to; ++k) {
      const double divisor = mean ? double(std::max<int64_t>(counted(b, k), 1)) : 1.0;
      add_up(
          b.starts[k], b.starts[k + 1], b.cols,
          [=](int64_t i) { return b.index[i] == b.padding ? nullptr : weight + b.index[i] * b.cols; },
          [=](int64_t i) { return factor ? double(factor[i]) : 1.0; }, divisor, y + k * b.cols);
    }
  });
}

template <class T>
void bag_max(Bags b, const T* weight, T* y, int64_t* row) {
  parallel_for(b.bags, bag_grain(b), [=](int64_t from, int64_t to) {
    for (int64_t k = from; k < to; ++k) {
      T* out = y + k * b.cols;
      int64_t* place = row + k * b.cols;
      std::fill_n(out, b.cols, T(0));
      std::fill_n(place, b.cols, int64_t(-1));
      for (int64_t i = b.starts[k]; i < b.starts[k + 1]; ++i) {
        if (b.index[i] == b.padding) continue;
        const T* values = weight + b.index[i] * b.cols;
        for (int64_t c = 0; c < b.cols; ++c)
          if (place[c] < 0 || values[c] > out[c] || (std::isnan(values[c]) && !std::isnan(out[c])))
            out[c] = values[c], place[c] = b.index[i];
      }
    }
  });
}

template <class T>
void bag_scales(Bags b, int64_t n, int64_t rows, const T* factor, bool mean, bool by_frequency, T* scale, int64_t* bag,
                int64_t* counts) {
  if (by_frequency) {
    std::fill_n(counts, rows, int64_t(0));
    for (int64_t i = 0; i < n; ++i) ++counts[b.index[i]];
  }
  std::fill_n(bag, n, int64_t(-1));
  std::fill_n(scale, n, T(0));
  for (int64_t k = 0; k < b.bags; ++k) {
    const double size = mean ? double(std::max<int64_t>(counted(b, k), 1)) : 1.0;
    for (int64_t i = b.starts[k]; i < b.starts[k + 1]; ++i) {
      bag[i] = k;
      if (b.index[i] == b.padding) continue;
      const double uses = by_frequency ? double(counts[b.index[i]]) : 1.0;
      scale[i] = T((factor ? double(factor[i]) : 1.0) / size / uses);
    }
  }
}

template <class T>
void bag_sum_backward(const T* dy, const int64_t* index, const T* scale, const int64_t* bag, int64_t n, int64_t rows,
                      int64_t cols, int64_t padding, T* dweight, int64_t* starts, int64_t* order) {
  std::fill_n(starts, rows + 1, int64_t(0));  // a counting sort: row r's entries are order[starts[r]] … in their order
  for (int64_t i = 0; i < n; ++i) ++starts[index[i] + 1];
  for (int64_t r = 0; r < rows; ++r) starts[r + 1] += starts[r];
  for (int64_t i = 0; i < n; ++i) order[starts[index[i]]++] = i;
  for (int64_t r = rows; r > 0; --r) starts[r] = starts[r - 1];
  starts[0] = 0;
  parallel_for(rows, grain_for(cols * (1 + n / std::max<int64_t>(rows, 1))), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r)
      add_up(
          starts[r], r == padding ? starts[r] : starts[r + 1], cols,
          [=](int64_t k) { return bag[order[k]] < 0 ? nullptr : dy + bag[order[k]] * cols; },
          [=](int64_t k) { return double(scale[order[k]]); }, 1.0, dweight + r * cols);
  });
}

template <class T>
void bag_factor_backward(Bags b, int64_t n, const T* dy, const T* weight, const int64_t* bag, T* dfactor) {
  parallel_for(n, grain_for(2 * b.cols), [=](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      dfactor[i] = 0;
      if (bag[i] < 0 || b.index[i] == b.padding) continue;
      const T *g = dy + bag[i] * b.cols, *w = weight + b.index[i] * b.cols;
      dfactor[i] = T(sum<T>(b.cols, [=](int64_t c) { return g[c] * w[c]; }));
    }
  });
}

template <class T>
void bag_max_backward(const T* dy, const int64_t* row, int64_t bags, int64_t cols, T* dweight) {
  parallel_for(cols, grain_for(4 * bags), [=](int64_t from, int64_t to) {  // a column's terms are added in bag order
    for (int64_t b = 0; b < bags; ++b)
      for (int64_t c = from; c < to; ++c)
        if (const int64_t r = row[b * cols + c]; r >= 0) dweight[r * cols + c] += dy[b * cols + c];
  });
}

#define LAMINA_INSTANTIATE(T)                                                                                   \
  template void bag_sum(Bags, const T*, const T*, bool, T*);                                                    \
  template void bag_max(Bags, const T*, T*, int64_t*);                                                          \
  template void bag_scales(Bags, int64_t, int64_t, const T*, bool, bool, T*, int64_t*, int64_t*);               \
  template void bag_sum_backward(const T*, const int64_t*, const T*, const int64_t*, int64_t, int64_t, int64_t, \
                                 int64_t, T*, int64_t*, int64_t*);                                              \
  template void bag_factor_backward(Bags, int64_t, const T*, const T*, const int64_t*, T*);                     \
  template void bag_max_backward(const T*, const int64_t*, int64_t, int64_t, T*);
LAMINA_INSTANTIATE(float)
LAMINA_INSTANTIATE(double)
#undef LAMINA_INSTANTIATE

}  // namespace lamina::kernels

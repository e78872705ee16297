// Rows of a table, summed or maximised bag by bag, and the gradients, for float and double. The caller has checked indices
// and offsets.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// n indices into a table (rows, cols), cut into bags: bag b takes those from starts[b] to starts[b + 1]. Entries that
/// name row `padding` (−1: none) count nothing.
struct Bags {
  const int64_t* index;
  const int64_t* starts;  // (bags + 1)
  int64_t bags, cols, padding;
};

// y[b] = Σ factor[i]·weight[index[i]] over the bag, divided by the number of entries that count where `mean`; 0 of none
//   weight (rows, cols);  factor (n) or null: 1;  y (bags, cols)
template <class T>
void bag_sum(Bags b, const T* weight, const T* factor, bool mean, T* y);
// The largest of each column, NaN where there is one, with the row that has it first; 0 and −1 for a bag without entries.
//   y, row (bags, cols)
template <class T>
void bag_max(Bags b, const T* weight, T* y, int64_t* row);

// What each entry's row is multiplied by: factor[i] (null: 1), over the size of its bag where `mean`, over the number of
// entries of its row where `by_frequency`; 0 for those that count nothing.  bag[i] is the entry's bag, −1 behind the last.
//   scale, bag (n);  counts (rows) is scratch where by_frequency
template <class T>
void bag_scales(Bags b, int64_t n, int64_t rows, const T* factor, bool mean, bool by_frequency, T* scale, int64_t* bag,
                int64_t* counts);
// dweight[r] = Σ scale[i]·dy[bag[i]] over the entries i of row r, in their order; 0 for row `padding`
//   dy (bags, cols);  dweight (rows, cols) is written;  starts (rows + 1), order (n) are scratch
template <class T>
void bag_sum_backward(const T* dy, const int64_t* index, const T* scale, const int64_t* bag, int64_t n, int64_t rows,
                      int64_t cols, int64_t padding, T* dweight, int64_t* starts, int64_t* order);
// dfactor[i] = dy[bag[i]]·weight[index[i]], 0 for entries that count nothing
template <class T>
void bag_factor_backward(Bags b, int64_t n, const T* dy, const T* weight, const int64_t* bag, T* dfactor);
// dweight[row[b, c], c] += dy[b, c]
//   dy, row (bags, cols);  dweight (rows, cols) starts as zeros
template <class T>
void bag_max_backward(const T* dy, const int64_t* row, int64_t bags, int64_t cols, T* dweight);

}  // namespace lamina::kernels

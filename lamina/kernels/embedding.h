// Rows of a table, for any element type, and their gradient for float and double. The caller has checked the indices.
#pragma once
#include <cstddef>
#include <cstdint>

namespace lamina::kernels {

// y[i] = weight[index[i]]
//   weight (rows, row_bytes), y (n, row_bytes), as bytes;  index (n)
void embedding(const std::byte* weight, const int64_t* index, int64_t n, int64_t row_bytes, std::byte* y);

// dweight[r] = Σ dy[i] over the i with index[i] = r, divided by their number where `mean`; zero for row `skipped` (−1: none)
//   dy (n, cols);  index (n);  dweight (rows, cols) is written;  starts (rows + 1), order (n) are scratch
// Each row adds up its own terms in the order of i, so nothing depends on the threads.
template <class T>
void embedding_backward(const T* dy, const int64_t* index, int64_t n, int64_t rows, int64_t cols, int64_t skipped,
                        bool mean, T* dweight, int64_t* starts, int64_t* order);

// y[i] = factor of i times weight[index[i]]: 0 for row `skipped`, 1/count of the index where `mean`, else 1: what
// embedding_backward does to dy[i], as a map of the table
template <class T>
void embedding_scaled(const T* weight, const int64_t* index, int64_t n, int64_t rows, int64_t cols, int64_t skipped,
                      bool mean, T* y, int64_t* counts);

// Rows whose p-norm is above max_norm are scaled to have it: row ·= max_norm / (norm + 1e-7)
//   weight: element (r, c) at weight[r·row_stride + c·col_stride];  index (n), any order, repetitions allowed
//   seen (rows) is scratch
template <class T>
void embedding_renorm(T* weight, int64_t row_stride, int64_t col_stride, const int64_t* index, int64_t n, int64_t rows,
                      int64_t cols, double max_norm, double p, bool* seen);

}  // namespace lamina::kernels

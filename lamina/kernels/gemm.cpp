#include "lamina/kernels/gemm.h"

#include <cblas.h>

#include <algorithm>
#include <type_traits>

#include "lamina/core/threads.h"
#include "lamina/kernels/blas.h"

namespace lamina::kernels {

namespace {

constexpr int64_t kSmall = 8192;              // multiply-adds below which BLAS's own overhead is the larger part
constexpr int64_t kPieceWork = 1 << 21;       // multiply-adds to a piece
constexpr int64_t kMaxInt = (1LL << 31) - 1;  // BLAS takes 32-bit sizes

template <class T>
struct Product {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  T alpha;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  T beta;
  T* c;
  int64_t ldc;

  const T* a_row(int64_t i) const { return a + (transpose_a ? i : i * lda); }
  const T* b_column(int64_t j) const { return b + (transpose_b ? j * ldb : j); }
  Product rows(int64_t from, int64_t to) const {
    Product p = *this;
    p.m = to - from;
    p.a = a_row(from);
    p.c = c + from * ldc;
    return p;
  }
  Product columns(int64_t from, int64_t to) const {
    Product p = *this;
    p.n = to - from;
    p.b = b_column(from);
    p.c = c + from;
    return p;
  }
};

template <class T>
void scale(const Product<T>& p) {
  for (int64_t i = 0; i < p.m; ++i) {
    T* c = p.c + i * p.ldc;
    if (p.beta == T(0)) std::fill_n(c, p.n, T(0));
    else if (p.beta != T(1))
      for (int64_t j = 0; j < p.n; ++j) c[j] *= p.beta;
  }
}

// Row by row, so that the innermost loop runs over neighbouring elements of C and B; over the inner dimension where B is
// transposed.
template <class T>
void plain(const Product<T>& p) {
  if (p.transpose_b) {
    const int64_t step = p.transpose_a ? p.lda : 1;
    for (int64_t i = 0; i < p.m; ++i) {
      const T* a = p.a_row(i);
      T* c = p.c + i * p.ldc;
      for (int64_t j = 0; j < p.n; ++j) {
        const T* b = p.b + j * p.ldb;
        T lanes[4] = {};
        int64_t l = 0;
        for (; l + 4 <= p.k; l += 4)
          for (int64_t q = 0; q < 4; ++q) lanes[q] += a[(l + q) * step] * b[l + q];
        T dot = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        for (; l < p.k; ++l) dot += a[l * step] * b[l];
        c[j] = p.alpha * dot + (p.beta == T(0) ? T(0) : p.beta * c[j]);
      }
    }
    return;
  }
  scale(p);
  for (int64_t i = 0; i < p.m; ++i) {
    const T* a = p.a_row(i);
    T* c = p.c + i * p.ldc;
    for (int64_t l = 0; l < p.k; ++l) {
      const T factor = p.alpha * a[p.transpose_a ? l * p.lda : l];
      const T* b = p.b + l * p.ldb;
      for (int64_t j = 0; j < p.n; ++j) c[j] += factor * b[j];
    }
  }
}

template <class T>
void blas(const Product<T>& p) {
  prepare_blas();
  const auto ta = p.transpose_a ? CblasTrans : CblasNoTrans, tb = p.transpose_b ? CblasTrans : CblasNoTrans;
  // BLAS asks for a leading dimension of at least the row's length, even where there is one row only
  const int lda = int(std::max(p.lda, p.transpose_a ? p.m : p.k)),
            ldb = int(std::max(p.ldb, p.transpose_b ? p.k : p.n));
  const int ldc = int(std::max(p.ldc, p.n));
  if constexpr (std::is_same_v<T, float>)
    cblas_sgemm(CblasRowMajor, ta, tb, int(p.m), int(p.n), int(p.k), p.alpha, p.a, lda, p.b, ldb, p.beta, p.c, ldc);
  else cblas_dgemm(CblasRowMajor, ta, tb, int(p.m), int(p.n), int(p.k), p.alpha, p.a, lda, p.b, ldb, p.beta, p.c, ldc);
}

template <class T>
void piece(const Product<T>& p) {
  if (p.k == 0 || p.alpha == T(0)) return scale(p);
  const bool fits = std::max({p.m, p.n, p.k, p.lda, p.ldb, p.ldc}) <= kMaxInt;
  if (!fits || (p.m <= kSmall && p.n <= kSmall && p.k <= kSmall && p.m * p.n * p.k <= kSmall)) return plain(p);
  blas(p);
}

// Pieces of rows or columns of C, whichever there are more of. Their size depends on m, n and k only.
template <class T>
void product(const Product<T>& p) {
  if (p.m == 0 || p.n == 0) return;
  const double work = double(p.m) * double(p.n) * double(std::max<int64_t>(p.k, 1));
  if (work < 2 * double(kPieceWork)) return piece(p);
  const bool by_rows = p.m >= p.n;
  const int64_t length = by_rows ? p.m : p.n;
  const auto wanted = int64_t(double(length) * double(kPieceWork) / work);
  const int64_t grain =
      std::clamp<int64_t>((std::max(wanted, (length + 31) / 32) + 15) / 16 * 16, 16, std::max<int64_t>(length, 16));
  parallel_for(length, grain,
               [&](int64_t from, int64_t to) { piece(by_rows ? p.rows(from, to) : p.columns(from, to)); });
}

template <class T>
void batched(int64_t batch, const Product<T>& p, int64_t stride_a, int64_t stride_b, int64_t stride_c) {
  const auto at = [&](int64_t i) {
    Product<T> q = p;
    q.a += i * stride_a;
    q.b += i * stride_b;
    q.c += i * stride_c;
    return q;
  };
  const double work = double(p.m) * double(p.n) * double(std::max<int64_t>(p.k, 1));
  if (work >= 16 * double(kPieceWork)) {  // each product is worth several threads by itself
    for (int64_t i = 0; i < batch; ++i) product(at(i));
    return;
  }
  const auto grain = int64_t(double(kPieceWork) / 32 / std::max(work, 1.0));
  parallel_for(batch, std::max<int64_t>(grain, 1), [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) product(at(i));  // nested: its pieces run here, cut in the same way
  });
}

}  // namespace

void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  product<float>({transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
}
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a,
          int64_t lda, const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  product<double>({transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
}
void gemm_batched(int64_t batch, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                  const float* a, int64_t lda, int64_t stride_a, const float* b, int64_t ldb, int64_t stride_b,
                  float beta, float* c, int64_t ldc, int64_t stride_c) {
  batched<float>(batch, {transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}, stride_a, stride_b,
                 stride_c);
}
void gemm_batched(int64_t batch, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
                  const double* a, int64_t lda, int64_t stride_a, const double* b, int64_t ldb, int64_t stride_b,
                  double beta, double* c, int64_t ldc, int64_t stride_c) {
  batched<double>(batch, {transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}, stride_a, stride_b,
                  stride_c);
}

}  // namespace lamina::kernels

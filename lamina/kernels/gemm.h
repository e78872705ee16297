// Matrix products of row-major buffers over BLAS. The product is cut into pieces by its sizes, each computed by BLAS on one
// thread, so the bits are the same for any number of threads.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// C = alpha·op(A)·op(B) + beta·C;  op(A) (m, k), op(B) (k, n), C (m, n), row-major with rows lda, ldb, ldc apart.
///   A is (m, k), or (k, m) when transposed; B is (k, n), or (n, k). With beta = 0, C is only written, never read.
///   k = 0 gives beta·C.
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc);
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a,
          int64_t lda, const double* b, int64_t ldb, double beta, double* c, int64_t ldc);

/// `batch` products whose operands lie stride_a, stride_b, stride_c apart; a stride of 0 repeats an operand.
void gemm_batched(int64_t batch, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                  const float* a, int64_t lda, int64_t stride_a, const float* b, int64_t ldb, int64_t stride_b,
                  float beta, float* c, int64_t ldc, int64_t stride_c);
void gemm_batched(int64_t batch, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
                  const double* a, int64_t lda, int64_t stride_a, const double* b, int64_t ldb, int64_t stride_b,
                  double beta, double* c, int64_t ldc, int64_t stride_c);

}  // namespace lamina::kernels

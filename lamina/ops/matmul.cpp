#include "lamina/ops/matmul.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/gemm.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

void check_types(const char* name, const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype())
    throw DTypeError(str(name, ": expected both operands to have the same dtype, but got ", scalar_type_name(a.dtype()),
                         " and ", scalar_type_name(b.dtype())),
                     "Convert one with .to(dtype)");
}

// How BLAS can take the last two dimensions of a tensor: as they are, transposed, or only after a copy.
struct Operand {
  Tensor t;  // holds the memory
  bool transposed;
  int64_t ld, batch_stride;
};
Operand operand(const Tensor& x) {
  const Tensor t = x.detach();
  const int64_t rows = t.size(-2), cols = t.size(-1), row = t.strides()[-2], col = t.strides()[-1];
  const int64_t batch = t.rank() > 2 ? t.strides()[-3] : 0;
  if ((col == 1 || cols == 1) && (rows == 1 || row >= cols))
    return {t, false, std::max<int64_t>({row, cols, 1}), batch};
  if ((row == 1 || rows == 1) && (cols == 1 || col >= rows)) return {t, true, std::max<int64_t>({col, rows, 1}), batch};
  const Tensor copy = clone(t);
  return {copy, false, std::max<int64_t>(cols, 1), rows * cols};
}

// a (batch, n, k) · b (batch, k, m), values only; a and b may have batch stride 0
Tensor product(const Tensor& a, const Tensor& b) {
  const int64_t batch = a.size(0), n = a.size(1), k = a.size(2), m = b.size(2);
  Tensor y = empty({batch, n, m}, a.dtype());
  const Operand x = operand(a), w = operand(b);
  if (a.is_floating_point()) {
    dispatch_real(a.dtype(), "matmul", [&]<class T>() {
      kernels::gemm_batched(batch, x.transposed, w.transposed, n, m, k, T(1), x.t.data<T>(), x.ld, x.batch_stride,
                            w.t.data<T>(), w.ld, w.batch_stride, T(0), y.data<T>(), m, n * m);
    });
    return y;
  }
  dispatch_arithmetic(a.dtype(), "matmul", [&]<class T>() {
    parallel_for(batch * n, grain_for(k * m), [&](int64_t from, int64_t to) {
      for (int64_t r = from; r < to; ++r) {
        const T* row = x.t.data<T>() + r / n * x.batch_stride + r % n * (x.transposed ? 1 : x.ld);
        const T* right = w.t.data<T>() + r / n * w.batch_stride;
        for (int64_t j = 0; j < m; ++j) {
          uint64_t total = 0;
          for (int64_t l = 0; l < k; ++l)
            total += uint64_t(row[l * (x.transposed ? x.ld : 1)]) *
                     uint64_t(right[w.transposed ? j * w.ld + l : l * w.ld + j]);
          y.data<T>()[r * m + j] = T(total);
        }
      }
    });
  });
  return y;
}

bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

Tensor unscaled(const Tensor& t, Scalar factor) { return factor.to_double() == 1 ? t : mul(t, factor); }

// beta·input + alpha·y; beta = 0 leaves input, NaNs too, out
Tensor combined(const Tensor& input, const Tensor& y, Scalar beta, Scalar alpha) {
  if (!y.is_floating_point()) beta = beta.to<int64_t>(), alpha = alpha.to<int64_t>();  // as PyTorch: cut off
  if (beta.to_double() != 0) return add(unscaled(input, beta), y, alpha);
  if (broadcast(input.shape(), y.shape()) != y.shape())
    throw ShapeError(str("input ", input.shape(), " does not broadcast to ", y.shape()));
  return unscaled(y, alpha);
}

void check_combined(const char* name, const Tensor& input, const Shape& shape) {
  bool fits = input.rank() <= shape.rank();
  for (int d = 1; fits && d <= input.rank(); ++d) fits = input.shape()[-d] == 1 || input.shape()[-d] == shape[-d];
  if (!fits) throw ShapeError(str(name, ": input ", input.shape(), " must broadcast to the product's shape ", shape));
}

}  // namespace

Tensor mm(const Tensor& a, const Tensor& b) {
  if (a.rank() != 2 || b.rank() != 2)
    throw ShapeError(str("mm: both operands must be matrices, got ", a.shape(), " and ", b.shape()));
  if (a.size(1) != b.size(0))
    throw ShapeError(str("mat1 and mat2 shapes cannot be multiplied (", a.size(0), "x", a.size(1), " and ", b.size(0),
                         "x", b.size(1), ")"));
  check_types("mm", a, b);
  if (is_half(a.dtype())) return to(mm(to(a, DType::Float32), to(b, DType::Float32)), a.dtype());
  const Tensor batch = product(unsqueeze(a.detach(), 0), unsqueeze(b.detach(), 0));
  Tensor y = alias(batch, {a.size(0), b.size(1)}, {b.size(1), 1});
  if (needs_grad(a, b))
    record("MmBackward0", y, {&a, &b},
           [a = b.requires_grad() ? Saved(a) : Saved(),
            b = a.requires_grad() ? Saved(b) : Saved()](const Backward& g) -> Tensors {
             return {g.needs(0) ? mm(g.dy(), transpose(b.get(), 0, 1)) : Tensor(),
                     g.needs(1) ? mm(transpose(a.get(), 0, 1), g.dy()) : Tensor()};
           });
  return y;
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  if (a.rank() != 3 || b.rank() != 3)
    throw ShapeError(str("batch1 must be a 3D tensor and batch2 too, got ", a.shape(), " and ", b.shape()));
  if (a.size(0) != b.size(0) || a.size(2) != b.size(1))
    throw ShapeError(str("Expected size for first two dimensions of batch2 tensor to be: [", a.size(0), ", ", a.size(2),
                         "] but got: [", b.size(0), ", ", b.size(1), "]."));
  check_types("bmm", a, b);
  if (is_half(a.dtype())) return to(bmm(to(a, DType::Float32), to(b, DType::Float32)), a.dtype());
  Tensor y = product(a, b);
  if (needs_grad(a, b))
    record("BmmBackward0", y, {&a, &b},
           [a = b.requires_grad() ? Saved(a) : Saved(),
            b = a.requires_grad() ? Saved(b) : Saved()](const Backward& g) -> Tensors {
             return {g.needs(0) ? bmm(g.dy(), transpose(b.get(), 1, 2)) : Tensor(),
                     g.needs(1) ? bmm(transpose(a.get(), 1, 2), g.dy()) : Tensor()};
           });
  return y;
}

Tensor mv(const Tensor& a, const Tensor& x) {
  if (a.rank() != 2 || x.rank() != 1)
    throw ShapeError(str("vector + matrix @ vector expected, got ", a.shape(), " and ", x.shape()));
  if (a.size(1) != x.size(0))
    throw ShapeError(str("size mismatch, got input (", a.size(0), "), mat (", a.size(0), "x", a.size(1), "), vec (",
                         x.size(0), ")"));
  return squeeze(mm(a, unsqueeze(x, 1)), 1);
}

Tensor dot(const Tensor& a, const Tensor& b) {
  if (a.rank() != 1 || b.rank() != 1)
    throw ShapeError(str("1D tensors expected, but got ", a.rank(), "D and ", b.rank(), "D tensors"));
  if (a.size(0) != b.size(0))
    throw ShapeError(str("inconsistent tensor size, expected tensor [", a.size(0), "] and src [", b.size(0),
                         "] to have the same number of elements"));
  check_types("dot", a, b);
  return sum(mul(a, b), {}, false, a.dtype());
}

Tensor outer(const Tensor& a, const Tensor& b) {
  if (a.rank() != 1 || b.rank() != 1)
    throw ShapeError(str("outer: Expected 1-D arguments, but got ", a.shape(), " and ", b.shape()));
  return mul(unsqueeze(a, 1), b);
}

Tensor cross(const Tensor& a, const Tensor& b, int64_t dim) {
  const Shape shape = broadcast(a.shape(), b.shape());
  const int64_t d = wrap_dim(dim, shape.rank());
  if (shape.rank() == 0 || a.rank() != b.rank() || a.size(d) != 3 || b.size(d) != 3)
    throw ShapeError(
        str("linalg.cross: inputs dimension ", dim, " must have length 3. Got ", a.shape(), " and ", b.shape()));
  return sub(mul(roll(a, {-1}, {d}), roll(b, {-2}, {d})), mul(roll(a, {-2}, {d}), roll(b, {-1}, {d})));
}

Tensor cdist(const Tensor& a, const Tensor& b, double p) {
  if (a.rank() < 2 || b.rank() < 2)
    throw ShapeError(str("cdist only supports at least 2D tensors, X1 got: ", a.rank(), "D, X2 got: ", b.rank(), "D"));
  if (a.size(-1) != b.size(-1))
    throw ShapeError(str("X1 and X2 must have the same number of columns. X1: ", a.size(-1), " X2: ", b.size(-1)));
  if (!(p >= 0)) throw OptionError(str("cdist only supports non-negative p values, got ", p));
  return norm(sub(unsqueeze(a, -2), unsqueeze(b, -3)), p, {-1});
}

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (a.rank() == 0 || b.rank() == 0)
    throw ShapeError(
        str("both arguments to matmul need to be at least 1D, but they are ", a.rank(), "D and ", b.rank(), "D"));
  check_types("matmul", a, b);
  if (a.rank() == 1 && b.rank() == 1) return dot(a, b);
  if (a.rank() == 1) {
    const Tensor y = matmul(unsqueeze(a, 0), b);
    return squeeze(y, -2);
  }
  if (b.rank() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  if (a.rank() == 2 && b.rank() == 2) return mm(a, b);
  const int64_t n = a.size(-2), k = a.size(-1), m = b.size(-1);
  if (k != b.size(-2))
    throw ShapeError(str("mat1 and mat2 shapes cannot be multiplied: ", a.shape(), " and ", b.shape(),
                         " need the first's last size to be the second's last but one"));
  if (b.rank() == 2) {  // one product of all rows
    const Shape leading = a.shape().slice(0, -1);
    return reshape(mm(reshape(a, {leading.numel(), k}), b), leading + Shape{m});
  }
  const Shape batch = broadcast(a.shape().slice(0, -2), b.shape().slice(0, -2));
  const Tensor left = reshape(expand(a, batch + Shape{n, k}), {batch.numel(), n, k});
  const Tensor right = reshape(expand(b, batch + Shape{k, m}), {batch.numel(), k, m});
  return reshape(bmm(left, right), batch + Shape{n, m});
}

Tensor addmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  const Tensor y = mm(a, b);
  check_combined("addmm", input, y.shape());
  check_types("addmm", input, y);
  return combined(input, y, beta, alpha);
}
Tensor baddbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  const Tensor y = bmm(a, b);
  check_combined("baddbmm", input, y.shape());
  check_types("baddbmm", input, y);
  return combined(input, y, beta, alpha);
}
Tensor addmv(const Tensor& input, const Tensor& a, const Tensor& x, Scalar beta, Scalar alpha) {
  const Tensor y = mv(a, x);
  check_combined("addmv", input, y.shape());
  check_types("addmv", input, y);
  return combined(input, y, beta, alpha);
}

}  // namespace lamina::ops

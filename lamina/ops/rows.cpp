// Slices by number, declared in index_checks.h: what index_select, x[…] and their in-place forms share.
#include "lamina/kernels/rows.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/index_checks.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

Tensor checked_index(const char* name, const Tensor& index, int64_t size, int64_t dim, bool negative) {
  if (index.numel() > 0 && index.dtype() != DType::Int64 && index.dtype() != DType::Int32)
    throw DTypeError(str(name, "(): Expected dtype int32/int64 for index, got ", lamina::name(index.dtype())),
                     "Convert it with .long()");
  const Tensor given = contiguous(to(index, DType::Int64));
  const int64_t n = given.numel();
  // a copy: what was checked must still hold when the backward uses it
  Tensor numbers = empty(given.shape(), DType::Int64);
  const int64_t* from = given.data<int64_t>();
  int64_t* at = numbers.data<int64_t>();
  for (int64_t i = 0; i < n; ++i) {
    const int64_t number = from[i];
    if (number < (negative ? -size : 0) || number >= size)
      throw IndexError(str("index ", number, " is out of bounds for dimension ", dim, " with size ", size));
    at[i] = number < 0 ? number + size : number;
  }
  return numbers;
}

namespace {

struct Blocks { int64_t outer, n, inner; };
Blocks blocks(const Shape& shape, const Rows& rows) {
  return {shape.slice(0, rows.first).numel(), shape.slice(rows.first, rows.first + rows.count).numel(),
          shape.slice(rows.first + rows.count).numel()};
}

// add: floats and integers; values and self contiguous and of one type
void join_into(const Tensor& self, const Rows& rows, const Tensor& values, bool accumulate) {
  if (values.numel() == 0) return;
  const Blocks b = blocks(self.shape(), rows);
  const int64_t m = rows.numbers.numel();
  dispatch_all(self.dtype(), [&]<class T>() {
    const int64_t* numbers = rows.numbers.data<int64_t>();
    if (!accumulate)
      return kernels::join_rows(self.data<T>(), b.outer, b.n, b.inner, numbers, m, values.data<T>(),
                                [](T, T v) { return v; });
    kernels::join_rows(self.data<T>(), b.outer, b.n, b.inner, numbers, m, values.data<T>(), [](T old, T v) {
      using W = typename wrapping<compute_t<T>>::type;
      return T(compute_t<T>(W(old) + W(v)));
    });
  });
}

}  // namespace

Tensor take_rows(const Tensor& input, const Rows& rows) {
  const Tensor x = contiguous(input.detach());
  const Blocks b = blocks(x.shape(), rows);
  Tensor y =
      empty(x.shape().slice(0, rows.first) + rows.positions + x.shape().slice(rows.first + rows.count), x.dtype());
  if (y.numel() > 0)
    kernels::take_rows(x.bytes(), b.outer, b.n, b.inner * element_size(x.dtype()), rows.numbers.data<int64_t>(),
                       rows.numbers.numel(), y.bytes());
  if (needs_grad(input))
    record("IndexBackward0", y, {&input},
           [shape = input.shape(), rows](const Backward& g) -> Tensors { return {add_rows(g.dy(), shape, rows)}; });
  return y;
}

Tensor add_rows(const Tensor& dy, const Shape& shape, const Rows& rows) {
  Tensor dx = zeros(shape, dy.dtype());
  join_into(dx, rows, contiguous(dy.detach()), true);
  if (needs_grad(dy))
    record("IndexPutBackward0", dx, {&dy}, [rows](const Backward& g) -> Tensors { return {take_rows(g.dy(), rows)}; });
  return dx;
}

void put_rows(const Tensor& self, const Rows& rows, const Tensor& values, bool accumulate) {
  const bool recorded = needs_grad(self, values);
  const Tensor from = contiguous(apart_from(self, values.detach()));
  if (self.is_contiguous()) {
    join_into(self, rows, from, accumulate);
  } else {
    const Tensor whole = clone(self.detach());
    join_into(whole, rows, from, accumulate);
    copy_values(self, whole);
  }
  self.bump_version();
  if (!recorded) return;
  record("IndexPutBackward0", self, {&self, &values}, [rows, accumulate](const Backward& g) -> Tensors {
    Tensor dself;
    if (g.needs(0)) {
      dself = g.dy();
      if (!accumulate) {
        dself = clone(dself);
        const Shape shape =
            dself.shape().slice(0, rows.first) + rows.positions + dself.shape().slice(rows.first + rows.count);
        put_rows(dself, rows, zeros(shape, dself.dtype()), false);
      }
    }
    return {dself, g.needs(1) ? take_rows(g.dy(), rows) : Tensor()};
  });
}

}  // namespace lamina::ops

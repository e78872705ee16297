#include "lamina/ops/row_sparse.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"

namespace lamina::ops {

namespace {

const std::vector<int64_t>& rows_or_throw(const Tensor& t, const char* what) {
  if (const auto* rows = sparse_rows(t)) return *rows;
  throw Error(str(what, " of a dense tensor"),
              "Only gradients of Embedding(sparse=True) that nothing changed have them");
}

int64_t row_bytes(const Tensor& t) { return t.size(0) ? t.numel() / t.size(0) * element_size(t.dtype()) : 0; }

template <class T>
void add_rows(const Tensor& to, const Tensor& from, const std::vector<int64_t>& rows, int64_t columns) {
  for (const int64_t row : rows)
    for (int64_t c = 0; c < columns; ++c)
      to.data<T>()[row * columns + c] = T(to.data<T>()[row * columns + c] + from.data<T>()[row * columns + c]);
}

}  // namespace

Tensor sparse_indices(const Tensor& t) {
  const auto& rows = rows_or_throw(t, "indices");
  const Tensor indices = empty({1, int64_t(rows.size())}, kInt64);
  std::copy(rows.begin(), rows.end(), indices.data<int64_t>());
  return indices;
}

Tensor sparse_values(const Tensor& t) {
  const auto& rows = rows_or_throw(t, "values");
  Shape shape = t.shape();
  shape[0] = int64_t(rows.size());
  const Tensor values = empty(shape, t.dtype());
  const int64_t bytes = row_bytes(t);
  for (size_t i = 0; i < rows.size(); ++i)
    std::memcpy(values.bytes() + int64_t(i) * bytes, t.bytes() + rows[i] * bytes, size_t(bytes));
  return values;
}

Tensor clone_sparse(const Tensor& t) {
  const auto& rows = rows_or_throw(t, "clone");
  Tensor copy = make_row_sparse(t.shape(), t.dtype(), rows);
  const int64_t bytes = row_bytes(t);
  for (const int64_t row : rows) std::memcpy(copy.bytes() + row * bytes, t.bytes() + row * bytes, size_t(bytes));
  return copy;
}

Tensor add_sparse(const Tensor& a, const Tensor& b) {
  const auto *mine = sparse_rows(a), *others = sparse_rows(b);
  if (!mine || !others || a.shape() != b.shape() || a.dtype() != b.dtype()) return {};
  std::vector<int64_t> rows;
  std::set_union(mine->begin(), mine->end(), others->begin(), others->end(), std::back_inserter(rows));
  Tensor sum = make_row_sparse(a.shape(), a.dtype(), std::move(rows));
  const int64_t columns = row_bytes(a) / element_size(a.dtype());
  dispatch_floating(a.dtype(), "sparse add", [&]<class T>() {
    add_rows<T>(sum, a, *mine, columns);
    add_rows<T>(sum, b, *others, columns);
  });
  return sum;
}

}  // namespace lamina::ops

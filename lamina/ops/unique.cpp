// Values or slices each once, declared in sort.h.
#include <algorithm>
#include <numeric>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// The rows (n, m) of x that are counted: elements, or the slices along dim.
Tensor rows_of(const Tensor& given, std::optional<int64_t> dim) {
  const bool half = given.dtype() == DType::BFloat16 || given.dtype() == DType::Float16;
  const Tensor x = half ? to(given.detach(), DType::Float32) : given.detach();
  if (!dim) return contiguous(reshape(x, {-1, 1}));
  const int64_t d = wrap_dim(*dim, x.rank());
  if (x.rank() == 0) return reshape(x, {1, 1});
  if (x.size(d) == 0 && x.numel() == 0)
    for (int64_t other = 0; other < x.rank(); ++other)
      if (other != d && x.size(other) == 0)
        throw ShapeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  const int64_t n = x.size(d), m = n ? x.numel() / n : 0;
  return contiguous(reshape(movedim(x, d, 0), {n, m}));
}

Unique chosen(const Tensor& x, std::optional<int64_t> dim, bool sorted) {
  const Tensor rows = rows_of(x, dim);
  const int64_t n = rows.size(0), m = rows.size(1);
  std::vector<int64_t> order(size_t(n), 0), first, counts;
  std::iota(order.begin(), order.end(), int64_t{0});
  Tensor inverse = empty({n}, DType::Int64);
  dispatch_arithmetic(rows.dtype(), "unique", [&]<class T>() {
    const T* values = rows.data<T>();
    const auto row = [&](int64_t i) { return values + i * m; };
    if (sorted)  // a NaN comes last, as in sort
      std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        return std::lexicographical_compare(row(a), row(a) + m, row(b), row(b) + m,
                                            [](T u, T v) { return u < v || (u == u && v != v); });
      });
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = order[size_t(i)];
      if (i == 0 || !std::equal(row(at), row(at) + m, row(order[size_t(i - 1)]))) {
        first.push_back(at);
        counts.push_back(0);
      }
      ++counts.back();
      inverse.data<int64_t>()[at] = int64_t(first.size()) - 1;
    }
  });
  const Tensor places = tensor(first);
  if (!dim) return {index_select(reshape(x.detach(), {-1}), 0, places), reshape(inverse, x.shape()), tensor(counts)};
  const Tensor values = x.rank() ? index_select(x.detach(), *dim, places) : clone(x.detach());
  return {values, inverse, tensor(counts)};
}

}  // namespace

Unique unique(const Tensor& x, std::optional<int64_t> dim) { return chosen(x, dim, true); }
Unique unique_consecutive(const Tensor& x, std::optional<int64_t> dim) { return chosen(x, dim, false); }

}  // namespace lamina::ops

#include "lamina/ops/search.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right) {
  if (sorted.rank() == 0)
    throw ShapeError(
        "torch.searchsorted(): boundaries tensor should have positive dimension, got a tensor without dimensions");
  const bool one_row = sorted.rank() == 1;
  if (!one_row && (values.rank() == 0 || sorted.shape().slice(0, -1) != values.shape().slice(0, -1)))
    throw ShapeError(
        str("torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
            "tensor and input value "
            "tensor must match, but we got boundaries tensor ",
            sorted.shape().list_text(), " and input value tensor ", values.shape().list_text()));
  DType type = promote_types(sorted.dtype(), values.dtype());
  if (type == DType::BFloat16 || type == DType::Float16) type = DType::Float32;
  const Tensor rows = contiguous(to(sorted.detach(), type)), wanted = contiguous(to(values.detach(), type));
  Tensor places = empty(values.shape(), DType::Int64);
  const int64_t n = rows.size(-1),
                per_row = one_row ? std::max<int64_t>(values.numel(), 1) : std::max<int64_t>(values.size(-1), 1);
  dispatch_arithmetic(type, "searchsorted", [&]<class T>() {
    const auto below = [](T a, T b) {  // a NaN stands behind every number
      if constexpr (std::is_floating_point_v<T>) return a < b || (std::isnan(b) && !std::isnan(a));
      else return a < b;
    };
    for (int64_t i = 0; i < values.numel(); ++i) {
      const T* row = rows.data<T>() + (one_row ? 0 : i / per_row * n);
      const T v = wanted.data<T>()[i];
      const T* at = right ? std::upper_bound(row, row + n, v, below) : std::lower_bound(row, row + n, v, below);
      places.data<int64_t>()[i] = at - row;
    }
  });
  return places;
}

Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool right) {
  if (boundaries.rank() != 1)
    throw ShapeError(str("bucketize(): boundaries tensor must be 1 dimension, but got dim(", boundaries.rank(), ")"));
  return searchsorted(boundaries, values, right);
}

Tensor isin(const Tensor& elements, const Tensor& among, bool invert) {
  DType type = promote_types(elements.dtype(), among.dtype());
  if (type == DType::BFloat16 || type == DType::Float16) type = DType::Float32;
  const Tensor x = contiguous(to(elements.detach(), type)), set = contiguous(to(among.detach(), type));
  Tensor found = empty(elements.shape(), DType::Bool);
  dispatch_arithmetic(type, "isin", [&]<class T>() {
    std::vector<T> sorted;
    for (int64_t i = 0; i < set.numel(); ++i)
      if (set.data<T>()[i] == set.data<T>()[i]) sorted.push_back(set.data<T>()[i]);  // a NaN is equal to nothing
    std::sort(sorted.begin(), sorted.end());
    for (int64_t i = 0; i < x.numel(); ++i) {
      const T v = x.data<T>()[i];
      found.data<bool>()[i] = (v == v && std::binary_search(sorted.begin(), sorted.end(), v)) != invert;
    }
  });
  return found;
}

}  // namespace lamina::ops

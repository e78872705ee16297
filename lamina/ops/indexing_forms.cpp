// Forms of indexing that are made of others, declared in indexing.h.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

Tensor index_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const std::string& reduce,
                    bool include_self) {
  if (reduce != "prod" && reduce != "mean" && reduce != "amax" && reduce != "amin")
    throw OptionError("index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got " + reduce + ".");
  if (index.rank() > 1) throw ShapeError(str("index_reduce_(): Index is supposed to be a vector, got ", index.shape()));
  if (x.dtype() != source.dtype())
    throw DTypeError("index_reduce_(): self and source expected to have the same scalar type");
  const int64_t d = wrap_dim(dim, x.rank());
  if (x.rank() != source.rank() && x.rank() + source.rank() > 1)
    throw ShapeError(str("index_reduce_(): self and source must have the same number of dimensions, got ", x.shape(),
                         " and ", source.shape()));
  if (source.rank() == 0) return scatter_reduce(x, 0, reshape(index, {}), source, reduce, include_self);
  if (source.size(d) != index.numel())
    throw IndexError(str("index_reduce_(): Number of indices (", index.numel(),
                         ") should be equal to source.size(dim): (", source.size(d), "), for dim: ", d));
  for (int64_t k = 0; k < x.rank(); ++k)
    if (k != d && x.size(k) != source.size(k))
      throw ShapeError(str("index_reduce_(): source ", source.shape(), " must have the sizes of self ", x.shape(),
                           " but for dimension ", d));
  Shape along = Shape::filled(source.rank(), 1);
  along[d] = index.numel();
  return scatter_reduce(x, d, expand(reshape(index, along), source.shape()), source, reduce, include_self);
}

Tensor nonzero_static(const Tensor& x, int64_t size, int64_t fill) {
  if (size < 0) throw OptionError(str("nonzero_static: 'size' must be an non-negative integer, got ", size));
  const Tensor found = nonzero(x);
  const int64_t count = found.size(0);
  if (count >= size) return clone(narrow(found, 0, 0, size));
  return cat({found, full({size - count, x.rank()}, fill, DType::Int64)}, 0);
}

Tensors unravel_index(const Tensor& numbers, const Shape& shape) {
  if (is_floating_point(numbers.dtype()) || numbers.dtype() == DType::Bool)
    throw DTypeError(str("expected 'indices' to be integer dtype, but got ", name(numbers.dtype())));
  if (numbers.numel() && !item(all(logical_and(lt(numbers, shape.numel()), ge(numbers, 0)))).to<bool>())
    throw IndexError(str("unravel_index: an index is outside of a tensor of shape ", shape));
  Tensors places;
  int64_t step = 1;
  for (int64_t d = shape.rank() - 1; d >= 0; --d) {
    places.insert(places.begin(),
                  remainder(floor_divide(numbers, Scalar(step)), Scalar(std::max<int64_t>(shape[d], 1))));
    step *= shape[d];
  }
  return places;
}

}  // namespace lamina::ops

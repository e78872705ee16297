#include "lamina/data/dataset.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/indexing.h"

namespace lamina::data::detail {

int64_t sample_count(const Tensor* tensors, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!tensors[i].defined() || tensors[i].rank() == 0)
      throw ShapeError(str("TensorDataset: tensor ", i, " has no dimension that could count samples"));
    if (tensors[i].size(0) != tensors[0].size(0))
      throw ShapeError(
          str("TensorDataset: Size mismatch between tensors: ", tensors[0].shape(), " and ", tensors[i].shape()));
  }
  return tensors[0].size(0);
}

Tensor gather(const Tensor& t, const Tensor& indices) { return ops::index_select(t, 0, indices); }

}  // namespace lamina::data::detail

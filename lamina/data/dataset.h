// Datasets: anything with `int64_t size() const` and `Batch batch(const Tensor& indices) const` can be loaded.
//   data::TensorDataset digits(images, labels);
#pragma once
#include <array>

#include "lamina/core/tensor.h"

namespace lamina::data {

namespace detail {
/// The number of samples; ShapeError unless all tensors have the same, in their first dimension.
int64_t sample_count(const Tensor* tensors, size_t count);
/// Samples `indices` (batch) of t (samples, …) → (batch, …)
Tensor gather(const Tensor& t, const Tensor& indices);
}  // namespace detail

/// N tensors whose first dimension counts the samples. Source: torch.utils.data.TensorDataset.
template <size_t N>
class TensorDataset {
 public:
  using Batch = std::array<Tensor, N>;
  template <class... T>
    requires(sizeof...(T) == N && N > 0)
  explicit TensorDataset(const T&... tensors)
      : tensors{tensors...}, size_(detail::sample_count(this->tensors.data(), N)) {}

  int64_t size() const { return size_; }
  Batch batch(const Tensor& indices) const {
    Batch out;
    for (size_t i = 0; i < N; ++i) out[i] = detail::gather(tensors[i], indices);
    return out;
  }

  std::array<Tensor, N> tensors;

 private:
  int64_t size_;
};
template <class... T>
TensorDataset(const T&...) -> TensorDataset<sizeof...(T)>;

}  // namespace lamina::data

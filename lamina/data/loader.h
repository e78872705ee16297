// DataLoader: a dataset batch by batch.
//   data::DataLoader loader(data::TensorDataset(images, labels), {.batch_size = 64, .shuffle = true});
//   for (const auto& [x, y] : loader) …            // x (64, 1, 28, 28), y (64); each loop is one epoch
#pragma once
#include <iterator>
#include <utility>

#include "lamina/data/dataset.h"
#include "lamina/data/epoch.h"

namespace lamina::data {

/// Batches in order or shuffled; the last one is smaller where the samples do not divide. For the same seed the order is
/// that of torch.utils.data.DataLoader. OptionError for a batch_size below 1.
template <class Dataset>
class DataLoader {
 public:
  using Batch = typename Dataset::Batch;

  explicit DataLoader(Dataset dataset, DataLoaderOptions options = {})
      : dataset(std::move(dataset)), options(std::move(options)) {
    Epoch::check(this->dataset.size(), this->options);
  }

  class Iterator {
   public:
    Iterator(const Dataset& dataset, const DataLoaderOptions& options)
        : dataset_(&dataset), epoch_(dataset.size(), options) {
      load();
    }
    Batch& operator*() { return batch_; }
    Iterator& operator++() {
      load();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !indices_.defined(); }

   private:
    void load() {
      indices_ = epoch_.next();
      if (indices_.defined()) batch_ = dataset_->batch(indices_);
    }
    const Dataset* dataset_;
    Epoch epoch_;
    Tensor indices_;
    Batch batch_;
  };

  /// Starts an epoch.
  Iterator begin() const { return {dataset, options}; }
  std::default_sentinel_t end() const { return {}; }
  /// The number of batches in an epoch.
  int64_t size() const { return Epoch::batches(dataset.size(), options); }

  const Dataset dataset;
  const DataLoaderOptions options;
};

}  // namespace lamina::data

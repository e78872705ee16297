// The order in which samples come, one epoch at a time, drawn as PyTorch's DataLoader draws it.
#pragma once
#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::data {

/// What DataLoader takes by name. Defaults are PyTorch's.
struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;
  bool drop_last = false;       // leave out a last batch that is smaller than the others
  GeneratorRef generator = {};  // the default one when null
};

/// Batches of sample numbers. Without a generator of its own a shuffled epoch draws a seed from the default one, so that
/// manual_seed alone makes the order repeatable. Source: torch/utils/data/sampler.py, RandomSampler and BatchSampler.
class Epoch {
 public:
  /// OptionError for a batch_size below 1, or for nothing to shuffle.
  static void check(int64_t samples, const DataLoaderOptions& options);
  Epoch(int64_t samples, const DataLoaderOptions& options);

  /// The next batch: int64 (batch); undefined at the end.
  Tensor next();

  static int64_t batches(int64_t samples, const DataLoaderOptions& options);

 private:
  Tensor order_;
  DataLoaderOptions options_;
  int64_t at_ = 0;
  bool ended_ = false;
};

}  // namespace lamina::data

#include "lamina/data/epoch.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/random.h"
#include "lamina/ops/view.h"

namespace lamina::data {

namespace {
int64_t draw(const GeneratorRef& generator) {
  const Tensor seed = empty({}, kInt64);
  ops::random_(seed, generator);
  return *seed.data<int64_t>();
}
}  // namespace

void Epoch::check(int64_t samples, const DataLoaderOptions& options) {
  if (options.batch_size < 1)
    throw OptionError(str("batch_size should be a positive integer value, but got batch_size=", options.batch_size));
  if (options.shuffle && samples == 0)
    throw OptionError("num_samples should be a positive integer value, but got num_samples=0");
}

Epoch::Epoch(int64_t samples, const DataLoaderOptions& options) : options_(options) {
  check(samples, options);
  draw(options.generator);  // PyTorch's seed for worker processes: drawn though there are none
  if (options.shuffle) {
    const GeneratorRef own = options.generator ? options.generator : make<Generator>(uint64_t(draw({})));
    order_ = ops::randperm(samples, kInt64, own);
  } else {
    order_ = empty({samples}, kInt64);
    for (int64_t i = 0; i < samples; ++i) order_.data<int64_t>()[i] = i;
  }
}

Tensor Epoch::next() {
  const int64_t samples = order_.numel(), size = std::min(options_.batch_size, samples - at_);
  if (!ended_ && size < options_.batch_size) {
    ended_ = true;
    // PyTorch draws a second permutation, of which it takes nothing, and so moves a generator that was given to it
    if (options_.shuffle && options_.generator) ops::randperm(samples, kInt64, options_.generator);
  }
  if (size == 0 || (options_.drop_last && size < options_.batch_size)) return {};
  at_ += size;
  return ops::narrow(order_, 0, at_ - size, size);
}

int64_t Epoch::batches(int64_t samples, const DataLoaderOptions& options) {
  return samples / options.batch_size + (!options.drop_last && samples % options.batch_size != 0);
}

}  // namespace lamina::data

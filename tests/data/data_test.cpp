// The order of samples is PyTorch's: recorded from torch.utils.data.DataLoader, two epochs over arange(7), then torch.rand.
#include <gtest/gtest.h>

#include "lamina/core/error.h"
#include "lamina/data/loader.h"
#include "lamina/ops/random.h"
#include "lamina/ops/view.h"

using namespace lamina;

namespace {
using Epochs = std::vector<std::vector<std::vector<int64_t>>>;

Tensor counted(const Shape& shape) {
  Tensor t = empty(shape, kInt64);
  for (int64_t i = 0; i < t.numel(); ++i) t.data<int64_t>()[i] = i;
  return t;
}

Epochs run(const data::DataLoaderOptions& options) {
  const data::DataLoader loader(data::TensorDataset(counted({7})), options);
  Epochs epochs;
  for (int epoch = 0; epoch < 2; ++epoch) {
    epochs.emplace_back();
    for (const auto& [x] : loader)
      epochs.back().emplace_back(x.template data<int64_t>(), x.template data<int64_t>() + x.numel());
    EXPECT_EQ(int64_t(epochs.back().size()), loader.size());
  }
  return epochs;
}

float next_random(const GeneratorRef& generator = {}) { return *ops::rand({1}, kFloat32, generator).data<float>(); }
}  // namespace

TEST(DataLoader, ShufflesAsPyTorchWithManualSeed) {
  manual_seed(3);
  EXPECT_EQ(run({.batch_size = 3, .shuffle = true}),
            (Epochs{{{3, 2, 5}, {4, 1, 0}, {6}}, {{3, 1, 6}, {0, 2, 4}, {5}}}));
  EXPECT_FLOAT_EQ(next_random(), 0.5944212079048157f);
  manual_seed(3);
  EXPECT_EQ(run({.batch_size = 3, .shuffle = true, .drop_last = true}),
            (Epochs{{{3, 2, 5}, {4, 1, 0}}, {{3, 1, 6}, {0, 2, 4}}}));
  manual_seed(3);
  EXPECT_EQ(run({.batch_size = 3}), (Epochs{{{0, 1, 2}, {3, 4, 5}, {6}}, {{0, 1, 2}, {3, 4, 5}, {6}}}));
  EXPECT_FLOAT_EQ(next_random(), 0.47161436080932617f);
}

TEST(DataLoader, ShufflesAsPyTorchWithAGenerator) {
  for (const bool drop_last : {false, true}) {
    const auto generator = make<Generator>(5);
    Epochs expected{{{2, 4, 3}, {5, 0, 6}, {1}}, {{4, 1, 0}, {2, 3, 6}, {5}}};
    if (drop_last)
      for (auto& epoch : expected) epoch.pop_back();
    EXPECT_EQ(run({.batch_size = 3, .shuffle = true, .drop_last = drop_last, .generator = generator}), expected);
    EXPECT_FLOAT_EQ(next_random(generator), 0.2638806700706482f);
  }
  const auto generator = make<Generator>(5);
  EXPECT_EQ(run({.batch_size = 7, .shuffle = true, .generator = generator}),
            (Epochs{{{2, 4, 3, 5, 0, 6, 1}}, {{4, 1, 0, 2, 3, 6, 5}}}));
  EXPECT_FLOAT_EQ(next_random(generator), 0.2638806700706482f);
}

TEST(DataLoader, GathersEveryTensorOfASample) {
  const Tensor x = ops::transpose(counted({2, 5}), 0, 1), y = counted({5});  // x[i] = (i, i + 5)
  int64_t seen = 0;
  for (const auto& [a, b] : data::DataLoader(data::TensorDataset(x, y), {.batch_size = 2, .shuffle = true})) {
    ASSERT_EQ(a.shape(), (Shape{b.numel(), 2}));
    for (int64_t i = 0; i < b.numel(); ++i, ++seen) {
      EXPECT_EQ(a.data<int64_t>()[2 * i], b.data<int64_t>()[i]);
      EXPECT_EQ(a.data<int64_t>()[2 * i + 1], b.data<int64_t>()[i] + 5);
    }
  }
  EXPECT_EQ(seen, 5);
}

TEST(DataLoader, RefusesWhatItCannotDo) {
  EXPECT_THROW(data::TensorDataset(counted({2}), counted({3})), ShapeError);
  EXPECT_THROW(data::TensorDataset(counted({})), ShapeError);
  EXPECT_THROW(data::DataLoader(data::TensorDataset(counted({2})), {.batch_size = 0}), OptionError);
  EXPECT_THROW(data::DataLoader(data::TensorDataset(counted({0})), {.shuffle = true}), OptionError);
  for (const auto& [x] : data::DataLoader(data::TensorDataset(counted({0})), {}))
    FAIL() << "a batch of nothing: " << x.shape().text();
}

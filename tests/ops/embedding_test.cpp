// What no case can say about embedding: the naive gradient at awkward sizes, its own gradient, max_norm in place,
// tables shared with the layer, all element types.
#include "lamina/ops/embedding.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/nn/embedding.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/row_sparse.h"
#include "lamina/ops/view.h"
#include "tests/reference/embedding.h"
#include "tests/support/gradients.h"
#include "tests/support/values.h"

namespace lamina {
namespace {

using ops::embedding;
using testing::error;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

Tensor indices(const std::vector<int64_t>& list) {
  Tensor t = empty({int64_t(list.size())}, kInt64);
  std::copy(list.begin(), list.end(), t.data<int64_t>());
  return t;
}

std::vector<int64_t> spread(int64_t n, int64_t rows) {
  std::vector<int64_t> list;
  for (int64_t i = 0; i < n; ++i) list.push_back((i * 7919 + i * i % 13) % rows);
  return list;
}

TEST(Embedding, AgreesWithTheNaiveGradient) {
  for (const int64_t rows : {1, 4, 100})
    for (const int64_t cols : {1, 7, 63, 64, 65, 130})
      for (const int64_t n : {0, 1, 50, 300})
        for (const bool mean : {false, true}) {
          SCOPED_TRACE(str(rows, " ", cols, " ", n, " ", mean));
          const auto list = spread(n, rows);
          const Tensor weight = noise({rows, cols}).requires_grad_(), dy = noise({n, cols}, 3);
          const Tensor y = embedding(indices(list), weight, rows / 2, {}, 2, mean);
          const auto want = reference::embedding_gradient(dy.data<double>(), list, rows, cols, rows / 2, mean);
          const Tensor d = grad({y}, {weight}, {dy})[0];
          for (int64_t i = 0; i < d.numel(); ++i) ASSERT_NEAR(d.data<double>()[i], want[size_t(i)], 1e-12);
        }
}

TEST(Embedding, TheGradientHasAGradient) {  // of (dy, weight): linear in dy, through the same rule
  for (const bool mean : {false, true})
    expect_second_gradients(
        [&](const Tensors& in) { return embedding(indices({2, 0, 2, 1, 2}), in[0], 1, {}, 2, mean); }, {noise({4, 3})});
}

TEST(Embedding, RenormalisesInPlaceWithoutHistory) {
  const Tensor weight = noise({3, 4}).requires_grad_(), before = ops::clone(weight.detach());
  const uint32_t version = weight.version();
  const Tensor y = embedding(indices({2, 0, 2}), weight, {}, 0.5);
  EXPECT_GT(weight.version(), version);
  EXPECT_TRUE(weight.is_leaf());
  EXPECT_TRUE(same_bits(ops::select(weight, 0, 1), ops::select(before, 0, 1)));  // a row that was not looked up
  for (const int64_t r : {0, 2}) {
    const Tensor row = ops::select(weight.detach(), 0, r), old = ops::select(before, 0, r);
    const double norm = std::sqrt(testing::dot(old, old));
    for (int64_t c = 0; c < 4; ++c)
      EXPECT_NEAR(row.data<double>()[c], old.data<double>()[c] * 0.5 / (norm + 1e-7), 1e-12);
  }
  EXPECT_TRUE(same_bits(ops::select(y, 0, 1), ops::select(weight, 0, 0)));
  const Tensor stored = noise({4, 3}), table = ops::transpose(stored, 0, 1), copy = ops::clone(table);
  embedding(indices({1}), table, {}, 0.5);
  embedding(indices({1}), copy, {}, 0.5);
  EXPECT_TRUE(same_bits(table, copy));
}

TEST(Embedding, LooksUpEveryElementTypeAndLayout) {
  for (const DType dtype : {kFloat32, kFloat64, kBFloat16, kFloat16, kInt64, kInt32, kInt16, kInt8, kUInt8, kBool}) {
    const Tensor table = ops::to(noise({5, 3}), dtype);
    EXPECT_TRUE(same_bits(ops::select(embedding(indices({4, 1}), table), 0, 0), ops::select(table, 0, 4)))
        << name(dtype);
  }
  const Tensor table = ops::transpose(noise({3, 5}), 0, 1);
  EXPECT_TRUE(same_bits(ops::select(embedding(indices({4, 1}), table), 0, 1), ops::select(table, 0, 1)));
  const Tensor half = noise({5, 3}, 1, kBFloat16).requires_grad_();
  EXPECT_EQ(grad({embedding(indices({4, 1, 4}), half)}, {half}, {noise({3, 3}, 2, kBFloat16)})[0].dtype(), kBFloat16);
}

TEST(Embedding, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  const auto list = spread(4000, 50);
  Tensors results;
  for (const int threads : {1, 2, 5}) {
    set_num_threads(threads);
    const Tensor weight = noise({50, 70}, 1, kFloat32).requires_grad_();
    results.push_back(grad({embedding(indices(list), weight)}, {weight}, {noise({4000, 70}, 2, kFloat32)})[0]);
  }
  set_num_threads(before);
  EXPECT_TRUE(same_bits(results[0], results[1]) && same_bits(results[0], results[2]));
}

TEST(Embedding, AChangedIndexIsNoticed) {
  const Tensor weight = noise({5, 3}).requires_grad_(), index = indices({4, 1});
  const Tensor y = embedding(index, weight);
  ops::fill_values(index, 0);
  index.bump_version();
  EXPECT_THROW(grad({y}, {weight}, {noise({2, 3})}), Error);
}

TEST(Embedding, FromPretrainedSharesAndFreezes) {
  const Tensor rows = noise({4, 3}, 1, kFloat32);
  const nn::Embedding frozen = nn::Embedding::from_pretrained(rows, {.padding_idx = -1});
  EXPECT_FALSE(frozen->weight.requires_grad());
  EXPECT_EQ(frozen->weight.bytes(), rows.bytes());
  EXPECT_EQ(frozen->options.padding_idx, 3);
  EXPECT_TRUE(same_bits(ops::select(frozen->weight, 0, 3), ops::select(rows, 0, 3)));  // not zeroed
  EXPECT_EQ(frozen->repr(), "Embedding(4, 3, padding_idx=3)");
  EXPECT_TRUE(nn::Embedding::from_pretrained(rows, {.freeze = false})->weight.requires_grad());
  EXPECT_THROW(nn::Embedding::from_pretrained(noise({3})), ShapeError);
  EXPECT_THROW(nn::Embedding(5, 3, {._weight = rows}), ShapeError);
}

TEST(Embedding, PaddingRowStartsZero) {
  const nn::Embedding layer(4, 3, {.padding_idx = 2});
  for (int64_t c = 0; c < 3; ++c) EXPECT_EQ(layer->weight.data<float>()[6 + c], 0);
  EXPECT_NE(layer->weight.data<float>()[0], 0);
}

TEST(Embedding, ErrorsNameTheIndexAndTheTable) {
  try {
    nn::Embedding(10, 3)(indices({1, 10}));
    FAIL();
  } catch (const IndexError& e) {
    EXPECT_STREQ(e.what(), "Embedding(10, 3): index 10 is out of range for a table of num_embeddings=10 rows");
  }
  EXPECT_THROW(nn::Embedding(10, 3, {.padding_idx = 10}), OptionError);
  EXPECT_THROW(nn::Embedding(10, 3, {.scale_grad_by_freq = true, .sparse = true})(indices({1})), OptionError);
  EXPECT_THROW(nn::Embedding(-10, 3), ShapeError);
}

TEST(Embedding, ASparseGradientKnowsItsRows) {
  const nn::Embedding layer(10, 2, {.padding_idx = 3, .sparse = true});
  layer(indices({7, 3, 1, 7})).backward(ops::ones({4, 2}));
  const Tensor& grad = layer->weight.grad();
  ASSERT_NE(sparse_rows(grad), nullptr);
  EXPECT_EQ(*sparse_rows(grad), (std::vector<int64_t>{1, 7}));
  EXPECT_EQ(values(ops::sparse_values(grad)), (std::vector<double>{1, 1, 2, 2}));
  EXPECT_EQ(values(grad)[14], 2);
  ops::add_(grad, 1);
  EXPECT_EQ(sparse_rows(grad), nullptr);
}

}  // namespace
}  // namespace lamina

// Lazy layers: the size of the input is learned, and what is drawn equals the plain layer's.
#include "lamina/nn/lazy.h"

#include <gtest/gtest.h>

#include "lamina/core/generator.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/random.h"
#include "tests/support/values.h"

namespace lamina {
namespace {

TEST(Lazy, DrawsWhatThePlainLayerDraws) {
  const Tensor x = ops::ones({2, 3, 5, 5});
  nn::LazyConv2d lazy(4, 3, {.padding = 1});
  const Tensor weight = lazy->weight;
  EXPECT_TRUE(lazy->has_uninitialized_params());
  EXPECT_EQ(lazy->name(), "LazyConv2d");
  manual_seed(5);
  const Tensor y = lazy(x);
  EXPECT_FALSE(lazy->has_uninitialized_params());
  EXPECT_EQ(lazy->name(), "Conv2d");
  EXPECT_TRUE(lazy->weight.is(weight));
  manual_seed(5);
  nn::Conv2d plain(3, 4, 3, {.padding = 1});
  EXPECT_EQ(values(lazy->weight), values(plain->weight));
  EXPECT_EQ(values(y), values(plain(x)));
}

TEST(Lazy, TakesItsShapeFromAFile) {
  const nn::Linear trained(4, 2);
  nn::LazyLinear lazy(2);
  lazy->load_state_dict(trained->state_dict());
  const Tensor x = ops::ones({1, 4});
  EXPECT_EQ(values(lazy(x)), values(trained(x)));
  nn::LazyLinear other(2);
  other->load_state_dict(trained->state_dict());
  EXPECT_THROW(other(ops::ones({1, 5})), ShapeError);
}

TEST(Lazy, ANormLearnsItsFeatures) {
  nn::LazyBatchNorm1d norm;
  norm(ops::ones({4, 6}));
  EXPECT_EQ(norm->running_mean.shape(), Shape({6}));
  EXPECT_EQ(values(norm->weight), std::vector<double>(6, 1.0));
}

}  // namespace
}  // namespace lamina

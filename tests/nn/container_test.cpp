#include <gtest/gtest.h>

#include <cstring>

#include "lamina/core/generator.h"
#include "lamina/nn/activation.h"
#include "lamina/nn/container.h"
#include "lamina/nn/linear.h"

namespace lamina {
namespace {

TEST(Sequential, LayersBetweenBracesDrawFromFirstToLast) {
  manual_seed(3);
  const nn::Sequential net{nn::Linear(4, 3), nn::ReLU(), nn::Linear(3, 2)};
  manual_seed(3);
  const nn::Linear first(4, 3), last(3, 2);
  const auto parameters = net->parameters();
  EXPECT_EQ(0, std::memcmp(parameters[0].data<float>(), first->weight.data<float>(), 12 * sizeof(float)));
  EXPECT_EQ(0, std::memcmp(parameters[2].data<float>(), last->weight.data<float>(), 6 * sizeof(float)));
}

}  // namespace
}  // namespace lamina

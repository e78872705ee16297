#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "lamina/core/generator.h"
#include "lamina/nn/activation.h"
#include "lamina/nn/container.h"
#include "lamina/nn/linear.h"
#include "lamina/ops/creation.h"

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

struct Doubling : nn::Module {
  Tensor forward(const Tensor& x) override { return x + x; }
};

TEST(Module, PrintsAsInPythonAndKnowsItsClass) {
  std::ostringstream out;
  out << nn::Linear(2, 3) << " " << Doubling();
  EXPECT_EQ(out.str(), "Linear(in_features=2, out_features=3, bias=True) Doubling()");
  const nn::ModuleRef linear = nn::Linear(2, 3);
  try {
    (*linear)(ops::zeros({1, 4}));
    FAIL() << "a width of 4 was taken for 2";
  } catch (const ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("Linear"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace lamina

// A layer of one's own: a residual block with a learnable gate, used like any layer that the library brings.
//   ./own_layer
#include <lamina/lamina.h>

#include <iostream>

namespace nn = lamina::nn;
using lamina::Tensor;

struct GatedResidual : nn::Module {
  nn::Linear transform;
  Tensor gate;  // (features), starts at zero: the block starts as the identity

  explicit GatedResidual(int64_t features) : transform(features, features) {
    register_module("transform", transform);
    bind_parameter("gate", gate, lamina::zeros({features}));
  }
  Tensor forward(const Tensor& x) override { return x + gate * lamina::tanh(transform(x)); }
};

int main() {
  lamina::manual_seed(0);
  GatedResidual block(16);
  std::cout << block << "\n";
  const Tensor x = lamina::randn({2, 16});
  std::cout << "starts as the identity: " << std::boolalpha << lamina::equal(block(x), x) << "\n";

  nn::Linear in(1, 16), out(16, 1);
  auto parameters = block.parameters();
  for (const auto& layer : {in, out})
    for (const Tensor& p : layer->parameters()) parameters.push_back(p);
  lamina::optim::AdamW optimizer(parameters, {.lr = 0.01});
  Tensor loss;
  for (int step = 0; step < 2000; ++step) {  // learns |x|
    const Tensor at = lamina::rand({64, 1}) * 4 - 2;
    loss = (out(block(in(at))) - at.abs()).square().mean();
    optimizer.zero_grad(), loss.backward(), optimizer.step();
  }
  std::cout << "squared error after training: " << loss.item<float>() << "\n";
  return loss.item<float>() < 0.05f ? 0 : 1;
}

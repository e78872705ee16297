// The standard layers in one page: what examples/seed.py does, in C++.
#include <lamina/lamina.h>

#include <iostream>

namespace nn = lamina::nn;

int main() {
  nn::Linear fc(128, 64);
  std::cout << fc->weight.shape() << "\n" << fc->bias.shape() << "\n";

  nn::Conv2d conv(3, 32, 3, {.stride = 1, .padding = 1});
  lamina::Tensor images = lamina::randn({8, 3, 32, 32});
  std::cout << conv(images).shape() << "\n";

  nn::BatchNorm2d bn(32);
  nn::Embedding emb(10000, 128);
  lamina::Tensor tokens = lamina::tensor({5, 23, 100});
  std::cout << emb(tokens).shape() << "\n";

  nn::Dropout drop({.p = 0.5});
  lamina::Tensor x = lamina::ones({4, 8});
  std::cout << drop(x) << "\n";
  drop->eval();
  std::cout << drop(x) << "\n";
}

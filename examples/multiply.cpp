#include <lamina/lamina.h>
#include <iostream>
using namespace lamina;

int main() {
  nn::Sequential net{nn::Linear(2, 64), nn::ReLU(), nn::Linear(64, 1)};
  optim::AdamW optimizer(net->parameters(), {.lr = 0.01});
  for (int step = 0; step < 1000; ++step) {  // learns to multiply two numbers between -2 and 2
    Tensor x = rand({64, 2}) * 4 - 2, loss = (net(x).squeeze(1) - x.prod(1)).pow(2).mean();
    optimizer.zero_grad(), loss.backward(), optimizer.step();
  }
  std::cout << "1.5 x -1 is about " << net(tensor({1.5f, -1.0f})).item<float>() << "\n";
}

// A function with its own gradient: rounding that lets gradients pass as if it were not there (the straight-through
// estimator), with which a network learns weights that are whole multiples of a step.
//   ./own_function
#include <lamina/lamina.h>

#include <iostream>

using lamina::FunctionContext;
using lamina::Tensor;
using lamina::Tensors;

struct RoundToStep : lamina::Function<RoundToStep> {
  static Tensor forward(FunctionContext&, const Tensor& x, double step) { return (x / step).round() * step; }
  // One gradient for each argument of forward; a number has none.
  static Tensors backward(FunctionContext&, const Tensors& grads) { return {grads[0], Tensor()}; }
};

int main() {
  lamina::manual_seed(0);
  Tensor weight = lamina::randn({3}).requires_grad_();
  const Tensor wanted = lamina::tensor({0.5, -1.25, 2.0});
  for (int i = 0; i < 200; ++i) {
    const Tensor loss = (RoundToStep::apply(weight, 0.25) - wanted).square().sum();
    weight.set_grad({});
    loss.backward();
    const lamina::NoGradGuard guard;
    weight.sub_(weight.grad() * 0.05);
  }
  std::cout << RoundToStep::apply(weight, 0.25).detach() << "\n";  // tensor([ 0.5000, -1.2500,  2.0000])
}

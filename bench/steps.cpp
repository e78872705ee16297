// The steps of bench/steps.py from C++: prints {name: µs} as JSON.
#include <lamina/lamina.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace nn = lamina::nn;
using lamina::Tensor;

// Median over batches of calls, in µs a call.
template <class F>
double median_time(F step, int repeats) {
  for (int i = 0; i < repeats; ++i) step();
  std::vector<double> times;
  for (int batch = 0; batch < 15; ++batch) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i) step();
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
    times.push_back(spent.count() / repeats);
  }
  std::nth_element(times.begin(), times.begin() + 7, times.end());
  return times[7];
}

int main() {
  lamina::manual_seed(0);
  const Tensor a = lamina::randn({16}), b = lamina::randn({16});
  const Tensor w = lamina::randn({16}).requires_grad_();
  nn::Sequential net{nn::Linear(64, 64), nn::ReLU(), nn::Linear(64, 10)};
  const Tensor x = lamina::randn({32, 64}), target = lamina::randint(0, 10, {32});
  nn::CrossEntropyLoss loss_of;
  lamina::optim::AdamW optimizer(net->parameters(), {.lr = 1e-3});
  nn::Sequential policy{nn::Linear(8, 64), nn::Tanh(), nn::Linear(64, 64), nn::Tanh(), nn::Linear(64, 2)};
  const Tensor observation = lamina::randn({8});

  const std::vector<std::pair<std::string, double>> found = {
      {"a + b, 16 elements", median_time([&] { a + b; }, 5000)},
      {"w + b with its node", median_time([&] { w + b; }, 5000)},
      {"training step of MLP 64-64-10, batch 32", median_time(
                                                      [&] {
                                                        optimizer.zero_grad();
                                                        loss_of(net(x), target).backward();
                                                        optimizer.step();
                                                      },
                                                      200)},
      {"policy 8-64-64-2, one observation", median_time(
                                                [&] {
                                                  lamina::NoGradGuard guard;
                                                  policy(observation);
                                                },
                                                500)}};
  for (size_t i = 0; i < found.size(); ++i)
    std::printf("%s\"%s\": %.4f", i ? ", " : "{", found[i].first.c_str(), found[i].second);
  std::puts("}");
}

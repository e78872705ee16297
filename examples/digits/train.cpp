// Trains a small CNN to read handwritten digits: what train.py does, to the same bits.
//   digits_train --load build/demo/digits.safetensors
#include <lamina/lamina.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <string>

#include "digits.h"

namespace nn = lamina::nn;
using lamina::Tensor;

constexpr int64_t kEpochs = 10, kBatch = 50;
constexpr double kLearningRate = 3e-3;

// Braces, not parentheses: so the layers are made, and draw their weights, from first to last.
// clang-format off
nn::Sequential network() {
  return nn::Sequential{
      nn::Conv2d(1, 16, 3, {.padding = 1}), nn::BatchNorm2d(16), nn::ReLU(), nn::MaxPool2d(2),   // 28 × 28 → 14 × 14
      nn::Conv2d(16, 32, 3, {.padding = 1}), nn::BatchNorm2d(32), nn::ReLU(), nn::MaxPool2d(2),  // → 7 × 7
      nn::Conv2d(32, 64, 3, {.padding = 1}), nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d(2),  // → 3 × 3
      nn::Flatten(), nn::Dropout(0.4), nn::Linear(64 * 3 * 3, 10)};
}
// clang-format on

int64_t read_right(nn::Sequential& net, const Digits& digits) {
  net->eval();
  lamina::NoGradGuard no_grad;
  int64_t right = 0;
  for (int64_t from = 0; from < digits.labels.numel(); from += 250) {
    const Tensor read = net(digits.images.slice(0, from, from + 250)).argmax(1);
    right += lamina::eq(read, digits.labels.slice(0, from, from + 250)).sum().item<int64_t>();
  }
  return right;
}

void report(nn::Sequential& net, const Digits& test) {
  std::cout << "  " << read_right(net, test) << " of " << test.labels.numel() << " held-out digits read right\n"
            << "  checksum of the weights: " << std::hex << std::setw(16) << std::setfill('0')
            << checksum(net->state_dict()) << std::dec << "\n";
}

int main(int argc, char** argv) {
  std::string data = ".cache/mnist_5k.bin", load;
  uint64_t seed = 0;
  CLI::App app{"Trains a small CNN to read handwritten digits."};
  app.add_option("--data", data, "the digits, unpacked by examples/digits/fetch.py");
  app.add_option("--seed", seed, "of the split, the weights, the order and the dropout");
  app.add_option("--load", load, "then read the digits with this model too, which train.py saved");
  CLI11_PARSE(app, argc, argv);

  lamina::manual_seed(seed);
  const Digits all = read_digits(data);
  const Tensor order = lamina::randperm(all.labels.numel());
  const auto pick = [&](const Tensor& rows) {
    return Digits{lamina::index_select(all.images, 0, rows), lamina::index_select(all.labels, 0, rows)};
  };
  const Digits test = pick(order.slice(0, 0, 1000)), rest = pick(order.slice(0, 1000, order.numel()));
  lamina::data::DataLoader loader(lamina::data::TensorDataset(rest.images, rest.labels),
                                  {.batch_size = kBatch, .shuffle = true, .drop_last = true});

  nn::Sequential net = network();
  nn::CrossEntropyLoss loss_of({.label_smoothing = 0.1});
  lamina::optim::AdamW optimizer(net->parameters(), {.lr = kLearningRate});
  const auto started = std::chrono::steady_clock::now();
  for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    for (auto& group : optimizer.param_groups) group.options.lr = kLearningRate * (1 - double(epoch) / kEpochs);
    net->train();
    for (const auto& [images, labels] : loader) {
      optimizer.zero_grad();
      loss_of(net(images), labels).backward();
      optimizer.step();
    }
    std::cout << "  epoch " << epoch + 1 << ": " << read_right(net, test) << " of 1000 held-out digits" << std::endl;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  report(net, test);
  std::cout << std::fixed << std::setprecision(1) << "  trained in " << seconds.count() << " s by C++\n";

  if (!load.empty()) {
    nn::Sequential loaded = network();
    loaded->load_state_dict(lamina::io::load_safetensors(load));
    std::cout << "the model of " << load << ", read by C++\n";
    report(loaded, test);
  }
}

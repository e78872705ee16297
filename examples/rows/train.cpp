// Trains an LSTM to read handwritten digits row by row, 28 rows of 28 pixels: what train.py does, to the same bits.
//   rows_train --seed 1
#include <lamina/lamina.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <string>

#include "digits.h"

namespace nn = lamina::nn;
using lamina::Tensor;

constexpr int64_t kEpochs = 15, kBatch = 50;
constexpr double kLearningRate = 5e-3;

struct Reader : nn::Module {
  nn::LSTM lstm{28, 128, {.batch_first = true}};
  nn::Linear digit{128, 10};

  Reader() {
    register_module("lstm", lstm);
    register_module("digit", digit);
  }
  Tensor forward(const Tensor& images) override {  // (N, 1, 28, 28) → (N, 10)
    const auto [output, state] = lstm(images.squeeze(1));
    return digit(state.h[0]);
  }
};

int64_t read_right(Reader& net, const Digits& test) {
  lamina::NoGradGuard no_grad;
  return lamina::eq(net(test.images).argmax(1), test.labels).sum().item<int64_t>();
}

int main(int argc, char** argv) {
  std::string data = ".cache/mnist_5k.bin";
  uint64_t seed = 0;
  CLI::App app{"Trains an LSTM to read handwritten digits row by row."};
  app.add_option("--data", data, "the digits, unpacked by examples/digits/fetch.py");
  app.add_option("--seed", seed, "of the split, the weights and the order");
  CLI11_PARSE(app, argc, argv);

  lamina::manual_seed(seed);
  const Digits all = read_digits(data);
  const Tensor order = lamina::randperm(all.labels.numel());
  const auto pick = [&](const Tensor& rows) {
    return Digits{lamina::index_select(all.images, 0, rows), lamina::index_select(all.labels, 0, rows)};
  };
  const Digits test = pick(order.slice(0, 0, 1000)), rest = pick(order.slice(0, 1000, order.numel()));
  lamina::data::DataLoader loader(lamina::data::TensorDataset(rest.images, rest.labels),
                                  {.batch_size = kBatch, .shuffle = true});

  Reader net;
  nn::CrossEntropyLoss loss_of;
  lamina::optim::AdamW optimizer(net.parameters(), {.lr = kLearningRate});
  for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    for (auto& group : optimizer.param_groups) group.options.lr = kLearningRate * (1 - double(epoch) / kEpochs);
    for (const auto& [images, labels] : loader) {
      optimizer.zero_grad();
      loss_of(net(images), labels).backward();
      optimizer.step();
    }
    std::cout << "  epoch " << std::setw(2) << epoch + 1 << ": " << read_right(net, test) << " of 1000 held-out digits"
              << std::endl;
  }
  std::cout << "  checksum of the weights: " << std::hex << std::setw(16) << std::setfill('0')
            << checksum(net.state_dict()) << "\n";
}

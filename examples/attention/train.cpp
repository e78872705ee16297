// Trains attention to read handwritten digits as 28 rows of 28 pixels: what train.py does, to the same bits.
//   attention_train --seed 1
#include <lamina/lamina.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <string>

#include "digits.h"

namespace nn = lamina::nn;
using lamina::Tensor;

constexpr int64_t kEpochs = 12, kBatch = 50, kRows = 28, kSize = 64, kHeads = 4;
constexpr double kLearningRate = 2e-3, kDropout = 0.1;

// The rows look at one another, then each is thought over by itself.
struct Block : nn::Module {
  nn::LayerNorm before{{kSize}};
  nn::MultiheadAttention look{kSize, kHeads, {.dropout = kDropout, .batch_first = true}};
  nn::LayerNorm between{{kSize}};
  nn::Sequential think{nn::Linear(kSize, 2 * kSize), nn::ReLU(), nn::Dropout({.p = kDropout}),
                       nn::Linear(2 * kSize, kSize)};

  Block() {
    register_module("before", before);
    register_module("look", look);
    register_module("between", between);
    register_module("think", think);
  }
  Tensor forward(const Tensor& input) override {  // (N, 28, 64) → same
    const Tensor y = before(input);
    const Tensor x = input + look(y, y, y, {.need_weights = false}).output;
    return x + think(between(x));
  }
};

struct Reader : nn::Module {
  nn::Linear row{kRows, kSize};
  nn::Embedding place{kRows, kSize};
  lamina::Ref<Block> first = lamina::make<Block>(), second = lamina::make<Block>();
  nn::LayerNorm norm{{kSize}};
  nn::Dropout dropout{{.p = kDropout}};
  nn::Linear digit{kRows * kSize, 10};

  Reader() {
    register_module("row", row);
    register_module("place", place);
    register_module("first", first);
    register_module("second", second);
    register_module("norm", norm);
    register_module("dropout", dropout);
    register_module("digit", digit);
  }
  Tensor forward(const Tensor& images) override {  // (N, 1, 28, 28) → (N, 10)
    const Tensor x = row(images.squeeze(1)) + place->weight;
    const Tensor y = norm((*second)((*first)(x)));
    return digit(dropout(y.flatten(1)));
  }
};

int64_t read_right(Reader& net, const Digits& test) {
  net.eval();
  lamina::NoGradGuard no_grad;
  return lamina::eq(net(test.images).argmax(1), test.labels).sum().item<int64_t>();
}

int main(int argc, char** argv) {
  std::string data = ".cache/mnist_5k.bin";
  uint64_t seed = 0;
  CLI::App app{"Trains attention to read handwritten digits as 28 rows."};
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
    net.train();
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

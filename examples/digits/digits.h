// The digits that fetch.py wrote, and a checksum of weights: what the programs that read them share.
#pragma once
#include <lamina/lamina.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Digits {
  lamina::Tensor images, labels;  // (5000, 1, 28, 28) from 0 to 1; (5000)
};

// The records that fetch.py wrote: 784 pixels, then the digit.
inline Digits read_digits(const std::string& path) {
  constexpr int64_t kRecords = 5000, kPixels = 784;
  std::vector<uint8_t> bytes(kRecords * (kPixels + 1));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(bytes.size())))
    throw std::runtime_error(path + " does not hold the digits. Run examples/digits/fetch.py first.");
  std::vector<float> pixels;
  std::vector<int64_t> labels;
  for (int64_t r = 0; r < kRecords; ++r) {
    const uint8_t* record = bytes.data() + r * (kPixels + 1);
    pixels.insert(pixels.end(), record, record + kPixels);
    labels.push_back(record[kPixels]);
  }
  return {lamina::tensor(pixels).reshape({kRecords, 1, 28, 28}) / 255, lamina::tensor(labels)};
}

// FNV-1a (64 bits) over the bytes of all weights.
inline uint64_t checksum(const lamina::nn::NamedTensors& state) {
  uint64_t value = 0xcbf29ce484222325;
  for (const auto& [name, tensor] : state) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(tensor.bytes());
    for (int64_t i = 0; i < tensor.numel() * lamina::element_size(tensor.dtype()); ++i)
      value = (value ^ bytes[i]) * 0x100000001b3;
  }
  return value;
}

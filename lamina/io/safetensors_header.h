// The header of a safetensors file: what lies where. Everything in it is checked before a byte of memory is taken for it.
//   8 bytes: n, little endian; n bytes: JSON {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …};
//   the values, without a hole. Source: github.com/huggingface/safetensors, README ("Format").
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/shape.h"
#include "lamina/core/types.h"

namespace lamina::io {

struct SafetensorsEntry {
  std::string name;
  DType dtype;
  Shape shape;
  uint64_t begin, end;  // in bytes from the first value
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // as they lie in the file
  std::map<std::string, std::string> metadata;
};

inline constexpr uint64_t kSafetensorsLargestHeader = 100'000'000;  // as the reference implementation

/// How many bytes of JSON follow the first eight of `start`, of a file of `file_bytes` bytes. LoadError when they cannot.
uint64_t safetensors_header_size(std::string_view start, uint64_t file_bytes);

/// The entries of `json`, which is followed by `value_bytes` bytes of values. LoadError for anything that is not as it
/// should be: it names the tensor.
SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t value_bytes);

/// The first bytes of a file with these tensors, values to follow in the order of `entries`; padded so that they start at a
/// multiple of eight. OptionError for a name that is taken, reserved or not UTF-8.
std::string write_safetensors_header(const SafetensorsHeader& header);

}  // namespace lamina::io

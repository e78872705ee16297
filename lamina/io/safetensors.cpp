#include "lamina/io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/io/file.h"
#include "lamina/io/safetensors_header.h"
#include "lamina/ops/creation.h"

namespace lamina::io {

namespace {

// The order of types in which the reference implementation writes, largest alignment first.
int writing_order(DType d) {
  constexpr DType order[] = {kInt64, kFloat64, kFloat32, kInt32, kBFloat16, kFloat16, kInt16, kInt8, kUInt8, kBool};
  return int(std::find(std::begin(order), std::end(order), d) - std::begin(order));
}

void write_safetensors(const NamedTensors& tensors, const Metadata& metadata, const WriteBytes& write) {
  NamedTensors sorted = tensors;
  for (const auto& [name, tensor] : sorted)
    if (!tensor.defined()) throw OptionError(str("tensor \"", name, "\" is undefined"));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    const int left = writing_order(a.second.dtype()), right = writing_order(b.second.dtype());
    return left != right ? left < right : a.first < b.first;
  });
  SafetensorsHeader header{{}, metadata};
  uint64_t at = 0;
  for (const auto& [name, tensor] : sorted) {
    const uint64_t bytes = uint64_t(tensor.numel() * element_size(tensor.dtype()));
    header.entries.push_back({name, tensor.dtype(), tensor.shape(), at, at + bytes});
    at += bytes;
  }
  const std::string start = write_safetensors_header(header);
  write(start.data(), start.size());
  for (auto& entry : sorted) {
    const Tensor values = ops::contiguous(entry.second.detach());
    write(values.bytes(), size_t(values.numel() * element_size(values.dtype())));
    entry.second = {};
  }
}

// A byte other than 0 and 1 is no bool to C++: PyTorch reads it as true.
void make_bools(std::byte* bytes, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if (bytes[i] > std::byte{1}) bytes[i] = std::byte{1};
}

template <class Byte, class MakeTensor>
NamedTensors read_safetensors(Byte* file, uint64_t size, Metadata* metadata, MakeTensor&& make) {
  const std::string_view text(reinterpret_cast<const char*>(file), size);
  const uint64_t header_size = safetensors_header_size(text, size);
  SafetensorsHeader header = parse_safetensors_header(text.substr(8, header_size), size - 8 - header_size);
  NamedTensors result;
  result.reserve(header.entries.size());
  for (SafetensorsEntry& e : header.entries) {
    Byte* from = file + 8 + header_size + e.begin;
    Tensor t = make(from, e);
    if (e.dtype == kBool) make_bools(t.bytes(), t.numel());
    result.emplace_back(std::move(e.name), std::move(t));
  }
  if (metadata) *metadata = std::move(header.metadata);
  return result;
}

Tensor copied(const std::byte* from, const SafetensorsEntry& e) {
  Tensor t = empty(e.shape, e.dtype);
  if (e.end > e.begin) std::memcpy(t.bytes(), from, e.end - e.begin);
  return t;
}

}  // namespace

void save_safetensors(const NamedTensors& tensors, const std::string& path, const Metadata& metadata) {
  replace_file(path, [&](const WriteBytes& write) { write_safetensors(tensors, metadata, write); });
}
void save_safetensors(const nn::Module& module, const std::string& path, const Metadata& metadata) {
  save_safetensors(module.state_dict(), path, metadata);
}
void save_safetensors(const nn::ModuleRef& module, const std::string& path, const Metadata& metadata) {
  if (!module) throw OptionError("save_safetensors: the module is null");
  save_safetensors(*module, path, metadata);
}

std::vector<std::byte> to_safetensors(const NamedTensors& tensors, const Metadata& metadata) {
  std::vector<std::byte> out;
  write_safetensors(tensors, metadata, [&](const void* bytes, size_t count) {
    auto* from = static_cast<const std::byte*>(bytes);
    out.insert(out.end(), from, from + count);
  });
  return out;
}

NamedTensors load_safetensors(const std::string& path, Metadata* metadata) {
  const auto file = std::make_shared<MappedFile>(path);
  try {
    return read_safetensors(file->data(), file->size(), metadata, [&](std::byte* from, const SafetensorsEntry& e) {
      // a file of another writer may hold its values at odd places, and nothing is to be had of an empty tensor
      const bool usable = reinterpret_cast<uintptr_t>(from) % size_t(element_size(e.dtype)) == 0 && e.end > e.begin;
      if (!usable) return copied(from, e);
      // each tensor has a storage of its own, and with it a version of its own, over the one mapping
      auto* keep = new std::shared_ptr<MappedFile>(file);
      const auto release = [](void* context) { delete static_cast<std::shared_ptr<MappedFile>*>(context); };
      StorageRef storage(new_borrowed_storage(from, int64_t(e.end - e.begin), release, keep));
      return make_tensor(std::move(storage), from, e.dtype, e.shape, contiguous_strides(e.shape));
    });
  } catch (const LoadError& e) {
    throw LoadError(str("cannot load \"", path, "\": ", e.message()));
  }
}

NamedTensors from_safetensors(std::span<const std::byte> bytes, Metadata* metadata) {
  return read_safetensors(bytes.data(), bytes.size(), metadata, copied);
}

}  // namespace lamina::io

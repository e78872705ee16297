// Tensors by name in a safetensors file, the format that PyTorch's world exchanges weights in.
//   io::save_safetensors(model, "digits.safetensors");
//   model->load_state_dict(io::load_safetensors("digits.safetensors"));
// All ten element types. Source: github.com/huggingface/safetensors; files are the same byte for byte as its own.
#pragma once
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lamina/nn/module.h"

namespace lamina::io {

using nn::NamedTensors;
/// Texts that a file carries beside its tensors: {"format", "pt"}.
using Metadata = std::map<std::string, std::string>;

/// Writes the file under a temporary name first: it is there as a whole or not at all. Largest element type first, then by
/// name; tensors that are not contiguous are written as if they were, those that share memory one by one.
/// OptionError for names that are taken twice, reserved ("__metadata__") or not UTF-8; Error when the system refuses.
void save_safetensors(const NamedTensors& tensors, const std::string& path, const Metadata& metadata = {});
/// The module's state_dict.
void save_safetensors(const nn::Module& module, const std::string& path, const Metadata& metadata = {});
void save_safetensors(const nn::ModuleRef& module, const std::string& path, const Metadata& metadata = {});
/// The same as bytes.
std::vector<std::byte> to_safetensors(const NamedTensors& tensors, const Metadata& metadata = {});

/// The tensors as they lie in the file, which is mapped into memory, not copied: a page is read when it is first used.
/// Writing to a tensor changes neither the file nor the next load. LoadError says what is wrong with which tensor.
/// The file must not be shortened while its tensors live; save_safetensors to the same path is fine.
NamedTensors load_safetensors(const std::string& path, Metadata* metadata = nullptr);
/// The same from bytes, which are copied.
NamedTensors from_safetensors(std::span<const std::byte> bytes, Metadata* metadata = nullptr);

}  // namespace lamina::io

// safetensors files as dicts. The functions with typed arguments and paths stand in lamina/_safetensors.py.
#include "lamina/io/safetensors.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/casters.h"

namespace lamina::python {

namespace {

std::string text_of(nb::handle value, const char* what) {
  if (!PyUnicode_Check(value.ptr()))
    throw nb::type_error(str(what, " must be a str, got ", Py_TYPE(value.ptr())->tp_name).c_str());
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (!text) throw nb::python_error();
  return {text, size_t(size)};
}

io::NamedTensors named(nb::dict tensors) {
  io::NamedTensors out;
  for (const auto& [key, value] : tensors) {
    std::string name = text_of(key, "the name of a tensor");
    if (!is_tensor(value.ptr()))
      throw nb::type_error(
          str("safetensors files hold tensors by name: \"", name, "\" is a ", Py_TYPE(value.ptr())->tp_name).c_str());
    out.emplace_back(std::move(name), tensor_of(value.ptr()));
  }
  return out;
}

io::Metadata metadata_of(nb::dict metadata) {
  io::Metadata out;
  for (const auto& [key, value] : metadata)
    out.emplace(text_of(key, "a metadata key"), text_of(value, "a metadata value"));
  return out;
}

nb::dict dict_of(const io::NamedTensors& tensors) {
  nb::dict out;
  for (const auto& [name, tensor] : tensors) out[nb::str(name.c_str(), name.size())] = nb::steal(wrap(tensor));
  return out;
}

std::string path_of(nb::bytes path) { return {path.c_str(), path.size()}; }

}  // namespace

void bind_io(nb::module_& m) {
  m.def("_save_safetensors", [](nb::dict tensors, nb::bytes path, nb::dict metadata) {
    io::save_safetensors(named(tensors), path_of(path), metadata_of(metadata));
  });
  m.def("_to_safetensors", [](nb::dict tensors, nb::dict metadata) {
    const std::vector<std::byte> bytes = io::to_safetensors(named(tensors), metadata_of(metadata));
    return nb::bytes(bytes.data(), bytes.size());
  });
  m.def("_load_safetensors", [](nb::bytes path) { return dict_of(io::load_safetensors(path_of(path))); });
  m.def("_from_safetensors", [](nb::bytes bytes) {
    return dict_of(io::from_safetensors({reinterpret_cast<const std::byte*>(bytes.c_str()), bytes.size()}));
  });
  m.def("_safetensors_metadata", [](nb::bytes path) {
    io::Metadata metadata;
    io::load_safetensors(path_of(path), &metadata);
    nb::dict out;
    for (const auto& [key, value] : metadata)
      out[nb::str(key.c_str(), key.size())] = nb::str(value.c_str(), value.size());
    return out;
  });
}

}  // namespace lamina::python

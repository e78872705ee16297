// register_parameter, register_buffer, add_module; get_submodule, get_parameter, get_buffer, set_submodule.
#include "lamina/core/text.h"
#include "python/errors.h"
#include "python/module_attributes.h"
#include "python/module_global_hooks.h"
#include "python/module_parts.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

[[noreturn]] void raise(PyObject* type, const std::string& message) {
  PyErr_SetString(type, message.c_str());
  throw nb::python_error();
}

// PyTorch's rules for a name. `known`: the table has it, so that it is replaced.
std::string checked_name(Self self, nb::handle name, const char* kind, bool known) {
  initialized(self.object);
  if (!PyUnicode_Check(name.ptr()))
    raise(PyExc_TypeError, str(kind, " name should be a string. Got ", Py_TYPE(name.ptr())->tp_name));
  const std::string text = text_of(name.ptr());
  if (text.find('.') != std::string::npos) {
    const bool module = std::string_view(kind) == "module";
    raise(PyExc_KeyError, str(kind, " name can't contain \".\"", module ? ", got: " + text : ""));
  }
  if (text.empty()) raise(PyExc_KeyError, str(kind, " name can't be empty string \"\""));
  if (!known && nb::hasattr(self, name)) raise(PyExc_KeyError, str("attribute '", text, "' already exists"));
  return text;
}

bool is_kind(Self self, nb::handle name, nn::TensorSlot::Kind kind) {
  const nn::TensorSlot* slot = PyUnicode_Check(name.ptr()) ? find_tensor(*self, name.ptr()) : nullptr;
  return slot && slot->kind == kind;
}

void register_parameter(Self self, nb::object name, nb::object param) {
  checked_name(self, name, "parameter", is_kind(self, name, nn::TensorSlot::Kind::Parameter));
  put_parameter(self.object, name.ptr(), registered(self.object, Registration::Parameter, name, param).ptr());
}

void register_buffer(Self self, nb::object name, nb::object tensor, bool persistent) {
  checked_name(self, name, "buffer", is_kind(self, name, nn::TensorSlot::Kind::Buffer));
  put_buffer(self.object, name.ptr(), registered(self.object, Registration::Buffer, name, tensor).ptr(), persistent);
}

void add_module(Self self, nb::object name, nb::object module) {
  if (!module.is_none() && !is_module(module.ptr()))
    raise(PyExc_TypeError, str(Py_TYPE(module.ptr())->tp_name, " is not a Module subclass"));
  checked_name(self, name, "module", PyUnicode_Check(name.ptr()) && find_child(*self, name.ptr()));
  put_child(self.object, name.ptr(), registered(self.object, Registration::Module, name, module).ptr());
}

// ---- by path -------------------------------------------------------------------------------------------------------

nb::object get_submodule(Self self, const std::string& target) {
  nb::object at = self.borrowed();
  for (size_t from = 0; from <= target.size() && !target.empty();) {
    const size_t dot = std::min(target.find('.', from), target.size());
    const std::string name = target.substr(from, dot - from);
    if (!nb::hasattr(at, name.c_str()))
      raise(PyExc_AttributeError, str(short_name(Py_TYPE(at.ptr())), " has no attribute `", name, "`"));
    at = at.attr(name.c_str());
    if (!is_module(at.ptr())) raise(PyExc_AttributeError, str("`", name, "` is not an nn.Module"));
    from = dot + 1;
  }
  return at;
}

// "encoder.0.weight" as ("encoder.0", "weight").
std::pair<std::string, std::string> split_path(const std::string& target) {
  const size_t dot = target.rfind('.');
  if (dot == std::string::npos) return {"", target};
  return {target.substr(0, dot), target.substr(dot + 1)};
}

nb::object get_tensor(Self self, const std::string& target, nn::TensorSlot::Kind kind, const char* what) {
  const auto [path, name] = split_path(target);
  const nb::object module = get_submodule(self, path);
  if (!nb::hasattr(module, name.c_str()))
    raise(PyExc_AttributeError, str(short_name(Py_TYPE(module.ptr())), " has no attribute `", name, "`"));
  if (!is_kind({module.ptr()}, nb::str(name.c_str()), kind))
    raise(PyExc_AttributeError, str("`", name, "` is not ", what));
  return module.attr(name.c_str());
}

void set_submodule(Self self, const std::string& target, nb::object module, bool strict) {
  const auto [path, name] = split_path(target);
  if (target.empty()) raise(PyExc_ValueError, "Cannot set the submodule without a target name!");
  const nb::object parent = get_submodule(self, path);
  if (!is_module(module.ptr()))
    raise(PyExc_ValueError, str("`module` is not an nn.Module, found ", Py_TYPE(module.ptr())->tp_name));
  if (strict && !nb::hasattr(parent, name.c_str()))
    raise(PyExc_AttributeError, str(short_name(Py_TYPE(parent.ptr())), " has no attribute `", name, "`"));
  if (nb::hasattr(parent, name.c_str()) && !is_module(nb::object(parent.attr(name.c_str())).ptr()))
    raise(PyExc_AttributeError, str("`", name, "` is not an nn.Module"));
  nb::setattr(parent, name.c_str(), module);
}

}  // namespace

void bind_registration() {
  using nb::arg;
  method(ModuleType, "register_parameter", register_parameter,
         "Registers a Parameter (or None) under a name. KeyError when the name is taken.", arg("name"),
         arg("param").none());
  method(ModuleType, "register_buffer", register_buffer,
         "Registers a tensor (or None) that is not learned. `persistent`: part of state_dict.", arg("name"),
         arg("tensor").none(), arg("persistent") = true);
  method(ModuleType, "add_module", add_module, "Registers a child module (or None) under a name.", arg("name"),
         arg("module").none());
  method(
      ModuleType, "register_module",
      [](Self self, nb::object name, nb::object module) { self.borrowed().attr("add_module")(name, module); },
      "Alias for add_module.", arg("name"), arg("module").none());
  method(ModuleType, "get_submodule", get_submodule,
         "The module at a path such as \"encoder.0\". AttributeError when there is none.", arg("target"));
  method(
      ModuleType, "get_parameter",
      [](Self self, const std::string& target) {
        return get_tensor(self, target, nn::TensorSlot::Kind::Parameter, "an nn.Parameter");
      },
      "The parameter at a path such as \"encoder.0.weight\".", arg("target"));
  method(
      ModuleType, "get_buffer",
      [](Self self, const std::string& target) {
        return get_tensor(self, target, nn::TensorSlot::Kind::Buffer, "a buffer");
      },
      "The buffer at a path such as \"norm.running_mean\".", arg("target"));
  method(ModuleType, "set_submodule", set_submodule, "Replaces the module at a path, or adds it unless `strict`.",
         arg("target"), arg("module"), arg("strict") = false);
}

}  // namespace lamina::python

// train and eval, requires_grad_, zero_grad, apply, and changes of dtype.

#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/creation.h"
#include "python/casters.h"
#include "python/device.h"
#include "python/errors.h"
#include "python/module_parts.h"

namespace lamina::python {

namespace {

// A class may override train, to keep a part of it frozen: then its children are its own business.
void train(nn::Module& module, bool on) {
  static PyObject* const own = _PyType_Lookup(ModuleType, names.train);
  module.training = on;
  for (const nn::ModuleRef& child : module.children()) {
    auto* object = static_cast<PyObject*>(child->foreign_object());
    if (object && _PyType_Lookup(Py_TYPE(object), names.train) != own) nb::handle(object).attr("train")(on);
    else train(*child, on);
  }
}

nb::object train_method(Self self, nb::object mode) {
  if (!PyBool_Check(mode.ptr())) throw nb::value_error("training mode is expected to be boolean");
  train(*self, mode.ptr() == Py_True);
  return self.borrowed();
}

nb::object apply(Self self, nb::callable fn) {
  for (const nn::ModuleRef& child : self->children()) checked(wrap(child)).attr("apply")(fn);
  fn(self.borrowed());
  return self.borrowed();
}

// Puts fn(tensor) in the place of every parameter, whose identity stays, and of every buffer. A class may override it.
nb::object apply_to_tensors(Self self, nb::callable fn, bool recurse) {
  if (recurse)
    for (const nn::ModuleRef& child : self->children()) checked(wrap(child)).attr("_apply")(fn);
  const auto converted = [&](const Tensor& t) -> Tensor {
    const NoGradGuard guard;
    const nb::object result = fn(checked(wrap(t)));
    if (!is_tensor(result.ptr()))
      throw DTypeError(str("_apply: the function returned ", Py_TYPE(result.ptr())->tp_name, " instead of a Tensor"));
    return tensor_of(result.ptr());
  };
  for (size_t i = 0; i < self->tensor_slots().size(); ++i) {  // by position: the function may change the tables
    const nn::TensorSlot& slot = self->tensor_slots()[i];
    const Tensor before = *slot.value;
    const auto kind = slot.kind;
    if (!before.defined() || (kind != nn::TensorSlot::Kind::Parameter && kind != nn::TensorSlot::Kind::Buffer))
      continue;
    if (kind == nn::TensorSlot::Kind::Buffer) {
      Tensor after = converted(before);
      if (i < self->tensor_slots().size()) *self->tensor_slots()[i].value = std::move(after);
      continue;
    }
    const Tensor grad = before.grad(), after = converted(before);
    if (after.is(before)) continue;
    before.assign_values(after);
    if (grad.defined()) before.set_grad(converted(grad));
  }
  return self.borrowed();
}

nb::object cast_floating(Self self, DType dtype) {
  return self.borrowed().attr("_apply")(
      nb::cpp_function([dtype](const Tensor& t) { return t.is_floating_point() ? ops::to(t, dtype) : t; }));
}

// to(device), to(dtype), to(device, dtype), to(tensor), with non_blocking and memory_format accepted.
nb::object to(Self self, nb::args args, nb::kwargs keywords) {
  initialized(self.object);
  nb::object dtype = nb::none(), device = nb::none();
  const auto take = [&](nb::handle value) {
    DType found;
    if (is_tensor(value.ptr())) dtype = nb::cast(tensor_of(value.ptr()).dtype());
    else if (dtype_from(value.ptr(), found)) dtype = nb::borrow(value);
    else if (!value.is_none() && !PyBool_Check(value.ptr())) device = nb::borrow(value);
  };
  for (nb::handle value : args) take(value);
  for (auto [key, value] : keywords) {
    const std::string name = nb::cast<std::string>(key);
    if (name == "dtype" || name == "device" || name == "tensor") take(value);
    else if (name != "non_blocking" && name != "copy" && name != "memory_format")
      throw nb::type_error(str("to() received an invalid combination of arguments: ", name).c_str());
  }
  if (!device.is_none()) check_device(device.ptr());
  if (dtype.is_none()) return self.borrowed();
  const DType type = nb::cast<DType>(dtype);
  if (!is_floating_point(type)) {
    PyErr_Format(PyExc_TypeError,
                 "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=%S", dtype.ptr());
    throw nb::python_error();
  }
  return cast_floating(self, type);
}

nb::object type(Self self, nb::object dst_type) {
  const DType dtype = nb::cast<DType>(dst_type);
  return self.borrowed().attr("_apply")(nb::cpp_function([dtype](const Tensor& t) { return ops::to(t, dtype); }));
}

nb::object to_empty(Self self, nb::object device, bool recurse) {
  if (!device.is_none()) check_device(device.ptr());
  return self.borrowed().attr("_apply")(nb::cpp_function([](const Tensor& t) { return empty(t.shape(), t.dtype()); }),
                                        recurse);
}

nb::object unavailable(const char* what) {
  throw NotImplementedError(str(what, " is not available"), "Lamina runs on the CPU, in one process");
}

}  // namespace

void bind_modes() {
  using nb::arg;
  method(ModuleType, "train", train_method, "Sets training mode for this module and all below; returns self.",
         arg("mode") = true);
  method(
      ModuleType, "eval", [](Self self) { return self.borrowed().attr("train")(false); },
      "Sets evaluation mode; returns self.");
  method(
      ModuleType, "requires_grad_", [](Self self, bool on) { return self->requires_grad_(on), self.borrowed(); },
      "Sets requires_grad of all parameters; returns self.", arg("requires_grad") = true);
  method(
      ModuleType, "zero_grad", [](Self self, bool set_to_none) { self->zero_grad(set_to_none); },
      "Forgets the gradients of all parameters, or sets them to zero.", arg("set_to_none") = true);
  method(ModuleType, "apply", apply, "Calls fn(module) for every module below, then for this one; returns self.",
         arg("fn"));
  method(ModuleType, "_apply", apply_to_tensors, arg("fn"), arg("recurse") = true);
  method(ModuleType, "to", to,
         "Casts floating-point parameters and buffers to a dtype; accepts the device \"cpu\". Returns self.");
  method(ModuleType, "type", type, "Casts all parameters and buffers to a dtype; returns self.", arg("dst_type"));
  method(
      ModuleType, "float", [](Self self) { return cast_floating(self, kFloat32); },
      "Casts floating-point values to float32.");
  method(
      ModuleType, "double", [](Self self) { return cast_floating(self, kFloat64); },
      "Casts floating-point values to float64.");
  method(
      ModuleType, "half", [](Self self) { return cast_floating(self, kFloat16); },
      "Casts floating-point values to float16.");
  method(
      ModuleType, "bfloat16", [](Self self) { return cast_floating(self, kBFloat16); },
      "Casts floating-point values to bfloat16.");
  method(ModuleType, "cpu", [](Self self) { return self.borrowed(); }, "Returns self: everything is on the CPU.");
  method(ModuleType, "cuda", [](Self, nb::args, nb::kwargs) { return unavailable("cuda"); });
  for (const char* device : {"ipu", "xpu", "mtia"})
    method(ModuleType, device, [device](Self, nb::args, nb::kwargs) { return unavailable(device); });
  method(ModuleType, "to_empty", to_empty,
         "Gives parameters and buffers new memory with unset values; accepts the device \"cpu\". Returns self.",
         nb::kw_only(), arg("device").none(), arg("recurse") = true);
  method(ModuleType, "compile", [](Self, nb::args, nb::kwargs) {}, "Does nothing: layers are compiled already.");
  method(ModuleType, "share_memory", [](Self) { return unavailable("share_memory"); });
}

}  // namespace lamina::python

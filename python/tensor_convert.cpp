// Conversion: x.to(…), x.float(), x.cpu(), x.type(), …; and the text of a tensor.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/format.h"
#include "python/binding.h"
#include "python/formats.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

// What x.to takes in any order: a dtype, a device, or another tensor whose dtype it is to have.
struct Target {
  std::optional<DType> dtype;
  bool copy = false;

  void take(nb::handle o) {
    DType type;
    if (is_tensor(o.ptr())) dtype = tensor_of(o.ptr()).dtype();
    else if (dtype_from(o.ptr(), type)) dtype = type;
    else if (!PyBool_Check(o.ptr())) check_device(o.ptr());  // a bool is non_blocking
  }
};

Tensor to(const Tensor& self, nb::args args, nb::kwargs keywords) {
  Target target;
  for (nb::handle o : args) target.take(o);
  if (PyTuple_GET_SIZE(args.ptr()) == 4) target.copy = PyObject_IsTrue(PyTuple_GET_ITEM(args.ptr(), 3)) == 1;
  for (auto [key, value] : keywords) {
    const std::string name = nb::cast<std::string>(key);
    if (name == "copy") target.copy = nb::cast<bool>(value);
    else if (name == "memory_format") check_memory_format(value.ptr());
    else if (name == "dtype" || name == "device" || name == "other") {
      if (!value.is_none()) target.take(value);
    } else if (name != "non_blocking") {
      throw nb::type_error(str("to() got an unexpected keyword argument '", name, "'").c_str());
    }
  }
  const DType dtype = target.dtype.value_or(self.dtype());
  return target.copy && dtype == self.dtype() ? ops::clone(self) : ops::to(self, dtype);
}

// Without an argument the name of the old tensor type; with one, the tensor converted.
nb::object type(const Tensor& self, nb::object dtype) {
  if (dtype.is_none()) return nb::str(str("torch.", scalar_type_name(self.dtype()), "Tensor").c_str());
  DType wanted;
  if (dtype_from(dtype.ptr(), wanted)) return nb::cast(ops::to(self, wanted));
  if (PyUnicode_Check(dtype.ptr())) {
    std::string name = nb::cast<std::string>(dtype);
    if (name.starts_with("torch.")) name.erase(0, 6);
    for (int i = 0; i <= int(kBool); ++i)
      if (name == str(scalar_type_name(DType(i)), "Tensor") || name == lamina::name(DType(i)))
        return nb::cast(ops::to(self, DType(i)));
  }
  throw OptionError(str("invalid type: '", nb::repr(dtype).c_str(), "'"));
}

void bind_types(const Op& op) {
  struct Named {
    const char* name;
    DType dtype;
  };
  for (const Named& n : {Named{"float", kFloat32},
                         {"double", kFloat64},
                         {"half", kFloat16},
                         {"bfloat16", kBFloat16},
                         {"long", kInt64},
                         {"int", kInt32},
                         {"short", kInt16},
                         {"char", kInt8},
                         {"byte", kUInt8},
                         {"bool", kBool}})
    op.method(
        n.name,
        [dtype = n.dtype](const Tensor& self, nb::object memory_format) {
          check_memory_format(memory_format.ptr());
          return ops::to(self, dtype);
        },
        "The tensor in this type.", "memory_format"_a = nb::none());
  op.method("to", to, "The tensor in another type: to(dtype), to(other), to(device, dtype).", "args"_a, "kwargs"_a);
  op.method("type", type, "The name of the type, or the tensor in another one.", "dtype"_a = nb::none());
  op.method(
      "type_as", [](const Tensor& self, const Tensor& other) { return ops::to(self, other.dtype()); },
      "The tensor in other's type.", "other"_a);
}

void bind_devices(const Op& op) {
  op.method(
      "cpu", [](const Tensor& self, nb::object) { return self; }, "The tensor itself.", "memory_format"_a = nb::none());
  op.method(
      "cuda",
      [](const Tensor&, nb::args) -> Tensor {
        throw Error("Lamina computes on the CPU: there is no CUDA", "Ask torch.cuda.is_available() first");
      },
      "Refused: there is no CUDA.", "args"_a);
  op.method("pin_memory", [](const Tensor& self) { return self; }, "The tensor itself.");
  op.method("share_memory_", [](const Tensor& self) { return self; }, "The tensor itself.");
  op.method("get_device", [](const Tensor&) { return -1; }, "Always −1, the CPU.");
}

PyObject* repr(PyObject* self) {
  return guarded([&] {
    const PyTypeObject* type = Py_TYPE(self);
    std::string name = "tensor";
    if (type != TensorType && type != ParameterType) {  // a subclass says its own name
      name = type->tp_name;
      name = name.substr(name.rfind('.') + 1);
    }
    const std::string text = ops::to_string(tensor_of(self), name);
    return PyUnicode_FromStringAndSize(text.data(), Py_ssize_t(text.size()));
  });
}

void set_print_options(std::optional<int64_t> precision, std::optional<double> threshold,
                       std::optional<int64_t> edgeitems, std::optional<int64_t> linewidth,
                       std::optional<std::string> profile, std::optional<bool> sci_mode) {
  ops::set_printoptions({precision, threshold, edgeitems, linewidth, profile, sci_mode});
}

}  // namespace

void add_text_slots(Slots& slots) {
  slots.push_back({Py_tp_repr, reinterpret_cast<void*>(repr)});
  slots.push_back({Py_tp_str, reinterpret_cast<void*>(repr)});
}

void add_conversions(nb::module_& m) {
  const Op op{m};
  bind_types(op);
  bind_devices(op);
  op.function("set_printoptions", set_print_options, "How tensors are printed.", "precision"_a = nb::none(),
              "threshold"_a = nb::none(), "edgeitems"_a = nb::none(), "linewidth"_a = nb::none(),
              "profile"_a = nb::none(), "sci_mode"_a = nb::none());
}

}  // namespace lamina::python

// DLPack: tensors shared with other libraries without a copy. x.__dlpack__(), lamina.from_dlpack(array).
// Source: dmlc.github.io/dlpack/latest, C API and Python specification, version 1.0.
#include <memory>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

// The structures of the standard, bit by bit.
constexpr int32_t kCpu = 1;
struct DLDevice { int32_t type, id; };
struct DLDataType {
  uint8_t code, bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape, *strides;  // strides in elements; null: row-major
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
struct DLManagedTensorVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  uint64_t flags;
  DLTensor tensor;
};
constexpr uint64_t kReadOnly = 1, kCopied = 2;

// The codes of element types, in the order of DType.
constexpr DLDataType kTypes[] = {{2, 32, 1}, {2, 64, 1}, {4, 16, 1}, {2, 16, 1}, {0, 64, 1},
                                 {0, 32, 1}, {0, 16, 1}, {0, 8, 1},  {1, 8, 1},  {6, 8, 1}};

DType dtype_of(DLDataType type) {
  for (int i = 0; i < int(std::size(kTypes)); ++i)
    if (kTypes[i].code == type.code && kTypes[i].bits == type.bits && type.lanes == 1) return DType(i);
  throw DTypeError(str("from_dlpack: an element type of code ", int(type.code), " with ", int(type.bits), " bits and ",
                       int(type.lanes), " lanes is not there"));
}

// What another library holds: the memory, and sizes that it may read as long as it holds it.
template <class Managed>
struct Exported {
  Managed managed{};
  StorageRef storage;
  Shape shape;
  Strides strides;
};

template <class Managed>
constexpr bool is_versioned = std::is_same_v<Managed, DLManagedTensorVersioned>;
template <class Managed>
constexpr const char* capsule_name = is_versioned<Managed> ? "dltensor_versioned" : "dltensor";

// A capsule that nobody took over gives its tensor back.
template <class Managed>
void destroy_capsule(PyObject* capsule) {
  if (!PyCapsule_IsValid(capsule, capsule_name<Managed>)) return;
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, capsule_name<Managed>));
  managed->deleter(managed);
}

template <class Managed>
nb::object exported(const Tensor& t, uint64_t flags) {
  auto kept = std::make_unique<Exported<Managed>>();
  kept->storage = t->storage;
  kept->shape = t.shape();
  kept->strides = t.strides();
  kept->managed.tensor = {
      t.bytes(), {kCpu, 0}, t.rank(), kTypes[int(t.dtype())], kept->shape.begin(), kept->strides.begin(), 0};
  kept->managed.context = kept.get();
  kept->managed.deleter = [](Managed* managed) { delete static_cast<Exported<Managed>*>(managed->context); };
  if constexpr (is_versioned<Managed>) {
    kept->managed.major = 1;
    kept->managed.flags = flags;
  }
  nb::object capsule = checked(PyCapsule_New(&kept->managed, capsule_name<Managed>, destroy_capsule<Managed>));
  kept.release();
  return capsule;
}

nb::object dlpack(const Tensor& self, nb::object, nb::object max_version, nb::object dl_device,
                  std::optional<bool> copy) {
  if (self.requires_grad()) throw Error("Can't export tensors that require gradient, use tensor.detach()");
  if (!dl_device.is_none() && nb::cast<int>(nb::int_(nb::object(dl_device[0]))) != kCpu)
    throw Error("__dlpack__: dl_device can only be the CPU, (1, 0)");
  const bool copied = copy.value_or(false);
  const Tensor t = copied ? ops::clone(self) : self;
  if (!max_version.is_none() && nb::cast<int>(max_version[0]) >= 1)
    return exported<DLManagedTensorVersioned>(t, (t->storage->writable ? 0 : kReadOnly) | (copied ? kCopied : 0));
  if (t->storage->writable) return exported<DLManagedTensor>(t, 0);
  PyErr_SetString(PyExc_BufferError, "this tensor's memory is read-only, which only DLPack 1.0 can say");
  throw nb::python_error();
}

// The memory of another library, given back when the last tensor over it goes.
template <class Managed>
Tensor imported(nb::handle capsule, uint64_t flags, Managed* managed) {
  const DLTensor& from = managed->tensor;
  if (from.device.type != kCpu)
    throw Error(
        str("from_dlpack: the tensor is on a device of type ", from.device.type, ", only the CPU (1) is there"));
  const DType type = dtype_of(from.dtype);
  Shape shape;
  for (int32_t d = 0; d < from.ndim; ++d) shape.push_back(from.shape[d]);
  Strides strides = contiguous_strides(shape);
  int64_t last = 0;
  for (int32_t d = 0; d < from.ndim; ++d) {
    if (from.strides) strides[d] = from.strides[d];
    if (strides[d] < 0) throw OptionError("from_dlpack: negative strides are not supported", "Make a copy first");
    last += std::max<int64_t>(shape[d] - 1, 0) * strides[d];
  }
  const int64_t bytes = checked_numel(shape, element_size(type)) ? (last + 1) * element_size(type) : 0;
  auto* data = static_cast<std::byte*>(from.data) + from.byte_offset;
  const auto release = [](void* context) {
    auto* owned = static_cast<Managed*>(context);
    if (!owned->deleter || !Py_IsInitialized()) return;
    const nb::gil_scoped_acquire lock;
    owned->deleter(owned);
  };
  StorageRef storage(new_borrowed_storage(data, bytes, release, managed, !(flags & kReadOnly)));
  PyCapsule_SetName(capsule.ptr(), is_versioned<Managed> ? "used_dltensor_versioned" : "used_dltensor");
  return make_tensor(std::move(storage), data, type, std::move(shape), std::move(strides));
}

Tensor from_capsule(nb::handle capsule) {
  if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned")) {
    auto* managed = static_cast<DLManagedTensorVersioned*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"));
    if (managed->major != 1) throw Error(str("from_dlpack: version ", managed->major, " of DLPack is not known, 1 is"));
    return imported(capsule, managed->flags, managed);
  }
  if (!PyCapsule_IsValid(capsule.ptr(), "dltensor"))
    throw Error("from_dlpack received an invalid capsule.",
                "DLTensor capsules can be consumed only once: a tensor may already have been made from it");
  return imported(capsule, 0, static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor")));
}

Tensor from_dlpack(nb::object ext_tensor, nb::object, std::optional<bool> copy) {
  if (PyCapsule_CheckExact(ext_tensor.ptr())) return from_capsule(ext_tensor);
  if (!nb::hasattr(ext_tensor, "__dlpack__"))
    throw DTypeError(
        str("from_dlpack expects an object with __dlpack__, or a capsule, got ", Py_TYPE(ext_tensor.ptr())->tp_name));
  nb::object capsule;
  try {
    capsule = ext_tensor.attr("__dlpack__")(nb::arg("max_version") = nb::make_tuple(1, 0));
  } catch (nb::python_error& e) {
    if (!e.matches(PyExc_TypeError)) throw;
    capsule = ext_tensor.attr("__dlpack__")();  // a library from before version 1.0
  }
  const Tensor t = from_capsule(capsule);
  return copy.value_or(false) ? ops::clone(t) : t;
}

}  // namespace

void bind_dlpack(nb::module_& m) {
  const Op op{m};
  op.method("__dlpack__", dlpack, "A capsule over the same memory, for another library.", nb::kw_only(),
            "stream"_a = nb::none(), "max_version"_a = nb::none(), "dl_device"_a = nb::none(), "copy"_a = nb::none());
  op.method("__dlpack_device__", [](const Tensor&) { return nb::make_tuple(kCpu, 0); }, "(1, 0): the CPU.");
  op.function("from_dlpack", from_dlpack, "A tensor over the memory of another library's array.", "ext_tensor"_a,
              nb::kw_only(), "device"_a = nb::none(), "copy"_a = nb::none());
  op.function(
      "to_dlpack", [](const Tensor& tensor) { return dlpack(tensor, nb::none(), nb::none(), nb::none(), {}); },
      "A capsule over the same memory.", "tensor"_a);
}

}  // namespace lamina::python

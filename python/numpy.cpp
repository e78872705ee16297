#include "python/numpy.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/errors.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

// What NumPy calls the types in a buffer, in the order of DType; bfloat16 is unknown to it.
constexpr const char* kFormats[] = {"f", "d", nullptr, "e", "l", "i", "h", "b", "B", "?"};

std::optional<DType> dtype_of_format(std::string_view format) {
  if (!format.empty() && (format[0] == '@' || format[0] == '=' || format[0] == '<')) format.remove_prefix(1);
  if (format == "q") return kInt64;
  for (int i = 0; i < int(std::size(kFormats)); ++i)
    if (kFormats[i] && format == kFormats[i]) return DType(i);
  return {};
}

[[noreturn]] void refuse(PyObject* array) {
  const std::string type = nb::str(nb::object(nb::handle(array).attr("dtype"))).c_str();
  throw DTypeError(
      str("can't convert np.ndarray of type ", type,
          ". The only supported types are: float64, float32, float16, int64, int32, int16, int8, uint8, and bool."));
}

// An array's buffer, held for as long as a tensor uses it.
struct Held {
  Py_buffer view;
  ~Held() { PyBuffer_Release(&view); }
};

void release_array(void* context) {
  if (!Py_IsInitialized()) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  delete static_cast<Held*>(context);
  PyGILState_Release(state);
}

// A tensor's buffer: keeps the memory even if the tensor is given another.
struct Export {
  StorageRef storage;
  std::vector<Py_ssize_t> shape, strides;
};

}  // namespace

bool is_array(PyObject* o) {
  for (PyTypeObject* type = Py_TYPE(o); type; type = type->tp_base)
    if (std::strcmp(type->tp_name, "numpy.ndarray") == 0) return true;
  return false;
}

std::optional<DType> array_scalar_dtype(PyObject* o) {
  if (std::strncmp(Py_TYPE(o)->tp_name, "numpy.", 6) != 0 || is_array(o)) return {};
  const nb::object dtype = nb::getattr(nb::handle(o), "dtype", nb::none());
  if (dtype.is_none() || !nb::hasattr(dtype, "name")) return {};
  const std::string called = nb::str(nb::object(dtype.attr("name"))).c_str();
  for (int i = 0; i < int(std::size(kFormats)); ++i)
    if (called == name(DType(i))) return DType(i);
  return {};
}

Tensor from_array(PyObject* array) {
  auto held = std::make_unique<Held>();
  if (PyObject_GetBuffer(array, &held->view, PyBUF_RECORDS_RO) != 0) {
    held->view.obj = nullptr;
    PyErr_Clear();  // types that a buffer cannot describe: dates, objects of extensions
    refuse(array);
  }
  const Py_buffer& view = held->view;
  if (view.format && view.format[0] == '>' && view.itemsize > 1)
    throw OptionError(
        "given numpy array has byte order different from the native byte order. Conversion between byte orders "
        "is currently not supported.",
        "Use array.astype(array.dtype.newbyteorder(\"=\"))");
  const std::optional<DType> dtype = dtype_of_format(view.format ? view.format : "B");
  if (!dtype || element_size(*dtype) != view.itemsize) refuse(array);
  Shape shape;
  Strides strides;
  int64_t bytes = view.itemsize;  // from the first element to the end of the last
  for (int i = 0; i < view.ndim; ++i) {
    const Py_ssize_t step = view.strides[i];
    if (step < 0)
      throw OptionError(
          "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
          "currently supported.",
          "Make a copy of your array with array.copy()");
    if (step % view.itemsize != 0)
      throw OptionError("given numpy array strides not a multiple of the element byte size.",
                        "Make a copy with array.copy()");
    shape.push_back(view.shape[i]);
    strides.push_back(step / view.itemsize);
    bytes += std::max<Py_ssize_t>(view.shape[i] - 1, 0) * step;
  }
  checked_numel(shape, view.itemsize);
  auto* data = static_cast<std::byte*>(view.buf);
  StorageRef storage(new_borrowed_storage(data, bytes, release_array, held.get(), !view.readonly));
  held.release();
  return make_tensor(std::move(storage), data, *dtype, std::move(shape), std::move(strides));
}

PyObject* to_array(const Tensor& tensor, PyObject* object) {
  if (tensor.requires_grad())
    throw Error("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
  if (!kFormats[int(tensor.dtype())])
    throw DTypeError(str("Got unsupported ScalarType ", scalar_type_name(tensor.dtype())),
                     "NumPy has no bfloat16: call .float() first");
  static PyObject* asarray = nb::object(nb::module_::import_("numpy").attr("asarray")).release().ptr();
  const nb::object memory = checked(PyMemoryView_FromObject(object));
  return checked(PyObject_CallOneArg(asarray, memory.ptr())).release().ptr();
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  const Tensor& t = tensor_of(self);
  const char* format = kFormats[int(t.dtype())];
  const char* problem = t.requires_grad() ? "a tensor that requires grad has no buffer: use detach()"
                        : !format         ? "bfloat16 has no format of a buffer"
                        : (flags & PyBUF_WRITABLE) && !t->storage->writable ? "this tensor's memory is read-only"
                        : !(flags & PyBUF_STRIDES) && !t.is_contiguous()    ? "this tensor is not contiguous"
                                                                            : nullptr;
  if (problem) {
    PyErr_SetString(PyExc_BufferError, problem);
    return -1;
  }
  return guarded_int([&] {
    auto kept = std::make_unique<Export>();
    kept->storage = t->storage;
    kept->shape.assign(t.shape().begin(), t.shape().end());
    for (const int64_t stride : t.strides()) kept->strides.push_back(stride * element_size(t.dtype()));
    view->buf = t.bytes();
    view->len = t.numel() * element_size(t.dtype());
    view->readonly = !t->storage->writable;
    view->itemsize = element_size(t.dtype());
    view->format = flags & PyBUF_FORMAT ? const_cast<char*>(format) : nullptr;
    view->ndim = t.rank();
    view->shape = flags & PyBUF_ND ? kept->shape.data() : nullptr;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? kept->strides.data() : nullptr;
    view->suboffsets = nullptr;
    view->internal = kept.release();
    view->obj = Py_NewRef(self);
  });
}

void release_buffer(PyObject*, Py_buffer* view) { delete static_cast<Export*>(view->internal); }

}  // namespace lamina::python

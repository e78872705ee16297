// How tensors are pickled and copied: __reduce_ex__, __deepcopy__, and what unpickling calls.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "python/binding.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

// Every element of one block exactly once, in some order of the dimensions: then the block itself can be stored.
bool is_dense(const Tensor& t) {
  Shape order = Shape::filled(t.rank(), 0);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return t.strides()[a] < t.strides()[b]; });
  int64_t step = 1;
  for (const int64_t d : order) {
    if (t.shape()[d] == 1) continue;
    if (t.strides()[d] != step) return false;
    step *= t.shape()[d];
  }
  return true;
}

// What scripts set on the tensor; hooks stay with the original.
nb::object attributes(PyObject* self) {
  PyObject* dict = reinterpret_cast<PyTensor*>(self)->dict;
  if (!dict || !PyDict_GET_SIZE(dict)) return nb::none();
  nb::object kept = checked(PyDict_Copy(dict));
  for (const char* hooks : {"_backward_hooks", "_post_accumulate_grad_hooks"})
    nb::handle(kept).attr("pop")(hooks, nb::none());
  return PyDict_GET_SIZE(kept.ptr()) ? kept : nb::none();
}

// (_rebuild_tensor, (class, dtype, shape, strides, bytes, requires_grad), attributes)
PyObject* reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    const Tensor block = is_dense(t) ? t.detach() : ops::contiguous(t.detach());
    const nb::object bytes = checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(block.bytes()),
                                                               block.numel() * element_size(block.dtype())));
    const nb::tuple arguments = nb::make_tuple(
        nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(self))), nb::handle(dtype_object(t.dtype())),
        checked(new_int_tuple(block.shape())), checked(new_int_tuple(block.strides())), bytes, t.requires_grad());
    static PyObject* rebuild = nb::object(nb::module_::import_("lamina._C").attr("_rebuild_tensor")).release().ptr();
    return nb::make_tuple(nb::handle(rebuild), arguments, attributes(self)).release().ptr();
  });
}

PyObject* rebuild_tensor(PyObject*, PyObject* args) {
  PyObject *type, *dtype_given, *shape_given, *strides_given, *bytes;
  int requires_grad;
  if (!PyArg_ParseTuple(args, "OOOOSp:_rebuild_tensor", &type, &dtype_given, &shape_given, &strides_given, &bytes,
                        &requires_grad))
    return nullptr;
  return guarded([&] {
    DType dtype;
    const Shape shape = shape_of(shape_given, "rebuild: shape"), strides = shape_of(strides_given, "rebuild: strides");
    if (!PyType_Check(type) || !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type), TensorType) ||
        !dtype_from(dtype_given, dtype) || strides.rank() != shape.rank())
      throw LoadError("a pickled tensor is damaged");
    const int64_t n = checked_numel(shape, element_size(dtype));
    int64_t last = 0;  // of the elements' places
    for (int i = 0; i < shape.rank(); ++i) {
      if (strides[i] < 0 || (n > 0 && strides[i] > n))
        throw LoadError("a pickled tensor is damaged: its strides leave its memory");
      last += n > 0 ? (shape[i] - 1) * strides[i] : 0;
    }
    if (PyBytes_GET_SIZE(bytes) != n * element_size(dtype) || (n > 0 && last >= n))
      throw LoadError(str("a pickled tensor is damaged: shape ", shape, " of ", name(dtype), " needs ",
                          n * element_size(dtype), " bytes, there are ", int64_t(PyBytes_GET_SIZE(bytes))));
    const Tensor block = empty({n}, dtype);
    if (n > 0) std::memcpy(block.bytes(), PyBytes_AS_STRING(bytes), size_t(n * element_size(dtype)));
    Tensor t = alias(block, shape, strides);
    if (requires_grad) t.requires_grad_(true);
    return wrap_as(reinterpret_cast<PyTypeObject*>(type), std::move(t));
  });
}

// The copy of a storage, made once in a deepcopy, so that views of one memory stay views of one memory.
Tensor copied_storage(const Tensor& t, nb::dict memo) {
  const nb::tuple key = nb::make_tuple("lamina storage", reinterpret_cast<uintptr_t>(t->storage.get()));
  if (memo.contains(key)) return tensor_of(nb::object(memo[key]).ptr());
  const Storage& from = *t->storage.get();
  Tensor copy = empty({from.bytes}, kUInt8);
  if (from.bytes > 0) std::memcpy(copy.bytes(), from.data, size_t(from.bytes));
  memo[key] = checked(wrap(copy));
  return copy;
}

Tensor deep_copy(const Tensor& t, nb::dict memo) {
  const Tensor block = copied_storage(t, memo);
  Tensor y =
      make_tensor(block->storage, block.bytes() + (t.bytes() - t->storage->data), t.dtype(), t.shape(), t.strides());
  if (t.requires_grad()) y.requires_grad_(true);
  if (t.grad().defined() && !t->is_parameter) y.set_grad(deep_copy(t.grad().detach(), memo));
  return y;
}

PyObject* deepcopy_(PyObject* self, PyObject* memo_given) {
  return guarded([&] {
    if (!PyDict_Check(memo_given)) throw nb::type_error("__deepcopy__ takes the memo dict of copy.deepcopy");
    nb::dict memo = nb::borrow<nb::dict>(memo_given);
    const nb::int_ key(reinterpret_cast<uintptr_t>(self));
    if (memo.contains(key)) return nb::object(memo[key]).release().ptr();
    const Tensor& t = tensor_of(self);
    if (!t.is_leaf())
      throw Error(
          "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.",
          "If you were attempting to deepcopy a module, this may be because a recorded result is stored in it: "
          "detach() it");
    nb::object copy = checked(wrap_as(Py_TYPE(self), deep_copy(t, memo)));
    memo[key] = copy;
    if (const nb::object state = attributes(self); !state.is_none())
      copy.attr("__dict__") = nb::module_::import_("copy").attr("deepcopy")(state, memo);
    return copy.release().ptr();
  });
}

// Another object over the same memory.
PyObject* copy_(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    Tensor y = t.detach();
    if (t.requires_grad()) y.requires_grad_(true);
    nb::object copy = checked(wrap_as(Py_TYPE(self), std::move(y)));
    if (const nb::object state = attributes(self); !state.is_none())
      copy.attr("__dict__") = checked(PyDict_Copy(state.ptr()));
    return copy.release().ptr();
  });
}

PyMethodDef methods[] = {{"__copy__", copy_, METH_NOARGS, nullptr},
                         {"__reduce_ex__", reduce, METH_O, nullptr},
                         {"__deepcopy__", deepcopy_, METH_O, nullptr}};
PyMethodDef rebuild_definition = {"_rebuild_tensor", rebuild_tensor, METH_VARARGS, "A tensor from its pickled parts."};

}  // namespace

void add_copy_methods(nb::module_& m) {
  const nb::handle type(reinterpret_cast<PyObject*>(TensorType));
  for (PyMethodDef& method : methods)
    nb::setattr(type, method.ml_name, checked(PyDescr_NewMethod(TensorType, &method)));
  // pickle refuses nanobind's functions
  m.attr("_rebuild_tensor") = checked(PyCFunction_NewEx(&rebuild_definition, nullptr, nb::str("lamina._C").ptr()));
}

}  // namespace lamina::python

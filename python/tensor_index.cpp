// The container side of a tensor: len(x), x[…], x[…] = v, iter(x), v in x.
// Ints, slices, None and Ellipsis give views; index and bool tensors, and lists, gather by ops/indexing.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"
#include "python/data.h"
#include "python/errors.h"
#include "python/number.h"
#include "python/numpy.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

int64_t index_of(PyObject* o) {
  int overflow = 0;
  const nb::object index = checked(PyNumber_Index(o));
  const int64_t i = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  if (overflow) throw IndexError("index does not fit into 64 bits");
  return i;
}

std::optional<int64_t> bound(PyObject* o) {
  if (o == Py_None) return {};
  if (!PyIndex_Check(o)) {
    PyErr_SetString(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
    throw nb::python_error();
  }
  const Py_ssize_t i = PyNumber_AsSsize_t(o, nullptr);  // a bound outside is cut anyway
  if (i == -1 && PyErr_Occurred()) throw nb::python_error();
  return i;
}

int64_t step_of(const PySliceObject* slice) {
  const int64_t step = bound(slice->step).value_or(1);
  if (step <= 0) throw OptionError("slice step must be greater than zero", "Use torch.flip to reverse a dimension");
  return step;
}

Tensor sliced(const Tensor& x, int64_t dim, PyObject* slice) {
  const auto* s = reinterpret_cast<PySliceObject*>(slice);
  return ops::slice(x, dim, bound(s->start), bound(s->stop), step_of(s));
}

Tensor selected(const Tensor& x, int64_t dim, PyObject* o) {
  const int64_t i = index_of(o), size = x.rank() ? x.size(dim) : 0;
  if (x.rank() == 0)
    throw IndexError(
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert a 0-dim tensor to a number");
  if (i < -size || i >= size)
    throw IndexError(str("index ", i, " is out of bounds for dimension ", dim, " with size ", size));
  return ops::select(x, dim, i);
}

bool is_plain_int(PyObject* o) { return PyLong_Check(o) && !PyBool_Check(o); }

// What gives a view: ints, slices, None and …
bool is_simple(PyObject* o) { return is_plain_int(o) || PySlice_Check(o) || o == Py_None || o == Py_Ellipsis; }

// One index after another, applied to the dimension that it stands for.
Tensor viewed(const Tensor& x, PyObject* const* items, Py_ssize_t count) {
  Py_ssize_t taken = 0;
  for (Py_ssize_t i = 0; i < count; ++i) taken += items[i] != Py_None && items[i] != Py_Ellipsis;
  if (taken > x.rank()) throw IndexError(str("too many indices for tensor of dimension ", x.rank()));
  Tensor y = x;
  int64_t dim = 0;
  bool ellipsis = false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* o = items[i];
    if (PySlice_Check(o)) {
      y = sliced(y, dim++, o);
    } else if (o == Py_None) {
      y = ops::unsqueeze(y, dim++);
    } else if (o == Py_Ellipsis) {
      if (ellipsis) throw IndexError("an index can only have a single ellipsis ('...')");
      ellipsis = true;
      dim += x.rank() - taken;
    } else {
      y = selected(y, dim, o);
    }
  }
  return y.is(x) ? ops::alias_of(x) : y;
}

// A list, an array or any other sequence of numbers or bools as an index.
Tensor index_tensor(PyObject* o) {
  const Tensor t = as_tensor(o, {});
  return t.numel() == 0 && t.is_floating_point() ? ops::to(t, kInt64) : t;  // [] names no element
}

ops::Index general(PyObject* o) {
  if (is_plain_int(o)) return index_of(o);
  if (PySlice_Check(o)) {
    const auto* s = reinterpret_cast<PySliceObject*>(o);
    return ops::Slice{bound(s->start), bound(s->stop), step_of(s)};
  }
  if (o == Py_None) return ops::NewAxis{};
  if (o == Py_Ellipsis) return ops::AllOthers{};
  if (PyBool_Check(o)) return o == Py_True;
  if (is_tensor(o)) return tensor_of(o);
  if (is_array(o) || PyList_Check(o) || PyTuple_Check(o) || PyRange_Check(o)) return index_tensor(o);
  if (PyIndex_Check(o)) return index_of(o);  // NumPy's integers
  PyErr_Format(
      PyUnicode_Check(o) ? PyExc_TypeError : PyExc_IndexError,
      "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got %.200s)",
      Py_TYPE(o)->tp_name);
  throw nb::python_error();
}

// The indices between the brackets, one by one.
struct Key {
  PyObject* const* items;
  Py_ssize_t count;
  bool simple = true;

  explicit Key(PyObject*& key) : items(&key), count(1) {
    if (PyTuple_Check(key)) items = &PyTuple_GET_ITEM(key, 0), count = PyTuple_GET_SIZE(key);
    for (Py_ssize_t i = 0; i < count; ++i) simple &= is_simple(items[i]);
  }
  ops::Indices indices() const {
    ops::Indices list;
    for (Py_ssize_t i = 0; i < count; ++i) list.push_back(general(items[i]));
    return list;
  }
};

Tensor indexed(const Tensor& x, PyObject* key) {
  if (is_plain_int(key)) return selected(x, 0, key);
  const Key k(key);
  return k.simple ? viewed(x, k.items, k.count) : ops::index(x, k.indices());
}

void assign(const Tensor& x, PyObject* key, PyObject* value) {
  const Key k(key);
  Scalar number = 0;
  const bool is_number = !is_tensor(value) && scalar_from(value, number);
  if (is_number && k.simple) {
    check_inplace(x, "x[...] = value");
    ops::fill_(viewed(x, k.items, k.count), number);
    return;
  }
  if (PyLong_Check(value) && !is_number) scalar_of(value, "value");  // throws: it does not fit
  const Tensor from = is_number ? ops::full({}, number, x.dtype())
                                : as_tensor(value, is_tensor(value) ? std::nullopt : std::optional(x.dtype()));
  ops::index_put_(x, k.indices(), from);
}

Py_ssize_t length(PyObject* self) {
  const Tensor& t = tensor_of(self);
  if (t.rank() > 0) return Py_ssize_t(t.shape()[0]);
  PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
  return -1;
}

PyObject* get_item(PyObject* self, PyObject* key) {
  return guarded([&] { return wrap(indexed(tensor_of(self), key)); });
}

int set_item(PyObject* self, PyObject* key, PyObject* value) {
  if (!value) {
    PyErr_SetString(PyExc_TypeError, "Tensor does not support deleting items");
    return -1;
  }
  return guarded_int([&] { assign(tensor_of(self), key, value); });
}

int contains(PyObject* self, PyObject* value) {
  int found = 0;
  const int failed = guarded_int([&] {
    Scalar number = 0;
    const Tensor& x = tensor_of(self);
    Tensor hits;
    if (is_tensor(value)) {
      hits = ops::eq(x, tensor_of(value));
    } else if (scalar_from(value, number)) {
      hits = ops::eq(x, number);
    } else {
      PyErr_Format(PyExc_RuntimeError, "Tensor.__contains__ only supports Tensor or scalar, but you passed in a %R.",
                   Py_TYPE(value));
      throw nb::python_error();
    }
    found = read_element(ops::any(hits).bytes(), kBool).to<bool>();
  });
  return failed ? -1 : found;
}

PyObject* get_nth(PyObject* self, Py_ssize_t i) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = tensor_of(self);
    if (t.rank() == 0 || i >= t.size(0)) {
      PyErr_SetString(PyExc_IndexError, "index out of range");
      return nullptr;
    }
    return wrap(ops::select(t, 0, i));
  });
}

PyObject* iterate(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = tensor_of(self);
    if (t.rank() == 0) {
      PyErr_SetString(PyExc_TypeError, "iteration over a 0-d tensor");
      return nullptr;
    }
    const Tensors parts = ops::unbind(t, 0);
    const nb::object tuple = checked(PyTuple_New(Py_ssize_t(parts.size())));
    for (size_t i = 0; i < parts.size(); ++i)
      PyTuple_SET_ITEM(tuple.ptr(), Py_ssize_t(i), checked(wrap(parts[i])).release().ptr());
    return PyObject_GetIter(tuple.ptr());
  });
}

}  // namespace

void add_index_slots(Slots& slots) {
  const auto add = [&](int slot, auto function) { slots.push_back({slot, reinterpret_cast<void*>(function)}); };
  add(Py_mp_length, length);
  add(Py_mp_subscript, get_item);
  add(Py_mp_ass_subscript, set_item);
  add(Py_sq_contains, contains);
  add(Py_sq_item, get_nth);
  add(Py_tp_iter, iterate);
}

}  // namespace lamina::python

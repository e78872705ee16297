// The container side of a tensor: len(x), x[…], x[…] = v, iter(x), v in x.
// Ints, slices, None and Ellipsis give views; index and bool tensors, and lists, gather by ops/indexing.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/view.h"
#include "python/data.h"
#include "python/errors.h"
#include "python/number.h"
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

Tensor sliced(const Tensor& x, int64_t dim, PyObject* slice) {
  const auto* s = reinterpret_cast<PySliceObject*>(slice);
  const int64_t step = bound(s->step).value_or(1);
  if (step <= 0) throw OptionError("slice step must be positive", "Use torch.flip to reverse a dimension");
  return ops::slice(x, dim, bound(s->start), bound(s->stop), step);
}

Tensor selected(const Tensor& x, int64_t dim, PyObject* o) {
  const int64_t i = index_of(o), size = x.rank() ? x.size(dim) : 0;
  if (x.rank() == 0)
    throw IndexError("invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert a 0-dim tensor to a number");
  if (i < -size || i >= size) throw IndexError(str("index ", i, " is out of bounds for dimension ", dim, " with size ", size));
  return ops::select(x, dim, i);
}

bool is_plain_int(PyObject* o) { return PyLong_Check(o) && !PyBool_Check(o); }

// One index after another, applied to the dimension that it stands for.
class Indexing {
 public:
  explicit Indexing(const Tensor& x) : x_(x) {}

  Tensor view(PyObject* const* items, Py_ssize_t count) {
    Py_ssize_t taken = 0;
    for (Py_ssize_t i = 0; i < count; ++i) taken += dimensions_of(items[i]);
    if (taken > x_.rank()) throw IndexError(str("too many indices for tensor of dimension ", x_.rank()));
    bool ellipsis = false;
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject* o = items[i];
      if (o == Py_Ellipsis) {
        if (ellipsis) throw IndexError("an index can only have a single ellipsis ('...')");
        ellipsis = true;
        dim_ += x_rank_left(taken);
      } else {
        step(o);
      }
    }
    return x_;
  }

 private:
  static Py_ssize_t dimensions_of(PyObject* o) { return o != Py_None && o != Py_Ellipsis && !PyBool_Check(o); }

  int64_t x_rank_left(Py_ssize_t taken) const { return first_rank_ - taken; }

  void step(PyObject* o) {
    if (PySlice_Check(o)) x_ = sliced(x_, dim_++, o);
    else if (o == Py_None) x_ = ops::unsqueeze(x_, dim_++);
    else if (is_plain_int(o)) x_ = selected(x_, dim_, o);
    else {
      PyErr_Format(PyExc_IndexError,
                   "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got %.200s)",
                   Py_TYPE(o)->tp_name);
      throw nb::python_error();
    }
  }

  Tensor x_;
  const int64_t first_rank_ = x_.rank();
  int64_t dim_ = 0;
};

Tensor indexed(const Tensor& x, PyObject* key) {
  if (is_plain_int(key)) return selected(x, 0, key);
  if (PyTuple_Check(key)) return Indexing(x).view(&PyTuple_GET_ITEM(key, 0), PyTuple_GET_SIZE(key));
  return Indexing(x).view(&key, 1);
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
    for (size_t i = 0; i < parts.size(); ++i) PyTuple_SET_ITEM(tuple.ptr(), Py_ssize_t(i), checked(wrap(parts[i])).release().ptr());
    return PyObject_GetIter(tuple.ptr());
  });
}

}  // namespace

void add_index_slots(Slots& slots) {
  const auto add = [&](int slot, auto function) { slots.push_back({slot, reinterpret_cast<void*>(function)}); };
  add(Py_mp_length, length);
  add(Py_mp_subscript, get_item);
  add(Py_sq_item, get_nth);
  add(Py_tp_iter, iterate);
}

}  // namespace lamina::python

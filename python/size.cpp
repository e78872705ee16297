#include "python/size.h"

#include "python/bind.h"
#include "python/casters.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

PyTypeObject* SizeType;

PyObject* fill_tuple(PyObject* tuple, const Shape& shape) {
  if (!tuple) return nullptr;
  for (int i = 0; i < shape.rank(); ++i) {
    PyObject* n = PyLong_FromLongLong(shape[i]);
    if (!n) {
      Py_DECREF(tuple);
      return nullptr;
    }
    PyTuple_SET_ITEM(tuple, i, n);
  }
  return tuple;
}

PyObject* size_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* self = PyTuple_Type.tp_new(type, args, keywords);
  if (!self) return nullptr;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i)
    if (!PyIndex_Check(PyTuple_GET_ITEM(self, i))) {
      PyErr_Format(PyExc_TypeError, "torch.Size() takes an iterable of 'int' (item %zd is '%.100s')", i,
                   Py_TYPE(PyTuple_GET_ITEM(self, i))->tp_name);
      Py_DECREF(self);
      return nullptr;
    }
  return self;
}

PyObject* size_repr(PyObject* self) {
  PyObject* list = PySequence_List(self);
  if (!list) return nullptr;
  PyObject* text = PyUnicode_FromFormat("torch.Size(%R)", list);
  Py_DECREF(list);
  return text;
}

PyObject* size_numel(PyObject* self, PyObject*) {
  return guarded([&] { return PyLong_FromLongLong(checked_numel(shape_of(self, "Size"))); });
}

// A tuple's own slots give tuples; PyTorch's give a Size.
PyObject* as_size(PyObject* tuple) {
  if (!tuple || !PyTuple_CheckExact(tuple)) return tuple;
  PyObject* size = PyObject_CallOneArg(reinterpret_cast<PyObject*>(SizeType), tuple);
  Py_DECREF(tuple);
  return size;
}
PyObject* size_subscript(PyObject* self, PyObject* index) {
  return as_size(PyTuple_Type.tp_as_mapping->mp_subscript(self, index));
}
PyObject* size_concat(PyObject* self, PyObject* other) {
  if (!PyTuple_Check(other)) Py_RETURN_NOTIMPLEMENTED;
  return as_size(PyTuple_Type.tp_as_sequence->sq_concat(self, other));
}
PyObject* size_repeat(PyObject* self, Py_ssize_t n) { return as_size(PyTuple_Type.tp_as_sequence->sq_repeat(self, n)); }

PyObject* size_reduce(PyObject* self, PyObject*) {
  PyObject* tuple = PyTuple_GetSlice(self, 0, PyTuple_GET_SIZE(self));
  if (!tuple) return nullptr;
  if (PyTuple_CheckExact(tuple)) return Py_BuildValue("O(N)", Py_TYPE(self), tuple);
  Py_DECREF(tuple);
  return nullptr;
}

PyMethodDef methods[] = {{"numel", size_numel, METH_NOARGS, "numel(self) -> int\n--\n\nThe product of the sizes."},
                         {"__reduce__", size_reduce, METH_NOARGS, nullptr},
                         {}};

Sizes integer_from(PyObject* o, int64_t& value) noexcept {
  int overflow = 0;
  if (PyLong_Check(o)) {
    value = PyLong_AsLongLongAndOverflow(o, &overflow);
    return overflow ? Sizes::Overflow : Sizes::Good;
  }
  if (!PyIndex_Check(o)) return Sizes::NotSizes;
  PyObject* index = PyNumber_Index(o);
  if (!index) {
    PyErr_Clear();
    return Sizes::NotSizes;
  }
  value = PyLong_AsLongLongAndOverflow(index, &overflow);
  Py_DECREF(index);
  return overflow ? Sizes::Overflow : Sizes::Good;
}

}  // namespace

PyObject* new_int_tuple(const Shape& shape) { return fill_tuple(PyTuple_New(shape.rank()), shape); }

PyObject* new_size(const Shape& shape) {
  // tuples are of variable size: tp_alloc takes the number of items
  return fill_tuple(SizeType->tp_alloc(SizeType, shape.rank()), shape);
}

Sizes shape_from(PyObject* o, Shape& shape) noexcept {
  if (PyTuple_Check(o) || PyList_Check(o)) {
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
    shape.resize(int(n));
    for (Py_ssize_t i = 0; i < n; ++i)
      if (const Sizes found = integer_from(PySequence_Fast_GET_ITEM(o, i), shape[i]); found != Sizes::Good)
        return found;
    return Sizes::Good;
  }
  if (PyBool_Check(o)) return Sizes::NotSizes;
  shape.resize(1);
  return integer_from(o, shape[0]);
}

Shape shape_of(PyObject* o, const char* what) {
  Shape shape;
  switch (shape_from(o, shape)) {
    case Sizes::Good: return shape;
    case Sizes::Overflow:
      PyErr_Format(PyExc_OverflowError, "%s: %R does not fit into 64 bits", what, o);
      throw nb::python_error();
    default:
      PyErr_Format(PyExc_TypeError, "%s must be an int or a tuple of ints, got %R", what, o);
      throw nb::python_error();
  }
}

Shape shape_of_arguments(PyObject* const* arguments, Py_ssize_t count, const char* what) {
  if (count == 1) return shape_of(arguments[0], what);
  Shape shape;
  shape.resize(int(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (PyTuple_Check(arguments[i]) || PyList_Check(arguments[i])) {
      PyErr_Format(PyExc_TypeError, "%s must be ints, or one tuple of ints, got %R among %zd arguments", what,
                   arguments[i], count);
      throw nb::python_error();
    }
    shape[i] = shape_of(arguments[i], what)[0];
  }
  return shape;
}

void bind_size(nb::module_& m) {
  PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(size_new)},
                         {Py_tp_repr, reinterpret_cast<void*>(size_repr)},
                         {Py_tp_methods, methods},
                         {Py_mp_subscript, reinterpret_cast<void*>(size_subscript)},
                         {Py_sq_concat, reinterpret_cast<void*>(size_concat)},
                         {Py_sq_repeat, reinterpret_cast<void*>(size_repeat)},
                         {Py_tp_doc, const_cast<char*>("The sizes of a tensor: a tuple of ints.")},
                         {0, nullptr}};
  PyType_Spec spec{"lamina.Size", 0, 0, Py_TPFLAGS_DEFAULT, slots};
  SizeType = reinterpret_cast<PyTypeObject*>(
      checked(PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(&PyTuple_Type))).release().ptr());
  m.attr("Size") = nb::handle(reinterpret_cast<PyObject*>(SizeType));
}

}  // namespace lamina::python

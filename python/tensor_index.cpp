// The container side of a tensor: len(x), x[…], x[…] = v, iter(x).
#include "python/errors.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {
Py_ssize_t length(PyObject* self) {
  const Tensor& t = tensor_of(self);
  if (t.rank() > 0) return Py_ssize_t(t.shape()[0]);
  PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
  return -1;
}
}  // namespace

void add_index_slots(Slots& slots) { slots.push_back({Py_mp_length, reinterpret_cast<void*>(length)}); }

}  // namespace lamina::python

// The operators of a tensor: + - * / @ ** == < …, reflected and in place.
#include "python/number.h"
#include "python/errors.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {
Py_hash_t hash(PyObject* self) { return _Py_HashPointer(self); }
}  // namespace

void add_operator_slots(Slots& slots) { slots.push_back({Py_tp_hash, reinterpret_cast<void*>(hash)}); }

}  // namespace lamina::python

#include "python/generator.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/casters.h"
#include "python/device.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

struct PyGenerator {
  PyObject_HEAD Generator* generator;  // owned: its C++ references are references to this object
};

PyTypeObject* GeneratorType;

Generator& of(PyObject* o) { return *reinterpret_cast<PyGenerator*>(o)->generator; }

PyObject* adopt(PyTypeObject* type, Generator* generator) {
  PyObject* o = type->tp_alloc(type, 0);
  if (!o) return nullptr;
  reinterpret_cast<PyGenerator*>(o)->generator = generator;
  generator->set_foreign_object(o);
  return o;
}

PyObject* new_generator(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* device = Py_None;
  static const char* names[] = {"device", nullptr};
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:Generator", const_cast<char**>(names), &device)) return nullptr;
  return guarded([&] {
    check_device(device);
    return adopt(type, new Generator);
  });
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<PyGenerator*>(self)->generator;
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* manual_seed_(PyObject* self, PyObject* seed) {
  return guarded([&] {
    of(self).manual_seed(seed_of(seed));
    return Py_NewRef(self);
  });
}
PyObject* seed_(PyObject* self, PyObject*) { return PyLong_FromUnsignedLongLong(of(self).seed()); }
PyObject* initial_seed_(PyObject* self, PyObject*) { return PyLong_FromUnsignedLongLong(of(self).initial_seed()); }
PyObject* get_state_(PyObject* self, PyObject*) {
  return guarded([&] { return wrap(state_tensor(of(self))); });
}
PyObject* set_state_(PyObject* self, PyObject* state) {
  return guarded([&] {
    set_state(of(self), state);
    return Py_NewRef(self);
  });
}
PyObject* device_(PyObject*, void*) { return new_device(); }

PyMethodDef methods[] = {
    {"manual_seed", manual_seed_, METH_O,
     "manual_seed(self, seed: int) -> Generator\n--\n\nStarts the stream anew from a seed."},
    {"seed", seed_, METH_NOARGS,
     "seed(self) -> int\n--\n\nStarts the stream from a seed of the system, and returns it."},
    {"initial_seed", initial_seed_, METH_NOARGS, "initial_seed(self) -> int\n--\n\nThe seed of the stream."},
    {"get_state", get_state_, METH_NOARGS, "get_state(self) -> Tensor\n--\n\nThe state as a tensor of 5,056 bytes."},
    {"set_state", set_state_, METH_O,
     "set_state(self, new_state: Tensor) -> Generator\n--\n\nGoes to what get_state() gave."},
    {}};
PyGetSetDef properties[] = {{"device", device_, nullptr, nullptr, nullptr}, {}};

}  // namespace

uint64_t seed_of(PyObject* o) {
  const nb::object seed = checked(PyNumber_Index(o));
  int overflow = 0;
  const long long v = PyLong_AsLongLongAndOverflow(seed.ptr(), &overflow);
  if (overflow < 0) throw OptionError("a seed must be in [-2**63, 2**64)");
  if (!overflow) return uint64_t(v);  // a negative one names the same bits
  const unsigned long long u = PyLong_AsUnsignedLongLong(seed.ptr());
  if (u == static_cast<unsigned long long>(-1) && PyErr_Occurred()) {
    PyErr_Clear();
    throw OptionError("a seed must be in [-2**63, 2**64)");
  }
  return u;
}

Tensor state_tensor(Generator& generator) {
  const auto lock = generator.lock();
  const std::vector<uint8_t> bytes = generator.state();
  Tensor t = empty({int64_t(bytes.size())}, kUInt8);
  std::copy(bytes.begin(), bytes.end(), t.data<uint8_t>());
  return t;
}

void set_state(Generator& generator, PyObject* state) {
  if (!is_tensor(state) || tensor_of(state).dtype() != kUInt8)
    throw DTypeError("the state of a generator must be a uint8 tensor", "Pass what get_state() returned");
  const Tensor& t = tensor_of(state);
  if (!t.is_contiguous()) throw OptionError("the state of a generator must be contiguous", "Call .contiguous()");
  const auto lock = generator.lock();
  generator.set_state({t.data<uint8_t>(), t.data<uint8_t>() + t.numel()});
}

bool generator_from(PyObject* o, GeneratorRef& generator) noexcept {
  if (o == Py_None) generator = default_generator();
  else if (PyObject_TypeCheck(o, GeneratorType)) generator = GeneratorRef(&of(o));
  else return false;
  return true;
}

PyObject* wrap(const GeneratorRef& generator) {
  if (!generator) Py_RETURN_NONE;
  if (void* o = generator->foreign_object()) return Py_NewRef(static_cast<PyObject*>(o));
  return adopt(GeneratorType, generator.get());
}

void bind_generator(nb::module_& m) {
  PyType_Slot slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(new_generator)},
      {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
      {Py_tp_methods, methods},
      {Py_tp_getset, properties},
      {Py_tp_doc, const_cast<char*>("Generator(device='cpu')\n--\n\nA stream of random numbers of its own.")},
      {0, nullptr}};
  PyType_Spec spec{"lamina.Generator", sizeof(PyGenerator), 0, Py_TPFLAGS_DEFAULT, slots};
  GeneratorType = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&spec)).release().ptr());
  m.attr("Generator") = nb::handle(reinterpret_cast<PyObject*>(GeneratorType));
}

}  // namespace lamina::python

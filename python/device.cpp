#include "python/device.h"

#include <string>
#include <string_view>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

struct PyDevice {
  PyObject_HEAD int index;  // -1: none was named
};

PyTypeObject* DeviceType;

int index_of(PyObject* o) { return reinterpret_cast<PyDevice*>(o)->index; }

PyObject* make(int index) {
  PyObject* o = DeviceType->tp_alloc(DeviceType, 0);
  if (o) reinterpret_cast<PyDevice*>(o)->index = index;
  return o;
}

// "cpu" → -1, "cpu:0" → 0
int parse(std::string_view name) {
  if (name == "cpu") return -1;
  if (name == "cpu:0") return 0;
  const std::string_view kind = name.substr(0, name.find(':'));
  for (const char* known : {"cuda", "mps", "xpu", "meta", "hpu", "xla", "hip", "ipu", "mtia", "vulkan"})
    if (kind == known)
      throw Error(str("device '", name, "' is not available: Lamina computes on the CPU"),
                  str("Use device=\"cpu\", or ask ", kind == "mps" ? "torch.backends.mps" : "torch.cuda",
                      ".is_available() first"));
  throw Error(str("Expected one of cpu device types, got '", name, "'"));
}

PyObject* new_device_(PyTypeObject*, PyObject* args, PyObject* keywords) {
  PyObject *type, *index = Py_None;
  static const char* names[] = {"type", "index", nullptr};
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:device", const_cast<char**>(names), &type, &index))
    return nullptr;
  return guarded([&]() -> PyObject* {
    if (Py_TYPE(type) == DeviceType) return Py_NewRef(type);
    if (!PyUnicode_Check(type)) throw nb::type_error("device(): type must be a str such as \"cpu\"");
    std::string name = PyUnicode_AsUTF8(type);
    if (index != Py_None) name += ":" + std::string(nb::str(nb::handle(index)).c_str());
    return make(parse(name));
  });
}

PyObject* repr(PyObject* self) {
  return PyUnicode_FromString(index_of(self) < 0 ? "device(type='cpu')" : "device(type='cpu', index=0)");
}
PyObject* text(PyObject* self) { return PyUnicode_FromString(index_of(self) < 0 ? "cpu" : "cpu:0"); }
Py_hash_t hash(PyObject* self) { return 7919 + index_of(self); }

PyObject* compare(PyObject* a, PyObject* b, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || Py_TYPE(b) != DeviceType) Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong((index_of(a) == index_of(b)) == (operation == Py_EQ));
}

PyObject* type_(PyObject*, void*) { return PyUnicode_FromString("cpu"); }
PyObject* index_(PyObject* self, void*) {
  if (index_of(self) < 0) Py_RETURN_NONE;
  return PyLong_FromLong(index_of(self));
}
PyObject* reduce(PyObject* self, PyObject*) { return Py_BuildValue("O(N)", DeviceType, text(self)); }
PyObject* enter(PyObject* self, PyObject*) { return Py_NewRef(self); }
PyObject* leave(PyObject*, PyObject*) { Py_RETURN_FALSE; }

PyGetSetDef properties[] = {
    {"type", type_, nullptr, nullptr, nullptr}, {"index", index_, nullptr, nullptr, nullptr}, {}};
PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr},
                         {"__enter__", enter, METH_NOARGS, nullptr},
                         {"__exit__", leave, METH_VARARGS, nullptr},
                         {}};

}  // namespace

PyObject* new_device() {
  static PyObject* cpu = make(-1);
  return Py_NewRef(cpu);
}

bool is_device(PyObject* o) { return Py_TYPE(o) == DeviceType; }

void check_device(PyObject* o) {
  if (o == Py_None || Py_TYPE(o) == DeviceType) return;
  if (PyUnicode_Check(o)) {
    parse(PyUnicode_AsUTF8(o));
    return;
  }
  if (PyLong_Check(o))
    throw Error(
        str("device ", std::string(nb::str(nb::handle(o)).c_str()), " is not available: Lamina computes on the CPU"));
  PyErr_Format(PyExc_TypeError, "device must be a str such as \"cpu\" or a torch.device, got %.200s",
               Py_TYPE(o)->tp_name);
  throw nb::python_error();
}

void bind_device(nb::module_& m) {
  PyType_Slot slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(new_device_)},
      {Py_tp_repr, reinterpret_cast<void*>(repr)},
      {Py_tp_str, reinterpret_cast<void*>(text)},
      {Py_tp_hash, reinterpret_cast<void*>(hash)},
      {Py_tp_richcompare, reinterpret_cast<void*>(compare)},
      {Py_tp_getset, properties},
      {Py_tp_methods, methods},
      {Py_tp_doc,
       const_cast<char*>("device(type, index=None)\n--\n\nWhere values live: cpu, the only device there is.")},
      {0, nullptr}};
  PyType_Spec spec{"lamina.device", sizeof(PyDevice), 0, Py_TPFLAGS_DEFAULT, slots};
  DeviceType = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&spec)).release().ptr());
  m.attr("device") = nb::handle(reinterpret_cast<PyObject*>(DeviceType));
}

}  // namespace lamina::python

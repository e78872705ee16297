#include "python/tensor_type.h"

#include <structmember.h>

#include <array>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/tensor_parts.h"

namespace lamina::python {

PyTypeObject *TensorType, *ParameterType;

namespace {

// Objects of exactly type Tensor are kept for reuse: most live for one operation.
constexpr int kSpare = 64;
PyTensor* spare[kSpare];
int spares = 0;

PyTensor* object(PyObject* o) { return reinterpret_cast<PyTensor*>(o); }

// An object without a tensor. A plain Tensor is tracked by the collector only once it has attributes.
PyTensor* new_object(PyTypeObject* type) {
  if (type == TensorType && spares) {
    PyTensor* o = spare[--spares];
    _Py_NewReference(reinterpret_cast<PyObject*>(o));
    Py_INCREF(type);
    return o;
  }
  auto* o = object(type->tp_alloc(type, 0));
  if (!o) return nullptr;
  if (type == TensorType) PyObject_GC_UnTrack(o);
  new (&o->tensor) Tensor;
  return o;
}

PyObject* attach(PyTensor* o, Tensor&& t) {
  if (!o) return nullptr;
  if (t->count.load(std::memory_order_relaxed) > 1) Py_INCREF(o);  // held by C++ beside us
  t->foreign_object = o;
  o->tensor = std::move(t);
  return reinterpret_cast<PyObject*>(o);
}

void deallocate_tensor(PyObject* self) {
  PyTensor* o = object(self);
  PyTypeObject* type = Py_TYPE(self);
  if (PyObject_GC_IsTracked(self)) PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, deallocate_tensor) if (o->weak_references) PyObject_ClearWeakRefs(self);
  Py_CLEAR(o->dict);
  if (o->tensor.defined()) {
    o->tensor->foreign_object = nullptr;
    o->tensor = {};
  }
  if (type == TensorType && spares < kSpare) {
    spare[spares++] = o;
  } else {
    o->tensor.~Tensor();
    type->tp_free(self);
  }
  Py_DECREF(type);
  Py_TRASHCAN_END
}

int traverse_tensor(PyObject* self, visitproc visit, void* arg) {
  PyTensor* o = object(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(o->dict);
  if (!o->tensor.defined() || o->tensor->count.load(std::memory_order_relaxed) != 1) return 0;
  const Tensor& grad = o->tensor.grad();  // 2: its Python object and we, who alone keep it
  if (grad.defined() && grad->foreign_object && grad->count.load(std::memory_order_relaxed) == 2)
    Py_VISIT(static_cast<PyObject*>(grad->foreign_object));
  return 0;
}

int clear_tensor(PyObject* self) {
  Py_CLEAR(object(self)->dict);
  if (object(self)->tensor.defined()) object(self)->tensor.set_grad({});
  return 0;
}

// A plain tensor enters the collector's list when it gets its first attribute.
void track(PyObject* self) {
  if (object(self)->dict && !PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
}

int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  const int result = PyObject_GenericSetAttr(self, name, value);
  track(self);
  return result;
}

PyObject* get_dict(PyObject* self, void* context) {
  PyObject* dict = PyObject_GenericGetDict(self, context);
  if (dict) track(self);
  return dict;
}

int set_dict(PyObject* self, PyObject* value, void* context) {
  const int result = PyObject_GenericSetDict(self, value, context);
  track(self);
  return result;
}

PyGetSetDef dict_property[] = {{"__dict__", get_dict, set_dict, nullptr, nullptr}, {}};

PyMemberDef members[] = {{"__dictoffset__", T_PYSSIZET, offsetof(PyTensor, dict), READONLY, nullptr},
                         {"__weaklistoffset__", T_PYSSIZET, offsetof(PyTensor, weak_references), READONLY, nullptr},
                         {}};

// object.__init__ refuses the arguments that __new__ has taken; subclasses pass theirs on to super().__init__.
int init_tensor(PyObject*, PyObject*, PyObject*) { return 0; }

}  // namespace

PyObject* wrap(Tensor t) {
  if (!t.defined()) Py_RETURN_NONE;
  if (t->foreign_object) return Py_NewRef(static_cast<PyObject*>(t->foreign_object));
  PyTensor* o = new_object(t->is_parameter ? ParameterType : TensorType);  // before t is moved
  return attach(o, std::move(t));
}

PyObject* wrap_as(PyTypeObject* type, Tensor t) {
  if (PyType_IsSubtype(type, ParameterType)) t->is_parameter = true;
  return attach(new_object(type), std::move(t));
}

void bind_tensor(nb::module_& m) {
  std::vector<PyType_Slot> slots{
      {Py_tp_dealloc, reinterpret_cast<void*>(deallocate_tensor)},
      {Py_tp_traverse, reinterpret_cast<void*>(traverse_tensor)},
      {Py_tp_clear, reinterpret_cast<void*>(clear_tensor)},
      {Py_tp_setattro, reinterpret_cast<void*>(set_attribute)},
      {Py_tp_init, reinterpret_cast<void*>(init_tensor)},
      {Py_tp_new, reinterpret_cast<void*>(new_tensor)},
      {Py_tp_members, members},
      {Py_tp_getset, dict_property},
      {Py_tp_doc, const_cast<char*>("A strided array of numbers that records what is computed with it.")}};
  slots.push_back({Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)});
  slots.push_back({Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)});
  add_operator_slots(slots);
  add_index_slots(slots);
  add_text_slots(slots);
  slots.push_back({0, nullptr});
  PyType_Spec spec{"lamina.Tensor", sizeof(PyTensor), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                   slots.data()};
  TensorType = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&spec)).release().ptr());
  PyType_Slot parameter_slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(new_parameter)},
      {Py_tp_doc, const_cast<char*>("Parameter(data=None, requires_grad=True)\n--\n\n"
                                    "A tensor that a module registers when it is assigned as an attribute.")},
      {0, nullptr}};
  PyType_Spec parameter_spec{"lamina.nn.Parameter", sizeof(PyTensor), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                             parameter_slots};
  ParameterType = reinterpret_cast<PyTypeObject*>(
      checked(PyType_FromSpecWithBases(&parameter_spec, reinterpret_cast<PyObject*>(TensorType))).release().ptr());
  m.attr("Tensor") = nb::handle(reinterpret_cast<PyObject*>(TensorType));
  m.attr("Parameter") = nb::handle(reinterpret_cast<PyObject*>(ParameterType));
  add_attributes(TensorType);
  add_methods(m);
  add_conversions(m);
  add_hooks(m);
  add_copy_methods(m);
}

}  // namespace lamina::python

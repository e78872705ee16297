#include "python/grad_fn.h"

#include <string>
#include <unordered_map>

#include "lamina/graph/node.h"
#include "python/bind.h"
#include "python/errors.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

// `leaf` stands for the place where a leaf's gradient is added up, which is no node in the C++ graph.
struct PyNode {
  PyObject_HEAD NodeRef node;
  Tensor leaf;
};

PyTypeObject* NodeType;

PyNode* object(PyObject* o) { return reinterpret_cast<PyNode*>(o); }
const void* identity(PyObject* o) {
  return object(o)->node ? static_cast<const void*>(object(o)->node.get()) : object(o)->leaf.impl();
}

// Each name is a class of its own, so that type(x.grad_fn).__name__ says "MulBackward0".
PyTypeObject* type_named(const std::string& name) {
  static std::unordered_map<std::string, PyTypeObject*> types;
  PyTypeObject*& type = types[name];
  if (!type) {
    const nb::object made = nb::handle(reinterpret_cast<PyObject*>(&PyType_Type))(
        nb::str(name.c_str()), nb::make_tuple(nb::handle(reinterpret_cast<PyObject*>(NodeType))), nb::dict());
    type = reinterpret_cast<PyTypeObject*>(nb::object(made).release().ptr());
  }
  return type;
}

PyObject* make(const char* name, NodeRef node, Tensor leaf) {
  PyTypeObject* type = type_named(name);
  PyObject* o = type->tp_alloc(type, 0);
  if (!o) return nullptr;
  new (&object(o)->node) NodeRef(std::move(node));
  new (&object(o)->leaf) Tensor(std::move(leaf));
  return o;
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  object(self)->node.~NodeRef();
  object(self)->leaf.~Tensor();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* repr(PyObject* self) { return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self); }
Py_hash_t hash(PyObject* self) { return Py_hash_t(reinterpret_cast<uintptr_t>(identity(self)) >> 4); }
PyObject* compare(PyObject* a, PyObject* b, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || !PyObject_TypeCheck(b, NodeType)) Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong((identity(a) == identity(b)) == (operation == Py_EQ));
}

PyObject* name(PyObject* self, PyObject*) { return PyUnicode_FromString(Py_TYPE(self)->tp_name); }

PyObject* variable(PyObject* self, void*) {
  if (object(self)->leaf.defined()) return wrap(object(self)->leaf);
  PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute 'variable'", Py_TYPE(self)->tp_name);
  return nullptr;
}

PyObject* next_functions(PyObject* self, void*) {
  return guarded([&] {
    const Node* node = object(self)->node.get();
    const size_t n = node ? node->edges.size() : 0;
    nb::object tuple = checked(PyTuple_New(Py_ssize_t(n)));
    for (size_t i = 0; i < n; ++i) {
      const Edge& edge = node->edges[i];
      nb::object next = edge.node             ? checked(new_grad_fn(edge.node))
                        : edge.leaf.defined() ? checked(make("AccumulateGrad", {}, edge.leaf))
                                              : nb::none();
      PyTuple_SET_ITEM(tuple.ptr(), Py_ssize_t(i), nb::make_tuple(next, edge.index).release().ptr());
    }
    return tuple.release().ptr();
  });
}

PyMethodDef methods[] = {{"name", name, METH_NOARGS, "name(self) -> str\n--\n\nThe name of the operation's gradient."},
                         {}};
PyGetSetDef properties[] = {{"next_functions", next_functions, nullptr,
                             "The nodes of the inputs, each with the output that was used.", nullptr},
                            {"variable", variable, nullptr, "The leaf, of an AccumulateGrad.", nullptr},
                            {}};

}  // namespace

PyObject* new_grad_fn(const NodeRef& node) {
  if (!node) Py_RETURN_NONE;
  return make(node->name(), node, {});
}

void bind_grad_fn(nb::module_& m) {
  PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
                         {Py_tp_repr, reinterpret_cast<void*>(repr)},
                         {Py_tp_hash, reinterpret_cast<void*>(hash)},
                         {Py_tp_richcompare, reinterpret_cast<void*>(compare)},
                         {Py_tp_methods, methods},
                         {Py_tp_getset, properties},
                         {Py_tp_doc, const_cast<char*>("A node of the autograd graph.")},
                         {0, nullptr}};
  PyType_Spec spec{"lamina.autograd.Node", sizeof(PyNode), 0,
                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  NodeType = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&spec)).release().ptr());
  m.attr("Node") = nb::handle(reinterpret_cast<PyObject*>(NodeType));
}

}  // namespace lamina::python

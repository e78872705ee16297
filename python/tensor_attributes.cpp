// The attributes of a tensor: x.shape, x.dtype, x.grad, x.requires_grad, …
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/device.h"
#include "python/dtype.h"
#include "python/errors.h"
#include "python/size.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

PyObject* shape_(PyObject* self, void*) { return new_size(tensor_of(self).shape()); }
PyObject* dtype_(PyObject* self, void*) { return Py_NewRef(dtype_object(tensor_of(self).dtype())); }
PyObject* device_(PyObject*, void*) { return new_device(); }
PyObject* ndim_(PyObject* self, void*) { return PyLong_FromLong(tensor_of(self).rank()); }
PyObject* is_leaf_(PyObject* self, void*) { return PyBool_FromLong(tensor_of(self).is_leaf()); }
PyObject* version_(PyObject* self, void*) { return PyLong_FromUnsignedLong(tensor_of(self).version()); }

PyObject* requires_grad_(PyObject* self, void*) { return PyBool_FromLong(tensor_of(self).requires_grad()); }
int set_requires_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const int on = value ? PyObject_IsTrue(value) : 0;
    if (on < 0) throw nb::python_error();
    Tensor(tensor_of(self)).requires_grad_(on != 0);
  });
}

PyObject* grad_(PyObject* self, void*) { return wrap(tensor_of(self).grad()); }
int set_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const Tensor& t = tensor_of(self);
    if (!value || value == Py_None) return t.set_grad({});
    if (!is_tensor(value)) {
      PyErr_Format(PyExc_TypeError, "assigned grad expected to be a Tensor or None but got grad of type %.200s", Py_TYPE(value)->tp_name);
      throw nb::python_error();
    }
    const Tensor& grad = tensor_of(value);
    if (grad.is(t)) throw Error("can't assign Variable as its own grad");
    if (grad.dtype() != t.dtype())
      throw DTypeError(str("assigned grad has dtype ", name(grad.dtype()), ", the tensor has ", name(t.dtype())));
    if (grad.shape() != t.shape())
      throw ShapeError(str("assigned grad has data of a different size: ", grad.shape(), ", the tensor has ", t.shape()));
    t.set_grad(grad);
  });
}

PyGetSetDef properties[] = {
    {"shape", shape_, nullptr, "The sizes of the dimensions.", nullptr},
    {"dtype", dtype_, nullptr, "The element type.", nullptr},
    {"device", device_, nullptr, "device(type='cpu').", nullptr},
    {"ndim", ndim_, nullptr, "The number of dimensions.", nullptr},
    {"is_leaf", is_leaf_, nullptr, "Whether no recorded operation made this tensor.", nullptr},
    {"requires_grad", requires_grad_, set_requires_grad, "Whether operations on this tensor are recorded.", nullptr},
    {"grad", grad_, set_grad, "The gradient that backward() added up, or None.", nullptr},
    {"_version", version_, nullptr, "How often the memory was changed in place.", nullptr},
    {}};

}  // namespace

void add_attributes(PyTypeObject* type) {
  for (PyGetSetDef* p = properties; p->name; ++p) {
    const nb::object descriptor = checked(PyDescr_NewGetSet(type, p));
    nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), p->name, descriptor);
  }
}

}  // namespace lamina::python

// The attributes of a tensor: x.shape, x.dtype, x.grad, x.requires_grad, …
#include "lamina/core/error.h"
#include "lamina/core/row_sparse.h"
#include "lamina/core/text.h"
#include "lamina/ops/view.h"
#include "python/device.h"
#include "python/dtype.h"
#include "python/errors.h"
#include "python/formats.h"
#include "python/grad_fn.h"
#include "python/size.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

// ---- what a tensor is ---------------------------------------------------------------------------------------------
PyObject* shape(PyObject* self, void*) { return new_size(tensor_of(self).shape()); }
PyObject* dtype(PyObject* self, void*) { return Py_NewRef(dtype_object(tensor_of(self).dtype())); }
PyObject* device(PyObject*, void*) { return new_device(); }
PyObject* layout(PyObject* self, void*) { return sparse_rows(tensor_of(self)) ? sparse_layout() : strided_layout(); }
PyObject* is_sparse(PyObject* self, void*) { return PyBool_FromLong(sparse_rows(tensor_of(self)) != nullptr); }
PyObject* ndim(PyObject* self, void*) { return PyLong_FromLong(tensor_of(self).rank()); }
PyObject* itemsize(PyObject* self, void*) { return PyLong_FromLongLong(element_size(tensor_of(self).dtype())); }
PyObject* nbytes(PyObject* self, void*) {
  return PyLong_FromLongLong(tensor_of(self).numel() * element_size(tensor_of(self).dtype()));
}
PyObject* yes(PyObject*, void*) { Py_RETURN_TRUE; }
PyObject* no(PyObject*, void*) { Py_RETURN_FALSE; }
PyObject* version(PyObject* self, void*) { return PyLong_FromUnsignedLong(tensor_of(self).version()); }

// ---- views --------------------------------------------------------------------------------------------------------
template <Tensor (*f)(const Tensor&)>
PyObject* view(PyObject* self, void*) {
  return guarded([&] { return wrap(f(tensor_of(self))); });
}

// The values without history and with a count of changes of its own: what is done to x.data, autograd does not see.
PyObject* data(PyObject* self, void*) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    Tensor y = alias(t, t.shape(), t.strides());
    y->extras = std::make_unique<TensorExtras>();
    y->extras->own_version = new std::atomic<uint32_t>(t.version());
    return wrap(std::move(y));
  });
}

int set_data(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (!value || !is_tensor(value)) {
      PyErr_Format(PyExc_TypeError, "Variable data has to be a tensor, but got %.200s",
                   value ? Py_TYPE(value)->tp_name : "nothing");
      throw nb::python_error();
    }
    tensor_of(self).assign_values(tensor_of(value));
  });
}

// ---- autograd -----------------------------------------------------------------------------------------------------
PyObject* is_leaf(PyObject* self, void*) { return PyBool_FromLong(tensor_of(self).is_leaf()); }
PyObject* grad_fn(PyObject* self, void*) {
  return guarded([&] { return new_grad_fn(tensor_of(self).grad_fn()); });
}
PyObject* output_nr(PyObject* self, void*) { return PyLong_FromLong(tensor_of(self)->output_index); }
PyObject* base(PyObject* self, void*) { return wrap(tensor_of(self)->base); }

PyObject* requires_grad(PyObject* self, void*) { return PyBool_FromLong(tensor_of(self).requires_grad()); }
int set_requires_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const int on = value ? PyObject_IsTrue(value) : 0;
    if (on < 0) throw nb::python_error();
    Tensor(tensor_of(self)).requires_grad_(on != 0);
  });
}

PyObject* grad(PyObject* self, void*) { return wrap(tensor_of(self).grad()); }
int set_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const Tensor& t = tensor_of(self);
    if (!value || value == Py_None) return t.set_grad({});
    if (!is_tensor(value)) {
      PyErr_Format(PyExc_TypeError, "assigned grad expected to be a Tensor or None but got grad of type %.200s",
                   Py_TYPE(value)->tp_name);
      throw nb::python_error();
    }
    const Tensor& grad = tensor_of(value);
    if (grad.is(t)) throw Error("can't assign Variable as its own grad");
    if (grad.dtype() != t.dtype())
      throw DTypeError(str("attempting to assign a gradient with dtype ", name(grad.dtype()), " to a tensor of dtype ",
                           name(t.dtype())));
    if (grad.shape() != t.shape())
      throw ShapeError(str("attempting to assign a gradient of size '", grad.shape().list_text(),
                           "' to a tensor of size '", t.shape().list_text(),
                           "'. Please ensure that the gradient and the tensor are the same size"));
    t.set_grad(grad);
  });
}

PyGetSetDef properties[] = {
    {"shape", shape, nullptr, "The sizes of the dimensions.", nullptr},
    {"dtype", dtype, nullptr, "The element type.", nullptr},
    {"device", device, nullptr, "device(type='cpu').", nullptr},
    {"layout", layout, nullptr, "torch.strided, or torch.sparse_coo of a gradient that knows its rows.", nullptr},
    {"ndim", ndim, nullptr, "The number of dimensions.", nullptr},
    {"itemsize", itemsize, nullptr, "Bytes of one element.", nullptr},
    {"nbytes", nbytes, nullptr, "Bytes of all elements.", nullptr},
    {"is_cpu", yes, nullptr, nullptr, nullptr},
    {"is_cuda", no, nullptr, nullptr, nullptr},
    {"is_mps", no, nullptr, nullptr, nullptr},
    {"is_xpu", no, nullptr, nullptr, nullptr},
    {"is_meta", no, nullptr, nullptr, nullptr},
    {"is_sparse", is_sparse, nullptr, "Whether it is a gradient that knows its rows.", nullptr},
    {"is_nested", no, nullptr, nullptr, nullptr},
    {"is_quantized", no, nullptr, nullptr, nullptr},
    {"T", view<ops::reverse_dims>, nullptr, "The tensor with its dimensions reversed.", nullptr},
    {"mT", view<ops::matrix_transpose>, nullptr, "The tensor with its last two dimensions exchanged.", nullptr},
    {"H", view<ops::reverse_dims>, nullptr, nullptr, nullptr},
    {"mH", view<ops::matrix_transpose>, nullptr, nullptr, nullptr},
    {"data", data, set_data, "The same values without history.", nullptr},
    {"is_leaf", is_leaf, nullptr, "Whether no recorded operation made this tensor.", nullptr},
    {"requires_grad", requires_grad, set_requires_grad, "Whether operations on this tensor are recorded.", nullptr},
    {"grad", grad, set_grad, "The gradient that backward() added up, or None.", nullptr},
    {"grad_fn", grad_fn, nullptr, "The node of the graph that made this tensor, or None.", nullptr},
    {"output_nr", output_nr, nullptr, "Which output of grad_fn this is.", nullptr},
    {"_base", base, nullptr, "The tensor of which this is a view, or None.", nullptr},
    {"_version", version, nullptr, "How often the memory was changed in place.", nullptr},
    {}};

}  // namespace

void add_attributes(PyTypeObject* type) {
  const nb::handle tensor(reinterpret_cast<PyObject*>(type));
  for (PyGetSetDef* p = properties; p->name; ++p) nb::setattr(tensor, p->name, checked(PyDescr_NewGetSet(type, p)));
  tensor.attr("__array_priority__") = 1000;  // NumPy leaves array * tensor to us
}

}  // namespace lamina::python

// The operators of a tensor: + - * / @ ** == < …, reflected and in place. Each is one C function between Python and the
// operation: no Python code runs and no count is touched on the way.
#include "lamina/core/error.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "python/errors.h"
#include "python/number.h"
#include "python/numpy.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

// The other operand: a tensor, a number, or a NumPy array, which is shared for the operation.
class Other {
 public:
  explicit Other(PyObject* o) {
    if (is_tensor(o)) tensor_ = &tensor_of(o);
    else if (PyFloat_CheckExact(o)) scalar_ = PyFloat_AS_DOUBLE(o);
    else if (is_array(o)) tensor_ = &(array_ = from_array(o));
    else if (!scalar_from(o, scalar_)) {
      known_ = false;
      if (PyLong_Check(o)) scalar_of(o, "int too big to convert");  // throws
    }
  }
  bool known() const { return known_; }
  bool is_tensor_like() const { return tensor_ != nullptr; }
  const Tensor& tensor() const { return *tensor_; }
  Scalar scalar() const { return scalar_; }

 private:
  const Tensor* tensor_ = nullptr;
  Tensor array_;
  Scalar scalar_ = 0;
  bool known_ = true;
};

// F has operator() for (Tensor, Tensor), (Tensor, Scalar) and (Scalar, Tensor).
template <class F>
PyObject* binary(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    if (is_tensor(a)) {
      const Other other(b);
      if (!other.known()) Py_RETURN_NOTIMPLEMENTED;
      return wrap(other.is_tensor_like() ? F()(tensor_of(a), other.tensor()) : F()(tensor_of(a), other.scalar()));
    }
    const Other other(a);
    if (!other.known()) Py_RETURN_NOTIMPLEMENTED;
    return wrap(other.is_tensor_like() ? F()(other.tensor(), tensor_of(b)) : F()(other.scalar(), tensor_of(b)));
  });
}

template <class F>
PyObject* inplace(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    const Other other(b);
    if (!other.known()) Py_RETURN_NOTIMPLEMENTED;
    if (other.is_tensor_like()) F()(tensor_of(a), other.tensor());
    else F()(tensor_of(a), other.scalar());
    return Py_NewRef(a);
  });
}

template <Tensor (*f)(const Tensor&)>
PyObject* unary(PyObject* self) {
  return guarded([&] { return wrap(f(tensor_of(self))); });
}

struct Add {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::add(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::add(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::add(b, a); }
};
struct Sub {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::sub(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::sub(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::rsub(b, a); }
};
struct Mul {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::mul(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::mul(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::mul(b, a); }
};
struct Div {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::div(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::div(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::rdiv(b, a); }
};

PyObject* matmul(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    const Other left(a), right(b);
    if (!left.known() || !right.known() || !left.is_tensor_like() || !right.is_tensor_like()) Py_RETURN_NOTIMPLEMENTED;
    return wrap(ops::matmul(left.tensor(), right.tensor()));
  });
}

PyObject* positive(PyObject* self) { return Py_NewRef(self); }

Py_hash_t hash(PyObject* self) { return Py_hash_t(reinterpret_cast<uintptr_t>(self)); }  // id(x), as PyTorch's

// ---- conversion to Python numbers ---------------------------------------------------------------------------------
Scalar only_element(PyObject* self) {
  const Tensor& t = tensor_of(self);
  if (t.numel() != 1) throw OptionError("only one element tensors can be converted to Python scalars");
  return read_element(t.bytes(), t.dtype());
}

int truth(PyObject* self) {
  int result = 0;
  const int failed = guarded_int([&] {
    const Tensor& t = tensor_of(self);
    if (t.numel() != 1)
      throw Error(t.numel() ? "Boolean value of Tensor with more than one value is ambiguous"
                            : "Boolean value of Tensor with no values is ambiguous");
    result = read_element(t.bytes(), t.dtype()).to_double() != 0;
  });
  return failed ? -1 : result;
}

PyObject* to_float(PyObject* self) {
  return guarded([&] { return PyFloat_FromDouble(only_element(self).to_double()); });
}

PyObject* to_int(PyObject* self) {
  return guarded([&] {
    const Scalar v = only_element(self);
    return v.kind() == Scalar::Kind::Float ? PyLong_FromDouble(v.to_double()) : PyLong_FromLongLong(v.to<int64_t>());
  });
}

PyObject* to_index(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = tensor_of(self);
    if (t.numel() != 1 || is_floating_point(t.dtype())) {
      PyErr_SetString(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
      return nullptr;
    }
    return PyLong_FromLongLong(read_element(t.bytes(), t.dtype()).to<int64_t>());
  });
}

}  // namespace

void add_operator_slots(Slots& slots) {
  const auto add = [&](int slot, auto function) { slots.push_back({slot, reinterpret_cast<void*>(function)}); };
  add(Py_tp_hash, hash);
  add(Py_nb_bool, truth);
  add(Py_nb_float, to_float);
  add(Py_nb_int, to_int);
  add(Py_nb_index, to_index);
  add(Py_nb_positive, positive);
  add(Py_nb_negative, unary<ops::neg>);
  add(Py_nb_add, binary<Add>);
  add(Py_nb_subtract, binary<Sub>);
  add(Py_nb_multiply, binary<Mul>);
  add(Py_nb_true_divide, binary<Div>);
  add(Py_nb_matrix_multiply, matmul);
}

}  // namespace lamina::python

// The operators of a tensor: + - * / @ ** == < …, reflected and in place. Each is one C function between Python and the
// operation: no Python code runs and no count is touched on the way.
#include "lamina/core/error.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/unary.h"
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

// A number as a tensor without dimensions, of the type that it has beside x.
Tensor zero_dim(Scalar number, const Tensor& x) { return ops::full({}, number, ops::result_type(x, number)); }

struct FloorDiv {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::floor_divide(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::floor_divide(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::rfloor_divide(b, a); }
};
struct Remainder {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::remainder(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::remainder(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::rremainder(b, a); }
};
struct Pow {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::pow(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::pow(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::pow(a, b); }
};
struct And {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::bitwise_and(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::bitwise_and(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::bitwise_and(b, a); }
};
struct Or {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::bitwise_or(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::bitwise_or(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::bitwise_or(b, a); }
};
struct Xor {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::bitwise_xor(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::bitwise_xor(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::bitwise_xor(b, a); }
};
struct LeftShift {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::bitwise_left_shift(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::bitwise_left_shift(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::bitwise_left_shift(zero_dim(a, b), b); }
};
struct RightShift {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::bitwise_right_shift(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::bitwise_right_shift(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::bitwise_right_shift(zero_dim(a, b), b); }
};
struct Eq {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::eq(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::eq(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::eq(b, a); }
};
struct Ne {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::ne(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::ne(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::ne(b, a); }
};
struct Lt {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::lt(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::lt(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::gt(b, a); }
};
struct Le {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::le(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::le(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::ge(b, a); }
};
struct Gt {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::gt(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::gt(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::lt(b, a); }
};
struct Ge {
  Tensor operator()(const Tensor& a, const Tensor& b) const { return ops::ge(a, b); }
  Tensor operator()(const Tensor& a, Scalar b) const { return ops::ge(a, b); }
  Tensor operator()(Scalar a, const Tensor& b) const { return ops::le(b, a); }
};

template <class F>
struct InPlace;  // the in-place form beside each
template <>
struct InPlace<Add> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::add_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::add_(self, b); }
};
template <>
struct InPlace<Sub> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::sub_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::sub_(self, b); }
};
template <>
struct InPlace<Mul> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::mul_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::mul_(self, b); }
};
template <>
struct InPlace<Div> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::div_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::div_(self, b); }
};
template <>
struct InPlace<FloorDiv> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::floor_divide_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::floor_divide_(self, b); }
};
template <>
struct InPlace<Remainder> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::remainder_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::remainder_(self, b); }
};
template <>
struct InPlace<Pow> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::pow_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::pow_(self, b); }
};
template <>
struct InPlace<And> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::bitwise_and_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::bitwise_and_(self, zero_dim(b, self)); }
};
template <>
struct InPlace<Or> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::bitwise_or_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::bitwise_or_(self, zero_dim(b, self)); }
};
template <>
struct InPlace<Xor> {
  void operator()(const Tensor& self, const Tensor& b) const { ops::bitwise_xor_(self, b); }
  void operator()(const Tensor& self, Scalar b) const { ops::bitwise_xor_(self, zero_dim(b, self)); }
};

PyObject* power(PyObject* a, PyObject* b, PyObject* modulus) {
  if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
  return binary<Pow>(a, b);
}
PyObject* inplace_power(PyObject* a, PyObject* b, PyObject*) { return inplace<InPlace<Pow>>(a, b); }

PyObject* compare(PyObject* a, PyObject* b, int operation) {
  switch (operation) {
    case Py_EQ: return binary<Eq>(a, b);
    case Py_NE: return binary<Ne>(a, b);
    case Py_LT: return binary<Lt>(a, b);
    case Py_LE: return binary<Le>(a, b);
    case Py_GT: return binary<Gt>(a, b);
    default: return binary<Ge>(a, b);
  }
}

PyObject* invert(PyObject* self) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    if (t.is_floating_point())
      throw DTypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors");
    return wrap(ops::bitwise_not(t));
  });
}

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
  add(Py_nb_floor_divide, binary<FloorDiv>);
  add(Py_nb_remainder, binary<Remainder>);
  add(Py_nb_power, power);
  add(Py_nb_and, binary<And>);
  add(Py_nb_or, binary<Or>);
  add(Py_nb_xor, binary<Xor>);
  add(Py_nb_lshift, binary<LeftShift>);
  add(Py_nb_rshift, binary<RightShift>);
  add(Py_nb_invert, invert);
  add(Py_nb_absolute, unary<ops::abs>);
  add(Py_nb_inplace_add, inplace<InPlace<Add>>);
  add(Py_nb_inplace_subtract, inplace<InPlace<Sub>>);
  add(Py_nb_inplace_multiply, inplace<InPlace<Mul>>);
  add(Py_nb_inplace_true_divide, inplace<InPlace<Div>>);
  add(Py_nb_inplace_floor_divide, inplace<InPlace<FloorDiv>>);
  add(Py_nb_inplace_remainder, inplace<InPlace<Remainder>>);
  add(Py_nb_inplace_power, inplace_power);
  add(Py_nb_inplace_and, inplace<InPlace<And>>);
  add(Py_nb_inplace_or, inplace<InPlace<Or>>);
  add(Py_nb_inplace_xor, inplace<InPlace<Xor>>);
  add(Py_tp_richcompare, compare);
}

}  // namespace lamina::python

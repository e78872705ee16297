#include "python/data.h"

#include <cmath>
#include <limits>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/promote.h"
#include "python/errors.h"
#include "python/number.h"
#include "python/numpy.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

constexpr int kMaxDepth = 64;  // a list that contains itself ends here

std::string type_name(PyObject* o) {
  const std::string full = Py_TYPE(o)->tp_name;
  return full.substr(full.rfind('.') + 1);
}

// A tensor counts as one number, NumPy's scalars too; text is no sequence of numbers.
bool is_sequence(PyObject* o) {
  if (PyList_Check(o) || PyTuple_Check(o)) return true;
  return PySequence_Check(o) && !is_tensor(o) && !PyUnicode_Check(o) && !PyBytes_Check(o) && !PyDict_Check(o) &&
         !array_scalar_dtype(o) && PySequence_Size(o) >= 0;
}

// The items of a sequence; `o` itself where it is a list or tuple.
nb::object items_of(PyObject* o) { return checked(PySequence_Fast(o, "not a sequence")); }

// First pass: sizes by the first item of each level, and the type of all numbers together.
class Scan {
 public:
  Shape shape;
  std::optional<DType> dtype;

  explicit Scan(PyObject* data) {
    measure(data);
    visit(data, 0);
  }

 private:
  void measure(PyObject* o) {
    nb::object level = nb::borrow(o);
    while (is_sequence(level.ptr())) {
      if (shape.rank() == kMaxDepth) throw ShapeError(str("data nested more than ", kMaxDepth, " levels deep"));
      const nb::object items = items_of(level.ptr());
      const Py_ssize_t n = PySequence_Fast_GET_SIZE(items.ptr());
      shape.push_back(n);
      if (n == 0) return;
      level = nb::borrow(PySequence_Fast_GET_ITEM(items.ptr(), 0));
    }
    PyErr_Clear();  // of a class whose length cannot be asked
  }

  void visit(PyObject* o, int depth) {
    if (depth == shape.rank()) return number(o);
    if (!is_sequence(o)) {
      PyErr_Format(PyExc_TypeError, "expected a sequence of length %lld at dim %d, got %.200s",
                   static_cast<long long>(shape[depth]), depth, Py_TYPE(o)->tp_name);
      throw nb::python_error();
    }
    const nb::object items = items_of(o);
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(items.ptr());
    if (n != shape[depth])
      throw ShapeError(str("expected sequence of length ", shape[depth], " at dim ", depth, " (got ", n, ")"));
    for (Py_ssize_t i = 0; i < n; ++i) visit(PySequence_Fast_GET_ITEM(items.ptr(), i), depth + 1);
  }

  void number(PyObject* o) {
    if (PyFloat_CheckExact(o)) return add(default_dtype());
    if (PyBool_Check(o)) return add(kBool);
    if (PyLong_CheckExact(o)) return add(kInt64);
    if (is_tensor(o)) {
      if (tensor_of(o).numel() != 1)
        throw OptionError("only one element tensors can be converted to Python scalars",
                          "Use torch.stack to join tensors");
      return add(tensor_of(o).dtype());
    }
    if (const auto numpy = array_scalar_dtype(o)) return add(*numpy);
    if (PyFloat_Check(o)) return add(default_dtype());
    if (PyLong_Check(o)) return add(kInt64);
    Scalar converted = 0;
    if (scalar_from(o, converted)) return add(converted.kind() == Scalar::Kind::Float ? default_dtype() : kInt64);
    refuse(o);
  }

  [[noreturn]] void refuse(PyObject* o) {
    const std::string type = type_name(o);
    if (PyComplex_Check(o))
      throw NotImplementedError("complex numbers are not there", "Keep real and imaginary parts as two tensors");
    if (PyUnicode_Check(o) || PyBytes_Check(o)) {
      if (shape.empty()) PyErr_Format(PyExc_TypeError, "new(): invalid data type '%s'", type.c_str());
      else PyErr_Format(PyExc_ValueError, "too many dimensions '%s'", type.c_str());
      throw nb::python_error();
    }
    if (is_sequence(o)) {
      PyErr_Format(PyExc_TypeError,
                   "'%s' object cannot be interpreted as a number: the first items are numbers, so all must be",
                   type.c_str());
      throw nb::python_error();
    }
    PyErr_Clear();
    throw DTypeError(str("Could not infer dtype of ", type));
  }

  void add(DType found) { dtype = dtype ? ops::promote_types(*dtype, found) : found; }
};

template <class T>
[[noreturn]] void does_not_fit() {
  throw OptionError(str("value cannot be converted to type ", name(dtype_of<T>::value), " without overflow"));
}

// Second pass: the numbers, in order.
template <class T>
T convert(PyObject* o) {
  if constexpr (std::is_same_v<T, bool>) {
    const int truth = PyObject_IsTrue(o);
    if (truth < 0) throw nb::python_error();
    return truth != 0;
  } else if constexpr (!std::is_integral_v<T>) {
    double v = PyFloat_CheckExact(o) ? PyFloat_AS_DOUBLE(o) : PyFloat_AsDouble(o);
    if (v == -1 && PyErr_Occurred()) throw nb::python_error();
    return T(compute_t<T>(v));
  } else {
    int64_t v;
    if (PyFloat_Check(o)) {
      const double f = PyFloat_AS_DOUBLE(o);
      if (!(f >= -0x1p63 && f < 0x1p63)) does_not_fit<T>();  // NaN too
      v = int64_t(f);
    } else {
      Scalar scalar = 0;
      if (PyLong_Check(o)) {
        int overflow = 0;
        v = PyLong_AsLongLongAndOverflow(o, &overflow);
        if (overflow) throw OptionError(str("Overflow when unpacking long long: an int does not fit into 64 bits"));
      } else {
        if (is_tensor(o)) scalar = read_element(tensor_of(o).bytes(), tensor_of(o).dtype());
        else scalar = scalar_of(o, "data");
        if (scalar.kind() == Scalar::Kind::Float && !(scalar.to_double() >= -0x1p63 && scalar.to_double() < 0x1p63))
          does_not_fit<T>();
        v = scalar.to<int64_t>();
      }
    }
    // negative numbers wrap in an unsigned type, as in PyTorch
    const int64_t low =
        std::is_unsigned_v<T> ? -int64_t(std::numeric_limits<T>::max()) : int64_t(std::numeric_limits<T>::min());
    if (v < low || v > int64_t(std::numeric_limits<T>::max())) does_not_fit<T>();
    return T(v);
  }
}

template <class T>
void store(PyObject* o, const Shape& shape, int depth, T*& out) {
  if (depth == shape.rank()) {
    *out++ = convert<T>(o);
    return;
  }
  const nb::object items = items_of(o);
  if (PySequence_Fast_GET_SIZE(items.ptr()) != shape[depth]) throw Error("the data changed while it was read");
  for (int64_t i = 0; i < shape[depth]; ++i) store(PySequence_Fast_GET_ITEM(items.ptr(), i), shape, depth + 1, out);
}

Tensor copy(const Tensor& from, DType dtype) {
  Tensor y = empty(from.shape(), dtype);
  ops::copy_values(y, from);
  return y;
}

}  // namespace

Tensor tensor_from(PyObject* data, std::optional<DType> dtype) {
  if (is_tensor(data)) return copy(tensor_of(data), dtype.value_or(tensor_of(data).dtype()));
  if (is_array(data)) {
    const Tensor shared = from_array(data);
    return copy(shared, dtype.value_or(shared.dtype()));
  }
  const Scan scan(data);
  Tensor y = empty(scan.shape, dtype.value_or(scan.dtype.value_or(default_dtype())));
  dispatch_all(y.dtype(), [&]<class T>() {
    T* out = y.data<T>();
    if (y.numel() > 0) store(data, scan.shape, 0, out);
  });
  return y;
}

Tensor as_tensor(PyObject* data, std::optional<DType> dtype) {
  if (is_tensor(data)) {
    const Tensor& t = tensor_of(data);
    return dtype ? ops::to(t, *dtype) : t;
  }
  if (is_array(data)) {
    const Tensor shared = from_array(data);
    return dtype ? ops::to(shared, *dtype) : shared;
  }
  return tensor_from(data, dtype);
}

}  // namespace lamina::python

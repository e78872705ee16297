#include "python/dtype.h"

#include <array>
#include <limits>
#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "python/bind.h"
#include "python/casters.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

struct PyDType { PyObject_HEAD DType dtype; };

PyTypeObject* DTypeType;
std::array<PyObject*, 10> objects;

DType of(PyObject* o) { return reinterpret_cast<PyDType*>(o)->dtype; }

PyObject* repr(PyObject* self) { return PyUnicode_FromFormat("torch.%s", name(of(self))); }

PyObject* is_floating_point_(PyObject* self, void*) { return PyBool_FromLong(is_floating_point(of(self))); }
PyObject* is_complex_(PyObject*, void*) { Py_RETURN_FALSE; }
PyObject* is_signed_(PyObject* self, void*) { return PyBool_FromLong(of(self) != kUInt8 && of(self) != kBool); }
PyObject* itemsize_(PyObject* self, void*) { return PyLong_FromLongLong(element_size(of(self))); }

// By its name in the module, so that pickle and copy give the very same object back.
PyObject* reduce(PyObject* self, PyObject*) { return PyUnicode_FromString(name(of(self))); }

PyGetSetDef properties[] = {
    {"is_floating_point", is_floating_point_, nullptr, "Whether the type has fractions.", nullptr},
    {"is_complex", is_complex_, nullptr, "Always False: Lamina has no complex numbers.", nullptr},
    {"is_signed", is_signed_, nullptr, "Whether the type has negative numbers.", nullptr},
    {"itemsize", itemsize_, nullptr, "Bytes of one element.", nullptr},
    {}};

PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {}};

struct FInfo {
  DType dtype;
  double max, eps, tiny, smallest_subnormal;
};

FInfo finfo(DType dtype) {
  switch (dtype) {
    case DType::Float64: return {dtype, std::numeric_limits<double>::max(), 0x1p-52, 0x1p-1022, 0x1p-1074};
    case DType::Float32: return {dtype, double(std::numeric_limits<float>::max()), 0x1p-23, 0x1p-126, 0x1p-149};
    case DType::BFloat16: return {dtype, 0x1.FEp127, 0x1p-7, 0x1p-126, 0x1p-133};
    case DType::Float16: return {dtype, 65504, 0x1p-10, 0x1p-14, 0x1p-24};
    default:
      throw DTypeError(
          str("torch.finfo() requires a floating point input type. Use torch.iinfo to handle '", name(dtype), "'"));
  }
}

struct IInfo {
  DType dtype;
  int64_t min, max;
};

IInfo iinfo(DType dtype) {
  if (dtype == kUInt8) return {dtype, 0, 255};
  if (!is_integral(dtype))
    throw DTypeError(
        str("torch.iinfo() requires an integer input type. Use torch.finfo to handle '", name(dtype), "'"));
  const int bits = int(element_size(dtype) * 8 - 1);
  const int64_t max = int64_t((uint64_t(1) << bits) - 1);
  return {dtype, -max - 1, max};
}

// PyTorch shows the limits as %g does
std::string short_text(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", v);
  return text;
}

void bind_limits(nb::module_& m) {
  nb::class_<FInfo>(m, "finfo", "Numerical properties of a floating-point type.")
      .def(
          "__init__",
          [](FInfo* self, std::optional<DType> type) { new (self) FInfo(finfo(type.value_or(default_dtype()))); },
          nb::arg("type") = nb::none())
      .def_prop_ro("bits", [](const FInfo& f) { return element_size(f.dtype) * 8; })
      .def_ro("max", &FInfo::max)
      .def_prop_ro("min", [](const FInfo& f) { return -f.max; })
      .def_ro("eps", &FInfo::eps)
      .def_ro("tiny", &FInfo::tiny)
      .def_ro("smallest_normal", &FInfo::tiny)
      .def_prop_ro("resolution",
                   [](const FInfo& f) {
                     switch (f.dtype) {
                       case DType::Float64: return 1e-15;
                       case DType::Float32: return 1e-6;
                       case DType::Float16: return 1e-3;
                       default: return 1e-2;
                     }
                   })
      .def_prop_ro("dtype", [](const FInfo& f) { return name(f.dtype); })
      .def("__repr__", [](const FInfo& f) {
        const double resolution = f.dtype == kFloat64   ? 1e-15
                                  : f.dtype == kFloat32 ? 1e-6
                                  : f.dtype == kFloat16 ? 1e-3
                                                        : 1e-2;
        return str("finfo(resolution=", short_text(resolution), ", min=", short_text(-f.max),
                   ", max=", short_text(f.max), ", eps=", short_text(f.eps), ", smallest_normal=", short_text(f.tiny),
                   ", tiny=", short_text(f.tiny), ", dtype=", name(f.dtype), ")");
      });
  nb::class_<IInfo>(m, "iinfo", "Numerical properties of an integer type.")
      .def(
          "__init__", [](IInfo* self, DType type) { new (self) IInfo(iinfo(type)); }, nb::arg("type"))
      .def_prop_ro("bits", [](const IInfo& i) { return element_size(i.dtype) * 8; })
      .def_ro("max", &IInfo::max)
      .def_ro("min", &IInfo::min)
      .def_prop_ro("dtype", [](const IInfo& i) { return name(i.dtype); })
      .def("__repr__", [](const IInfo& i) {
        return str("iinfo(min=", short_text(double(i.min)), ", max=", short_text(double(i.max)),
                   ", dtype=", name(i.dtype), ")");
      });
}

}  // namespace

PyObject* dtype_object(DType dtype) { return objects[size_t(dtype)]; }

bool dtype_from(PyObject* o, DType& dtype) noexcept {
  if (Py_TYPE(o) == DTypeType) dtype = of(o);
  else if (o == reinterpret_cast<PyObject*>(&PyFloat_Type)) dtype = kFloat64;
  else if (o == reinterpret_cast<PyObject*>(&PyLong_Type)) dtype = kInt64;
  else if (o == reinterpret_cast<PyObject*>(&PyBool_Type)) dtype = kBool;
  else return false;
  return true;
}

void bind_dtype(nb::module_& m) {
  PyType_Slot slots[] = {{Py_tp_repr, reinterpret_cast<void*>(repr)},
                         {Py_tp_getset, properties},
                         {Py_tp_methods, methods},
                         {Py_tp_doc, const_cast<char*>("The element type of a tensor.")},
                         {0, nullptr}};
  PyType_Spec spec{"lamina.dtype", sizeof(PyDType), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  DTypeType = reinterpret_cast<PyTypeObject*>(checked(PyType_FromSpec(&spec)).release().ptr());
  m.attr("dtype") = nb::handle(reinterpret_cast<PyObject*>(DTypeType));
  for (size_t i = 0; i < objects.size(); ++i) {
    nb::object o = checked(DTypeType->tp_alloc(DTypeType, 0));
    reinterpret_cast<PyDType*>(o.ptr())->dtype = DType(i);
    m.attr(name(DType(i))) = o;
    objects[i] = o.release().ptr();
  }
  constexpr std::pair<const char*, DType> aliases[] = {{"float", kFloat32}, {"double", kFloat64}, {"half", kFloat16},
                                                       {"long", kInt64},    {"int", kInt32},      {"short", kInt16}};
  for (const auto& [alias, dtype] : aliases) m.attr(alias) = nb::handle(dtype_object(dtype));
  bind_limits(m);
}

}  // namespace lamina::python

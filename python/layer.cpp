#include "python/layer.h"

#include <optional>

#include "lamina/core/text.h"
#include "python/device.h"
#include "python/module_attributes.h"
#include "python/suggestion.h"

namespace lamina::python {

namespace {

// A tuple or list of ints and None.
bool optional_sizes_from(PyObject* o, nn::OptionalSizes& sizes) {
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(o, i);
    Shape one;
    if (item == Py_None) sizes.emplace_back();
    else if (!PyTuple_Check(item) && !PyList_Check(item) && shape_from(item, one) == Sizes::Good)
      sizes.emplace_back(one[0]);
    else return false;
  }
  return true;
}

// A tuple or list of numbers, some with fractions.
bool factors_from(PyObject* o, nn::Factors& factors) {
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) {
    Scalar number = 0;
    if (!scalar_from(PySequence_Fast_GET_ITEM(o, i), number)) return false;
    factors.push_back(number.to_double());
  }
  return true;
}

}  // namespace

nn::Value value_from(nb::handle object) {
  PyObject* o = object.ptr();
  if (o == Py_None) return {};
  if (PyBool_Check(o)) return o == Py_True;
  if (is_tensor(o)) return tensor_of(o);
  if (PyUnicode_Check(o)) return nb::cast<std::string>(object);
  if (is_device(o)) return std::string("cpu");
  if (DType dtype; dtype_from(o, dtype)) return dtype;
  if (PyTuple_Check(o) || PyList_Check(o)) {
    if (Shape shape; shape_from(o, shape) == Sizes::Good) return shape;
    if (nn::OptionalSizes sizes; optional_sizes_from(o, sizes)) return sizes;
    if (nn::Factors factors; factors_from(o, factors)) return factors;
  } else if (Scalar scalar = 0; scalar_from(o, scalar)) {
    if (scalar.kind() == Scalar::Kind::Float) return scalar.to<double>();
    return scalar.to<int64_t>();
  }
  if (PyLong_Check(o))
    throw OptionError(str("the number ", nb::cast<std::string>(nb::str(object)), " does not fit 64 bits"));
  throw DTypeError(str("got ", nb::cast<std::string>(nb::repr(object)), " of type ", Py_TYPE(o)->tp_name));
}

nb::object object_from(const nn::Value& value) {
  struct Visitor {
    nb::object operator()(std::monostate) const { return nb::none(); }
    nb::object operator()(bool v) const { return nb::bool_(v); }
    nb::object operator()(int64_t v) const { return nb::int_(v); }
    nb::object operator()(double v) const { return nb::float_(v); }
    nb::object operator()(const std::string& v) const { return nb::str(v.c_str()); }
    nb::object operator()(const Shape& v) const { return checked(new_int_tuple(v)); }
    nb::object operator()(DType v) const { return nb::borrow(dtype_object(v)); }
    nb::object operator()(const Tensor& v) const { return checked(wrap(v)); }
    nb::object operator()(const nn::OptionalSizes& v) const {
      nb::list items;
      for (const auto& size : v) items.append(size ? nb::object(nb::int_(*size)) : nb::none());
      return nb::tuple(items);
    }
    nb::object operator()(const nn::Factors& v) const {
      nb::list items;
      for (const double factor : v) items.append(nb::float_(factor));
      return nb::tuple(items);
    }
  };
  return std::visit(Visitor{}, value);
}

// ---- __init__ ------------------------------------------------------------------------------------------------------

namespace {

[[noreturn]] void refuse(const std::string& message) {
  PyErr_SetString(PyExc_TypeError, message.c_str());
  throw nb::python_error();
}

// `use` of an argument's value; what goes wrong names the layer and the argument.
template <class F>
auto naming(const nn::Declaration& d, const nn::Field& field, F&& use) {
  try {
    return use();
  } catch (const Error& e) {
    DTypeError wrong(str(field.name, ": ", e.message()));
    nn::name_layer(wrong, d);
    throw wrong;
  }
}

nn::Value argument(const nn::Declaration& d, const nn::Field& field, nb::handle value) {
  if (Scalar scalar = 0;
      is_tensor(value.ptr()) && field.type.find("Tensor") == std::string::npos && scalar_from(value.ptr(), scalar))
    return scalar.kind() == Scalar::Kind::Float ? nn::Value(scalar.to<double>()) : nn::Value(scalar.to<int64_t>());
  return naming(d, field, [&] {
    try {
      return value_from(value);
    } catch (const DTypeError& e) {
      throw DTypeError(str("expected ", field.type, ", ", e.message()));
    }
  });
}

void require_all(const nn::Declaration& d, const std::vector<bool>& given) {
  std::vector<std::string> missing;
  for (size_t i = 0; i < d.fields.size(); ++i)
    if (d.fields[i].required && !given[i]) missing.push_back(str("'", d.fields[i].name, "'"));
  if (missing.empty()) return;
  std::string list = missing[0];
  for (size_t i = 1; i < missing.size(); ++i)
    list += str(i + 1 == missing.size() ? (missing.size() > 2 ? ", and " : " and ") : ", ", missing[i]);
  refuse(str(d.name, ".__init__() missing ", missing.size(), " required positional argument",
             missing.size() > 1 ? "s" : "", ": ", list));
}

void too_many(const nn::Declaration& d, Py_ssize_t count) {
  size_t required = 0;
  for (const nn::Field& field : d.fields) required += field.required;
  const size_t most = d.fields.size() + 1, least = required + 1;  // counted with self, as Python does
  refuse(str(d.name, ".__init__() takes ", least == most ? "" : str("from ", least, " to "), most,
             " positional argument", most > 1 ? "s" : "", " but ", count + 1, " were given"));
}

// One Value for each field, from Python's arguments.
std::vector<nn::Value> arguments(const nn::Declaration& d, PyObject* args, PyObject* keywords) {
  const Py_ssize_t count = PyTuple_GET_SIZE(args);
  if (size_t(count) > d.fields.size()) too_many(d, count);
  std::vector<nn::Value> values;
  std::vector<bool> given(d.fields.size());
  for (const nn::Field& field : d.fields) values.push_back(field.default_value);
  for (Py_ssize_t i = 0; i < count; ++i) {
    values[size_t(i)] = argument(d, d.fields[size_t(i)], PyTuple_GET_ITEM(args, i));
    given[size_t(i)] = true;
  }
  PyObject *key, *value;
  for (Py_ssize_t at = 0; keywords && PyDict_Next(keywords, &at, &key, &value);) {
    const std::string name = text_of(key);
    const nn::Field* field = d.find(name);
    if (!field) {
      std::vector<std::string> known;
      for (const nn::Field& f : d.fields) known.push_back(f.name);
      refuse(str(d.name, ".__init__() got an unexpected keyword argument '", name, "'", did_you_mean(name, known)));
    }
    const auto i = size_t(field - d.fields.data());
    if (given[i]) refuse(str(d.name, ".__init__() got multiple values for argument '", name, "'"));
    values[i] = argument(d, *field, value);
    given[i] = true;
  }
  require_all(d, given);
  return values;
}

bool overrides_reset(PyObject* self) {
  PyObject* reset = _PyType_Lookup(Py_TYPE(self), names.reset_parameters);
  return reset && PyFunction_Check(reset);
}

}  // namespace

int initialize_layer(PyObject* self, PyObject* args, PyObject* keywords, const nn::Declaration& declaration) {
  return guarded_int([&] {
    const std::vector<nn::Value> values = arguments(declaration, args, keywords);
    const bool own_reset =
        overrides_reset(self);  // which C++ constructors cannot call: nothing is drawn, then it is called
    {
      std::optional<nn::SkipInitialization> skip;
      if (own_reset) skip.emplace();
      install(self, std::unique_ptr<nn::Module>(declaration.construct(values)));
    }
    if (own_reset) nb::handle(self).attr("reset_parameters")();
  });
}

// ---- attributes ----------------------------------------------------------------------------------------------------

namespace {

struct FieldAttribute {
  const nn::Declaration* declaration;
  const nn::Field* field;
  PyObject* name;
};

// A subclass that does without the layer's own __init__ keeps what it sets in its __dict__.
bool has_field(PyObject* self, const FieldAttribute& a) {
  return module_of(self) && module_of(self)->declaration() == a.declaration;
}

PyObject* get_field(PyObject* self, void* closure) {
  const auto& a = *static_cast<FieldAttribute*>(closure);
  return guarded([&]() -> PyObject* {
    nn::Module* module = module_of(self);  // Linear's bias: the argument asks for a parameter of that name
    const nn::TensorSlot* slot = module ? find_tensor(*module, a.name) : nullptr;
    const bool deleted = slot && slot->kind == nn::TensorSlot::Kind::Absent;
    if (slot && !deleted) return wrap(*slot->value);
    PyObject* dict = as_module(self)->dict;
    if (PyObject* own = dict ? PyDict_GetItemWithError(dict, a.name) : nullptr) return Py_NewRef(own);
    if (PyErr_Occurred()) return nullptr;
    if (has_field(self, a) && !deleted) return object_from(a.field->get(*module_of(self))).release().ptr();
    return PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%U'", short_name(Py_TYPE(self)), a.name);
  });
}

int set_field(PyObject* self, PyObject* value, void* closure) {
  const auto& a = *static_cast<FieldAttribute*>(closure);
  return guarded_int([&] {
    if (!value) {
      drop_plain(self, a.name);
    } else if (!has_field(self, a)) {
      const nb::object dict = checked(PyObject_GenericGetDict(self, nullptr));
      dict[nb::handle(a.name)] = nb::handle(value);
    } else if (a.field->set) {
      const nn::Value converted = argument(*a.declaration, *a.field, value);
      naming(*a.declaration, *a.field, [&] { a.field->set(*module_of(self), converted); });
    } else {
      throw nb::attribute_error(str(a.declaration->name, ".", a.field->name, " cannot be changed").c_str());
    }
  });
}

void add_attributes(PyTypeObject* type, const nn::Declaration& declaration) {
  for (const nn::Field& field : declaration.fields) {
    if (field.name == "device" || field.name == "dtype") continue;  // of the constructor only, as in PyTorch
    auto* closure = new FieldAttribute{&declaration, &field,
                                       PyUnicode_InternFromString(field.name.c_str())};  // lives with the type
    auto* def = new PyGetSetDef{field.name.c_str(), get_field, set_field, field.doc.c_str(), closure};
    nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), field.name.c_str(),
                checked(PyDescr_NewGetSet(type, def)));
  }
}

}  // namespace

PyTypeObject* new_layer_type(nb::module_& m, const nn::Declaration& declaration, initproc init, PyTypeObject* base) {
  PyTypeObject* type =
      new_layer_type(m, declaration.name.c_str(), layer_doc(declaration), init, &declaration, nullptr, base);
  add_attributes(type, declaration);
  return type;
}

std::string layer_doc(const nn::Declaration& d) {
  std::string signature, list;
  for (const nn::Field& field : d.fields) {
    const std::string value = field.required ? "" : nn::text(field.default_value);
    signature += str(signature.empty() ? "" : ", ", field.name, field.required ? "" : "=" + value);
    list +=
        str("    ", field.name, " (", field.type, field.required ? "" : ", default " + value, "): ", field.doc, "\n");
  }
  std::string doc = str(d.name, "(", signature, ")\n--\n\n", d.formula, "\n");
  if (!d.notes.empty()) doc += str("\n", d.notes, "\n");
  if (!list.empty()) doc += str("\nArguments:\n", list);
  if (!d.shape.empty()) doc += str("\nShape: ", d.shape, "\n");
  if (!d.source.empty()) doc += str("\nSource: ", d.source, "\n");
  return doc;
}

}  // namespace lamina::python

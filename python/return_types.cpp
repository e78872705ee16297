#include "python/return_types.h"

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "python/errors.h"

namespace lamina::python {

namespace {

// "torch.return_types.max(\nvalues=tensor(…),\nindices=tensor(…))", as PyTorch prints it
PyObject* repr(PyObject* self) {
  return guarded([&] {
    const std::string full = Py_TYPE(self)->tp_name;
    const nb::tuple fields =
        nb::borrow<nb::tuple>(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(self))).attr("__match_args__"));
    std::string text = "torch.return_types." + full.substr(full.rfind('.') + 1) + "(\n";
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i)
      text += std::string(i ? ",\n" : "") + nb::cast<std::string>(fields[size_t(i)]) + "=" +
              nb::repr(nb::handle(PyTuple_GET_ITEM(self, i))).c_str();
    return PyUnicode_FromString((text + ")").c_str());
  });
}

PyTypeObject* type_of(const char* name, std::initializer_list<std::pair<const char*, Tensor>> results) {
  static std::unordered_map<std::string, PyTypeObject*> types;
  PyTypeObject*& type = types[name];
  if (type) return type;
  static std::list<std::string> names;  // the types keep pointers into them
  std::vector<PyStructSequence_Field> fields;
  for (const auto& [field, value] : results) fields.push_back({field, nullptr});
  fields.push_back({nullptr, nullptr});
  PyStructSequence_Desc description{names.emplace_back(std::string("lamina.return_types.") + name).c_str(), nullptr,
                                    fields.data(), int(results.size())};
  type = PyStructSequence_NewType(&description);
  if (!type) throw nb::python_error();
  type->tp_repr = repr;
  type->tp_str = repr;
  return type;
}

}  // namespace

nb::object return_type(const char* name, std::initializer_list<std::pair<const char*, Tensor>> results) {
  nb::object made = checked(PyStructSequence_New(type_of(name, results)));
  Py_ssize_t i = 0;
  for (const auto& [field, value] : results)
    PyStructSequence_SET_ITEM(made.ptr(), i++, checked(wrap(value)).release().ptr());
  return made;
}

}  // namespace lamina::python

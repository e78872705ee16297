// A layer's Python class from its declaration: one line a layer in layers.cpp.
//   bind_layer<nn::LinearImpl>(m);
//   bind_layer<nn::LSTMImpl>(m, [](nn::LSTMImpl& self, const Tensor& input, …) { … }, "input"_a, "hx"_a = nb::none());
// The class has __init__ with the declaration's arguments, a docstring and signature, and an attribute for each argument.
#pragma once
#include "python/casters.h"
#include "python/errors.h"
#include "python/module_type.h"

namespace lamina::python {

/// Any Python object that may be an argument of a layer as a Value; TypeError for another.
nn::Value value_from(nb::handle object);
/// Tuples for sizes.
nb::object object_from(const nn::Value& value);

/// The __init__ of a layer.
int initialize_layer(PyObject* self, PyObject* args, PyObject* keywords, const nn::Declaration& declaration);
/// The class with its docstring and attributes, but without forward; a subclass of Module, or of another layer's class.
PyTypeObject* new_layer_type(nb::module_& m, const nn::Declaration& declaration, initproc init,
                             PyTypeObject* base = nullptr);
/// The class's docstring: a text signature for inspect, formula, arguments, shape, source.
std::string layer_doc(const nn::Declaration& declaration);

template <class L>
PyTypeObject* new_layer_type(nb::module_& m, PyTypeObject* base = nullptr) {
  PyTypeObject* type = new_layer_type(
      m, L::declared(),
      [](PyObject* self, PyObject* args, PyObject* keywords) {
        return initialize_layer(self, args, keywords, L::declared());
      },
      base);
  if constexpr (!std::is_same_v<decltype(&L::reset_parameters), void (nn::Module::*)()>)
    method(
        type, "reset_parameters", [](L& self) { self.reset_parameters(); },
        "Draws the parameters anew, as the constructor does.");
  return type;
}

template <class L>
void bind_forward(PyTypeObject* type) {
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  const auto forward = [](L& self, const Tensor& input) { return self.forward(input); };
  set_forward(type,
              nb::cpp_function(forward, nb::name("forward"), nb::scope(cls), nb::is_method(),
                               L::declared().shape.c_str(), nb::arg("input")),
              true);
}

/// A layer whose forward takes one tensor.
template <class L>
PyTypeObject* bind_layer(nb::module_& m) {
  PyTypeObject* type = new_layer_type<L>(m);
  bind_forward<L>(type);
  return type;
}

/// A layer whose forward takes other arguments: `forward(L&, …)` and their names.
template <class L, class F, class... Arguments>
PyTypeObject* bind_layer(nb::module_& m, F forward, const Arguments&... arguments) {
  PyTypeObject* type = new_layer_type<L>(m);
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  set_forward(type,
              nb::cpp_function(forward, nb::name("forward"), nb::scope(cls), nb::is_method(),
                               L::declared().shape.c_str(), arguments...),
              false);
  return type;
}

}  // namespace lamina::python

// nn.Sequential in Python: a call passes any object on, not only a tensor, since Python layers may return what they like.
#include "lamina/nn/container.h"

#include "lamina/core/text.h"
#include "python/casters.h"
#include "python/containers.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

nn::ModuleRef module_argument(nb::handle o) {
  if (is_module(o.ptr())) return ref_of(o.ptr());
  PyErr_Format(PyExc_TypeError, "%s is not a Module subclass", Py_TYPE(o.ptr())->tp_name);
  throw nb::python_error();
}

int initialize(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_int([&] {
    if (keywords && PyDict_GET_SIZE(keywords))
      throw nb::type_error("Sequential takes its modules by position, or one OrderedDict");
    install(self, std::make_unique<nn::SequentialImpl>());
    nn::Module& module = *module_of(self);
    const nb::tuple modules = nb::borrow<nb::tuple>(args);
    if (nb::len(modules) == 1 && PyDict_Check(nb::object(modules[0]).ptr())) {
      for (auto [name, child] : nb::borrow<nb::dict>(modules[0]))
        module.register_module(nb::cast<std::string>(name), module_argument(child));
      return;
    }
    size_t i = 0;
    for (nb::handle child : modules) module.register_module(std::to_string(i++), module_argument(child));
  });
}

// Tensors stay C++ handles between layers that take and give one tensor; anything else goes through Python.
PyObject* call(PyObject* self, PyObject* input) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = *module_of(self);
    nb::object object = nb::borrow(input);
    Tensor tensor = is_tensor(input) ? tensor_of(input) : Tensor();
    for (size_t i = 0; i < module.child_slots().size(); ++i) {  // by position: a child may change the container
      const nn::ModuleRef child = module.child_slots()[i].module;
      const nb::object python_child = checked(wrap(child));
      if (tensor.defined() && child) {
        const LayerType* layer = as_module(python_child.ptr())->layer;
        if (layer->forward && !layer->call && !child->foreign_forward &&
            _PyType_Lookup(Py_TYPE(python_child.ptr()), names.forward) == layer->forward) {  // not a patched class
          tensor = (*child)(tensor);
          object.reset();
          continue;
        }
      }
      if (!object.is_valid()) object = checked(wrap(tensor));
      object = python_child(object);
      tensor = is_tensor(object.ptr()) ? tensor_of(object.ptr()) : Tensor();
    }
    return object.is_valid() ? object.release().ptr() : wrap(tensor);
  });
}

nb::object get_item(Self self, nb::object index) {
  const nn::NamedModules entries = entries_of(*self);
  if (!PySlice_Check(index.ptr())) return checked(wrap(entries[position(index, entries.size(), "")].second));
  const auto [start, stop, step, length] = nb::borrow<nb::slice>(index).compute(entries.size());
  nb::dict chosen;
  for (size_t i = 0; i < length; ++i) {
    const auto& [name, child] = entries[size_t(start + Py_ssize_t(i) * step)];
    chosen[name.c_str()] = checked(wrap(child));
  }
  return self.borrowed().type()(nb::module_::import_("collections").attr("OrderedDict")(chosen));
}

bool is_sequential(nb::handle o) { return is_module(o.ptr()) && dynamic_cast<nn::SequentialImpl*>(module_of(o.ptr())); }

nb::object joined(Self self, nb::object other) {
  if (!is_sequential(other))
    throw nb::type_error(str("add operator supports only objects of Sequential class, but ",
                             nb::cast<std::string>(nb::str(other.type())), " is given.")
                             .c_str());
  nb::object out = nb::handle(reinterpret_cast<PyObject*>(layer_type_of(Py_TYPE(self.object)).type))();
  out.attr("extend")(self.borrowed());
  out.attr("extend")(other);
  return out;
}

nb::object repeated(Self self, Py_ssize_t times) {
  if (times <= 0)
    throw nb::value_error(
        str("Non-positive multiplication factor ", times, " for <class 'lamina.nn.Sequential'>").c_str());
  nb::object out = nb::handle(reinterpret_cast<PyObject*>(layer_type_of(Py_TYPE(self.object)).type))();
  for (Py_ssize_t i = 0; i < times; ++i) out.attr("extend")(self.borrowed());
  return out;
}

nb::object repeat_in_place(Self self, Py_ssize_t times) {
  if (times <= 0)
    throw nb::value_error(
        str("Non-positive multiplication factor ", times, " for <class 'lamina.nn.Sequential'>").c_str());
  const std::vector<nn::ModuleRef> once = modules_of(*self);
  for (Py_ssize_t i = 1; i < times; ++i)
    for (const nn::ModuleRef& child : once) self->register_module(std::to_string(self->child_slots().size()), child);
  return self.borrowed();
}

const char doc[] =
    "Sequential(*modules)\n--\n\n"
    "Calls its modules one after another, each with the output of the one before.\n\n"
    "    nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))\n"
    "    nn.Sequential(OrderedDict(fc=nn.Linear(784, 10)))\n\n"
    "Source: torch.nn.Sequential";

}  // namespace

void bind_sequential(nb::module_& m) {
  PyTypeObject* type =
      new_layer_type(m, "Sequential", doc, initialize, nullptr, []() -> nn::Module* { return new nn::SequentialImpl; });
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  const auto forward = [](Self self, nb::object input) {
    initialized(self.object);
    return checked(call(self.object, input.ptr()));
  };
  set_forward(type,
              nb::cpp_function(forward, nb::name("forward"), nb::scope(cls), nb::is_method(), nb::arg("input").none()),
              true, call);
  bind_list_methods(type);
  method(type, "__getitem__", get_item);
  method(type, "__add__", joined);
  method(type, "__mul__", repeated);
  method(type, "__rmul__", repeated);
  method(type, "__imul__", repeat_in_place);
}

}  // namespace lamina::python

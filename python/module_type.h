// The Python type lamina.nn.Module: a hand-written heap type, of which every layer is an empty subclass with the same
// object layout, so that Python classes combine them with ABC, Generic, mixins and two bases as they do with PyTorch's.
// A module has one Python object for life: from the first sight on, every C++ reference is a reference to that object
// (core/object.h), so the garbage collector's counts are exact. Parameters, buffers and children live in the C++ tables.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <string>
#include <vector>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::python {
namespace nb = nanobind;

struct LayerType;
struct ModuleExtras;  // module_hooks.h: what only few modules have

struct PyModule {
  PyObject_HEAD nn::Module* module;  // null before Module.__init__
  PyObject* dict;                    // plain attributes; null until the first
  PyObject* weak_references;
  const LayerType* layer;  // of the C++ module's class
  ModuleExtras* extras;    // null until the first
};

/// A layer's Python type, by which modules made in C++ are wrapped and copies are built.
struct LayerType {
  std::string name;  // of the C++ class: Module::name()
  PyTypeObject* type;
  const nn::Declaration* declaration = nullptr;  // null for containers
  nn::Module* (*construct)() = nullptr;          // of a container
  // The class's own `forward`, when a call with one tensor may go to the C++ forward(const Tensor&) at once; else null.
  PyObject* forward = nullptr;
  PyObject* (*call)(PyObject* self, PyObject* input) = nullptr;  // what to call instead of the C++ forward
};

extern PyTypeObject* ModuleType;

/// Names that are looked up in every call or assignment, interned.
struct ModuleNames { PyObject *forward, *train, *reset_parameters, *extra_repr; };
extern ModuleNames names;

/// A class's name without its module's: "Linear".
const char* short_name(const PyTypeObject* type);
inline PyModule* as_module(PyObject* o) { return reinterpret_cast<PyModule*>(o); }
inline bool is_module(PyObject* o) { return PyObject_TypeCheck(o, ModuleType); }
/// The C++ module of a Python one; null before Module.__init__. The caller has checked is_module().
inline nn::Module* module_of(PyObject* o) { return as_module(o)->module; }
/// The same, or AttributeError when Module.__init__ has not run.
nn::Module& initialized(PyObject* o);
/// A counted handle to what must be an initialised module: TypeError otherwise.
nn::ModuleRef ref_of(PyObject* o);

/// The Python object of a module, a new reference: one for life. None for null; null with a Python error set.
PyObject* wrap(const nn::ModuleRef& module);

/// The end of every __init__: `self` owns `module` from now on.
void install(PyObject* self, std::unique_ptr<nn::Module> module);
/// Whether C++ callers must call the Python object: its class or the object has a forward of its own, or hooks.
void choose_forward(PyObject* self);
/// Forgets parameters, buffers and children, as a second Module.__init__ does.
void clear_tables(nn::Module& module);

/// A new subclass of Module, or of another layer's class. `doc` may start with a text signature.
PyTypeObject* new_layer_type(nb::module_& m, const char* name, const std::string& doc, initproc init,
                             const nn::Declaration* declaration, nn::Module* (*construct)(),
                             PyTypeObject* base = nullptr);
/// Sets the layer's own forward. `takes_one_tensor`: a call with one tensor goes to the C++ forward(const Tensor&), or to
/// `call`, without a look at this function.
void set_forward(PyTypeObject* type, nb::object forward, bool takes_one_tensor,
                 PyObject* (*call)(PyObject*, PyObject*) = nullptr);
/// The type of a C++ module: its layer's, or Module.
const LayerType& layer_type_of(const nn::Module& module);
/// The first C++ layer or container among a class's bases, or Module.
const LayerType& layer_type_of(PyTypeObject* type);

void create_module_type(nb::module_& m);

/// Binds a function as a method of a type that nanobind has not made.
template <class F, class... Extra>
void method(PyTypeObject* type, const char* name, F&& f, const Extra&... extra) {
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  nb::setattr(cls, name,
              nb::cpp_function(std::forward<F>(f), nb::name(name), nb::scope(cls), nb::is_method(), extra...));
}

/// What a method that wants the Python object takes as its self.
struct Self {
  PyObject* object;
  nn::Module& operator*() const { return initialized(object); }
  nn::Module* operator->() const { return &initialized(object); }
  operator nb::handle() const { return object; }
  nb::object borrowed() const { return nb::borrow(object); }
};

}  // namespace lamina::python

namespace nanobind::detail {

template <>
struct type_caster<lamina::python::Self> {
  static constexpr auto Name = const_name("lamina.nn.Module");
  template <typename T>
  using Cast = lamina::python::Self;
  lamina::python::Self value{};

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    value.object = source.ptr();
    return lamina::python::is_module(source.ptr());
  }
  template <typename T>
  static constexpr bool can_cast() {
    return true;
  }
  explicit operator lamina::python::Self() { return value; }
};

template <class M>
struct type_caster<lamina::Ref<M>, enable_if_t<std::is_base_of_v<lamina::nn::Module, M>>> {
  NB_TYPE_CASTER(lamina::Ref<M>, const_name("lamina.nn.Module"))

  bool from_python(handle source, uint32_t flags, cleanup_list*) noexcept {
    value = nullptr;
    if (source.is_none()) return !(flags & uint32_t(cast_flags::none_disallowed));
    if (!lamina::python::is_module(source.ptr())) return false;
    auto* module = dynamic_cast<M*>(lamina::python::module_of(source.ptr()));
    if (module) value = lamina::Ref<M>(module);
    return module != nullptr;
  }
  static handle from_cpp(const lamina::Ref<M>& module, rv_policy, cleanup_list*) noexcept {
    return lamina::python::wrap(lamina::nn::ModuleRef(module));
  }
};

/// A layer as the self of its bound forward. The module is borrowed from the Python object that is being called.
template <class M>
struct type_caster<M, enable_if_t<std::is_base_of_v<lamina::nn::Module, M>>> {
  static constexpr auto Name = const_name("lamina.nn.Module");
  template <typename T>
  using Cast = M&;
  M* module = nullptr;

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    if (!lamina::python::is_module(source.ptr())) return false;
    module = dynamic_cast<M*>(lamina::python::module_of(source.ptr()));
    return module != nullptr;
  }
  template <typename T>
  static constexpr bool can_cast() {
    return true;
  }
  explicit operator M&() { return *module; }
};

}  // namespace nanobind::detail

// Binds an operation as a function of `lamina` and as a method of Tensor at once, with a typed signature for the stubs.
//   Op op{m};
//   op("sum", &ops::sum, "The sum over dim.", "input"_a, "dim"_a = nb::none(), "keepdim"_a = false);
//   op.method("add_", &ops::add_, "…", "other"_a, "alpha"_a = 1);
//   op.function("cat", &ops::cat, "…", "tensors"_a, "dim"_a = 0);
#pragma once
#include <list>
#include <string>

#include "lamina/core/error.h"
#include "python/casters.h"
#include "python/errors.h"

namespace lamina::python {

/// f itself, but an Error that escapes learns the function's name: "linear: bias (5,) must be (4,)".
template <class R, class... A>
auto named(const char* name, R (*f)(A...)) {
  return [name, f](A... arguments) -> R {
    try {
      return f(std::forward<A>(arguments)...);
    } catch (lamina::Error& e) {
      e.in_layer(name, nullptr);
      throw;
    }
  };
}
template <class F>
auto named(const char* name, F f) {
  if constexpr (requires { +f; }) return named(name, +f);  // a lambda without captures
  else return f;                                           // one with captures says who it is where that matters
}

/// A name that was put together, for as long as the process lives.
inline const char* kept(std::string name) {
  static std::list<std::string> names;
  return names.emplace_back(std::move(name)).c_str();
}

struct Op {
  nb::module_& m;

  /// `first` names the argument that is self in the method.
  template <class F, class... Rest>
  void operator()(const char* name, F f, const char* doc, const nb::arg& first, const Rest&... rest) const {
    function(name, f, doc, first, rest...);
    method(name, f, doc, rest...);
  }
  template <class F, class... Arguments>
  void function(const char* name, F f, const char* doc, const Arguments&... arguments) const {
    m.def(name, named(name, f), doc, arguments...);
  }
  template <class F, class... Arguments>
  void method(const char* name, F f, const char* doc, const Arguments&... arguments) const {
    const nb::handle type(reinterpret_cast<PyObject*>(TensorType));
    nb::setattr(type, name,
                nb::cpp_function(named(name, f), nb::name(name), nb::scope(type), nb::is_method(), doc, arguments...));
  }

  /// f(x, sizes): as a function with one sequence, as a method also with the sizes one by one: x.view(2, 3).
  template <class F>
  void with_sizes(const char* name, F f, const char* doc, const char* sizes) const {
    function(name, f, doc, nb::arg("input"), nb::arg(sizes));
    method_with_sizes(name, f, doc, sizes);
  }
  template <class F>
  void method_with_sizes(const char* name, F f, const char* doc, const char* sizes) const {
    const char* what = kept(std::string(name) + "(): " + sizes);
    method(
        name,
        [f, what](const Tensor& self, nb::args given) {
          return f(self, shape_of_arguments(&PyTuple_GET_ITEM(given.ptr(), 0), PyTuple_GET_SIZE(given.ptr()), what));
        },
        doc, nb::arg(sizes));
    method(name, f, doc, nb::arg(sizes));  // the sizes by keyword
  }
};

}  // namespace lamina::python

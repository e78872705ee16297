// Results written into a tensor that the caller gives: lamina.add(a, b, out=c).
//   const OutOp op{m};  op("exp", &ops::exp, "eˣ", "input"_a);   // exp(input), exp(input, out=y), input.exp()
#pragma once
#include <cstring>

#include "python/binding.h"

namespace lamina::python {

/// Copies result into out, which takes result's shape, and returns out. Error where a gradient is asked for, DTypeError when
/// out's type is of a lower category.
Tensor write_out(const Tensor& result, const Tensor& out);

/// An Op whose functions that return one tensor take `out` too, in a second overload: the first one pays nothing for it.
struct OutOp : Op {
  template <class F, class... Rest>
  void operator()(const char* name, F f, const char* doc, const nb::arg& first, const Rest&... rest) const {
    Op::operator()(name, f, doc, first, rest...);
    with_out(name, f, doc, first, rest...);
  }
  template <class F, class... Arguments>
  void function(const char* name, F f, const char* doc, const Arguments&... arguments) const {
    Op::function(name, f, doc, arguments...);
    with_out(name, f, doc, arguments...);
  }

 private:
  template <class R, class... A, class... Arguments>
  void with_out(const char* name, R (*f)(A...), const char* doc, const Arguments&... arguments) const {
    if constexpr (std::is_same_v<std::remove_cvref_t<R>, Tensor> && sizeof...(A) > 0) {
      if (name[std::strlen(name) - 1] == '_') return;  // in place
      const auto g = [call = named(name, f)](A... given, const Tensor& out) -> Tensor {
        return write_out(call(std::forward<A>(given)...), out);
      };
      if constexpr ((std::is_same_v<Arguments, nb::kw_only> || ...)) m.def(name, g, doc, arguments..., nb::arg("out"));
      else m.def(name, g, doc, arguments..., nb::kw_only(), nb::arg("out"));
    }
  }
  template <class F, class... Arguments>
  void with_out(const char* name, F f, const char* doc, const Arguments&... arguments) const {
    if constexpr (requires { +f; }) with_out(name, +f, doc, arguments...);
  }
};

}  // namespace lamina::python

// Puts the Python type Module together.
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/casters.h"
#include "python/errors.h"
#include "python/module_parts.h"

namespace lamina::python {

namespace {

// What a class without a forward inherits. C++ classes that have no Python type of their own come through here too.
Tensor forward(Self self, nb::args args, nb::kwargs keywords) {
  if (nb::len(args) == 1 && nb::len(keywords) == 0 && is_tensor(nb::object(args[0]).ptr()))
    return self->forward(tensor_of(nb::object(args[0]).ptr()));
  throw NotImplementedError(str("Module [", self->display_name(), "] is missing the required \"forward\" function"));
}

}  // namespace

void bind_module(nb::module_& m) {
  create_module_type(m);
  const nb::handle type(reinterpret_cast<PyObject*>(ModuleType));
  set_forward(ModuleType,
              nb::cpp_function(forward, nb::name("forward"), nb::scope(type), nb::is_method(),
                               "Computes the output; override it in your own class."),
              true);
  bind_tables(m);
  bind_registration();
  bind_walking();
  bind_modes();
  bind_repr();
  bind_hooks();
  bind_global_hooks(m);
  bind_state(m);
  bind_copying(m);
}

}  // namespace lamina::python

// Hooks on tensors and gradients kept in the middle of the graph: x.register_hook, x.retain_grad, …
#include "lamina/core/error.h"
#include "lamina/graph/hooks.h"
#include "python/binding.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

nb::object removable_handle(nb::handle table) {
  return nb::module_::import_("lamina.utils.hooks").attr("RemovableHandle")(table);
}

nb::object ordered_dict() { return nb::module_::import_("collections").attr("OrderedDict")(); }

Tensor replaced(nb::handle table, Tensor gradient) {
  const nb::list hooks(table.attr("values")());
  for (nb::handle hook : hooks) {
    const nb::object result = hook(checked(wrap(gradient)));
    if (result.is_none()) continue;
    if (!is_tensor(result.ptr())) {
      PyErr_Format(PyExc_TypeError, "hook must return None or a Tensor, got %.200s", Py_TYPE(result.ptr())->tp_name);
      throw nb::python_error();
    }
    gradient = tensor_of(result.ptr());
  }
  return gradient;
}

// A leaf's hooks stand in its own __dict__, where the collector finds them; C++ knows only that there are some. The
// Python object lives as long as the tensor, so it may be reached through the tensor without a count.
nb::object table_of(const TensorImpl* leaf, const char* name) {
  const nb::handle object(static_cast<PyObject*>(leaf->foreign_object));
  return nb::getattr(object, name, nb::none());
}

nb::object own_table(nb::handle self, const char* name, const std::function<void()>& announce) {
  nb::object table = table_of(tensor_of(self.ptr()).impl(), name);
  if (!table.is_none()) return table;
  announce();
  table = ordered_dict();
  nb::setattr(self, name, table);
  return table;
}

nb::object added(nb::handle table, nb::handle hook) {
  nb::object handle = removable_handle(table);
  table[handle.attr("id")] = hook;
  return handle;
}

nb::object register_gradient_hook(nb::handle self, nb::object hook) {
  const Tensor& t = tensor_of(self.ptr());
  if (t.is_leaf()) {
    const TensorImpl* leaf = t.impl();
    return added(own_table(self, "_backward_hooks",
                           [&] {
                             register_hook(t, [leaf](const Tensor& gradient) {
                               const nb::gil_scoped_acquire lock;
                               const nb::object table = table_of(leaf, "_backward_hooks");
                               return table.is_none() ? gradient : replaced(table, gradient);
                             });
                           }),
                 hook);
  }
  const nb::object table = ordered_dict();
  const std::shared_ptr<PyObject> kept(nb::object(table).release().ptr(), [](PyObject* o) { foreign.dec(o); });
  register_hook(t, [kept](const Tensor& gradient) {
    const nb::gil_scoped_acquire lock;
    return replaced(kept.get(), gradient);
  });
  return added(table, hook);
}

nb::object register_accumulated_hook(nb::handle self, nb::object hook) {
  const Tensor& t = tensor_of(self.ptr());
  const char* const name = "_post_accumulate_grad_hooks";
  return added(own_table(self, name,
                         [&] {
                           register_post_accumulate_grad_hook(t, [name](const Tensor& leaf) {
                             const nb::gil_scoped_acquire lock;
                             const nb::object table = table_of(leaf.impl(), name);
                             if (table.is_none()) return;
                             const nb::list hooks(table.attr("values")());
                             const nb::object object = checked(wrap(leaf));
                             for (nb::handle one : hooks) one(object);
                           });
                         }),
               hook);
}

PyObject* get_retains_grad(PyObject* self, void*) { return PyBool_FromLong(retains_grad(tensor_of(self))); }
PyGetSetDef retains_grad_property{"retains_grad", get_retains_grad, nullptr,
                                  "Whether backward sets .grad of this tensor, which is no leaf.", nullptr};

}  // namespace

void add_hooks(nb::module_& m) {
  const Op op{m};
  op.method(
      "register_hook", register_gradient_hook,
      "Calls hook(grad) whenever the gradient of this tensor has been computed; a tensor that it returns takes the "
      "gradient's place.",
      "hook"_a);
  op.method("register_post_accumulate_grad_hook", register_accumulated_hook,
            "Calls hook(tensor) whenever a backward has added to .grad of this leaf.", "hook"_a);
  op.method(
      "retain_grad", [](const Tensor& self) { retain_grad(self); },
      "Makes backward set .grad of this tensor, which is no leaf.");
  nb::setattr(reinterpret_cast<PyObject*>(TensorType), "retains_grad",
              checked(PyDescr_NewGetSet(TensorType, &retains_grad_property)));
}

}  // namespace lamina::python

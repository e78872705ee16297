#include "python/module_call.h"

#include <array>
#include <optional>

#include "lamina/core/text.h"
#include "python/errors.h"
#include "python/module_backward_hooks.h"
#include "python/module_failure.h"
#include "python/module_global_hooks.h"
#include "python/tensor_type.h"

namespace lamina::python {

namespace {

// f(self, *args, **keywords) without a bound method. f is a function or another descriptor of methods.
PyObject* call_with_self(PyObject* f, PyObject* self, PyObject* args, PyObject* keywords) {
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  constexpr Py_ssize_t kOnStack = 8;
  if (!keywords && n <= kOnStack) {
    std::array<PyObject*, kOnStack + 2> stack;  // the first is free for the callee's use
    stack[1] = self;
    for (Py_ssize_t i = 0; i < n; ++i) stack[size_t(i) + 2] = PyTuple_GET_ITEM(args, i);
    return PyObject_Vectorcall(f, stack.data() + 1, size_t(n + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  }
  const nb::object all = nb::steal(PyTuple_New(n + 1));
  if (!all.is_valid()) return nullptr;
  PyTuple_SET_ITEM(all.ptr(), 0, Py_NewRef(self));
  for (Py_ssize_t i = 0; i < n; ++i) PyTuple_SET_ITEM(all.ptr(), i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
  return PyObject_Call(f, all.ptr(), keywords);
}

PyObject* call_forward(PyObject* self, PyObject* args, PyObject* keywords) {
  const PyModule* o = as_module(self);
  if (o->dict && PyDict_GET_SIZE(o->dict))
    if (PyObject* own = PyDict_GetItemWithError(o->dict, names.forward))
      return PyObject_Call(nb::borrow(own).ptr(), args, keywords);
  PyObject* forward = _PyType_Lookup(Py_TYPE(self), names.forward);
  if (forward == o->layer->forward && !keywords && PyTuple_GET_SIZE(args) == 1) {
    PyObject* input = PyTuple_GET_ITEM(args, 0);
    if (o->layer->call) return o->layer->call(self, input);
    if (is_tensor(input)) return guarded([&] { return wrap(o->module->forward(tensor_of(input))); });
  }
  if (forward && PyType_HasFeature(Py_TYPE(forward), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
    const nb::object keep = nb::borrow(forward);
    return call_with_self(forward, self, args, keywords);
  }
  const nb::object bound = nb::steal(PyObject_GetAttr(self, names.forward));  // a staticmethod, a partial, a property
  return bound.is_valid() ? PyObject_Call(bound.ptr(), args, keywords) : nullptr;
}

// ---- a call with hooks ---------------------------------------------------------------------------------------------

struct HookedCall {
  PyObject* self;
  nb::object args, keywords;
  nb::object result = nb::none();
  nb::set ran;  // ids of the always-called hooks that have run

  void run_pre_hooks() {
    for (nb::handle entry : hook_entries(self, HookTable::ForwardPre)) {
      const nb::object id = entry[0], hook = entry[1];
      if (is_marked(self, HookTable::ForwardPreWithKwargs, id)) {
        const nb::object changed = hook(nb::handle(self), args, keywords);
        if (changed.is_none()) continue;
        if (!PyTuple_Check(changed.ptr()) || PyTuple_GET_SIZE(changed.ptr()) != 2) {
          PyErr_Format(PyExc_RuntimeError,
                       "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got %S.",
                       changed.ptr());
          throw nb::python_error();
        }
        args = changed[0];
        keywords = changed[1];
      } else {
        const nb::object changed = hook(nb::handle(self), args);
        if (!changed.is_none()) args = PyTuple_Check(changed.ptr()) ? changed : nb::make_tuple(changed);
      }
    }
  }

  void run_hook(nb::handle id, nb::handle hook) {
    const bool with_keywords = is_marked(self, HookTable::ForwardWithKwargs, id);
    const nb::object changed =
        with_keywords ? hook(nb::handle(self), args, keywords, result) : hook(nb::handle(self), args, result);
    if (!changed.is_none()) result = changed;
  }

  void run() {
    run_pre_hooks();
    std::optional<BackwardHooks> backward;
    if (BackwardHooks::wanted(self)) {
      backward.emplace(self);
      args = backward->input(args);
    }
    const bool empty = PyDict_GET_SIZE(keywords.ptr()) == 0;
    result = checked(call_forward(self, nb::tuple(args).ptr(), empty ? nullptr : keywords.ptr()));
    for (nb::handle entry : hook_entries(self, HookTable::Forward)) {
      if (is_marked(self, HookTable::ForwardAlwaysCalled, entry[0])) ran.add(entry[0]);
      run_hook(entry[0], entry[1]);
    }
    if (backward) result = backward->output(result);
  }

  // After a failure: hooks registered with always_call that have not run. Their own errors become warnings.
  void run_remaining() noexcept {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    try {
      for (nb::handle entry : hook_entries(self, HookTable::Forward)) {
        if (!is_marked(self, HookTable::ForwardAlwaysCalled, entry[0]) || ran.contains(entry[0])) continue;
        try {
          run_hook(entry[0], entry[1]);
        } catch (nb::python_error& e) {
          PyErr_WarnFormat(PyExc_UserWarning, 2,
                           "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                           "another error was "
                           "raised in forward: %S",
                           e.value().ptr());
        }
      }
    } catch (...) {
    }
    PyErr_Restore(type, value, traceback);
  }
};

PyObject* call_hooked(PyObject* self, PyObject* args, PyObject* keywords) {
  HookedCall call{self, nb::borrow(args), keywords ? nb::borrow(keywords) : nb::dict()};
  try {
    call.run();
    return call.result.release().ptr();
  } catch (...) {
    translate();
  }
  if (PyErr_ExceptionMatches(PyExc_Exception)) call.run_remaining();
  return nullptr;
}

}  // namespace

PyObject* module_call(PyObject* self, PyObject* args, PyObject* keywords) {
  nn::Module* module = module_of(self);
  if (!module) return guarded([&]() -> PyObject* { return initialized(self), nullptr; });
  if (Py_EnterRecursiveCall(" in a module's forward")) return nullptr;
  const nb::object keep = nb::borrow(self);
  PyObject* result = has_call_hooks(self) ? call_hooked(self, args, keywords) : call_forward(self, args, keywords);
  Py_LeaveRecursiveCall();
  if (!result) note_failure(*module);
  return result;
}

Tensor call_python(nn::Module& module, const Tensor& input) {
  const nb::gil_scoped_acquire lock;
  const nb::object object = checked(wrap(nn::ModuleRef(&module)));
  PyObject* self = object.ptr();
  const nb::object args = nb::make_tuple(checked(wrap(input)));
  const nb::object result = checked(Py_TYPE(self)->tp_call(self, args.ptr(), nullptr));
  if (is_tensor(result.ptr())) return tensor_of(result.ptr());
  throw DTypeError(
      str(module.display_name(), ".forward returned ", Py_TYPE(result.ptr())->tp_name, " where a Tensor is needed"),
      "Its caller, a C++ module such as Sequential, passes one tensor on to the next layer");
}

}  // namespace lamina::python

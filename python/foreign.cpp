// What the C++ library asks of Python: counts, the interpreter's lock, and whether the user pressed Ctrl-C.
#include "lamina/core/object.h"
#include "python/bind.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

// A count may change on a thread that does not hold the lock (a worker that drops a handle).
template <class F>
void with_lock(F&& f) noexcept {
  if (PyGILState_Check()) return f();
  if (!Py_IsInitialized()) return;  // static objects that die after the interpreter
  const PyGILState_STATE state = PyGILState_Ensure();
  f();
  PyGILState_Release(state);
}

}  // namespace

void install_foreign() {
  foreign.inc = [](void* object) noexcept { with_lock([&] { Py_INCREF(static_cast<PyObject*>(object)); }); };
  foreign.dec = [](void* object) noexcept { with_lock([&] { Py_DECREF(static_cast<PyObject*>(object)); }); };
  foreign.unlock = []() -> void* { return PyGILState_Check() ? PyEval_SaveThread() : nullptr; };
  foreign.lock = [](void* state) { PyEval_RestoreThread(static_cast<PyThreadState*>(state)); };
  foreign.check_signals = [] {
    bool interrupted = false;
    with_lock([&] { interrupted = PyErr_CheckSignals() != 0; });
    if (interrupted) throw nb::python_error();
  };
}

}  // namespace lamina::python
